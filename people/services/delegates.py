"""Delegates: an approver lets a colleague of the agency answer for some days, without the administrator."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.locking import locked

from ..enums import Role
from ..models import Agency, RoleGrant, User
from ..policies import in_force
from ..queries import delegated, delegations_by, snapshot_of
from .grants import write_end, write_grant
from .notify import notify

LONGEST = timedelta(days=366)
Obstacle = Callable[[User, Agency], str]
OBSTACLES: list[Obstacle] = []


def obstacle(test: Obstacle) -> Obstacle:
    """Register why another room's work keeps a person from being the delegate of an agency; no text: nothing does."""
    OBSTACLES.append(test)
    return test


def own_roles(person: User) -> QuerySet[RoleGrant]:
    """Return the person's own roles as approver now, those as somebody's delegate apart."""
    held = RoleGrant.objects.filter(in_force(), person=person, role=Role.SPONSOR)
    return held.exclude(delegated()).select_related("agency").order_by("pk")


def agencies_of(person: User) -> QuerySet[Agency]:
    """Return the agencies for which the person may name a delegate."""
    return Agency.objects.filter(pk__in=own_roles(person).values("agency"))


def name_delegate(
    *, by: User, agency: Agency, person: User, since: datetime | None, until: datetime, reason: str
) -> RoleGrant:
    """Let `person` agree for `agency` from `since` (now when None) until before `until`, at most a year.

    NotPossible for who is not an approver of the agency in person, for a period that outlasts their own role or is
    over, for oneself, for somebody whom the register does not place in the agency, and for whom another room names an
    obstacle. The delegate is told.
    """
    now = clock.now()
    since = max(since or now, now)
    by = User.objects.get(pk=by.pk)
    with locked([by, person]):
        own = own_roles(by).filter(agency=agency).first()
        if own is None:
            raise NotPossible("Only an approver of the agency, not a delegate, names one.", forbidden=True)
        if person == by:
            raise NotPossible("You answer yourself already. Name somebody else.")
        if not since < until <= since + LONGEST:
            raise NotPossible("A delegate answers for at least a day and at most a year.")
        if own.until is not None and until > own.until:
            raise NotPossible("Your own role ends before that day. Choose an earlier last day.")
        _refuse_stranger(person, agency)
        for test in OBSTACLES:
            if words := test(person, agency):
                raise NotPossible(words)
        note = reason.strip() or f"Delegate of {by.full_name}"
        grant = write_grant(by, person, Role.SPONSOR, agency, since, until, note)
    last = until - timedelta(minutes=1)
    notify(
        person=person, key=f"delegate:{grant.pk}", subject="You are named as a delegate",
        body=f"{by.full_name} named you to agree for {agency.name} from {_day(since)} to {_day(last)}. You are written "
        "to when a proposal was not answered in time; you can answer earlier too, under “My work”.",
        path="/",
    )  # fmt: skip
    return grant


def end_delegation(grant: RoleGrant, *, by: User) -> None:
    """End a delegation that `by` made, now or before it begins. NotPossible when it is over."""
    if not delegations_by(by).filter(pk=grant.pk).exists():
        raise NotPossible("This delegate was not named by you, or answers no more.", forbidden=True)
    write_end(grant, by, "Ended by the approver who named the delegate.")


def _refuse_stranger(person: User, agency: Agency) -> None:
    """Refuse whom the register places outside the agency and its parts."""
    post = snapshot_of(person)
    place = post.agency if post else None
    while place is not None and place != agency:
        place = place.parent
    if place is None:
        where = post.agency.name if post else "no agency"
        raise NotPossible(f"The register places {person.full_name} in {where}. A delegate works in {agency.name}.")


def _day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B %Y}"
