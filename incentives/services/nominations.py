"""Nominations: by oneself or one's line manager, through the HR committee to the RCSC, and what was granted."""

from datetime import date

from django.db import IntegrityError, transaction

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Role
from people.models import User
from people.queries import holders, snapshot_of
from people.services.calendar import add_business_days
from people.services.notify import notify

from ..enums import NominationState, Wish
from ..models import Nomination
from ..rules.calendar import cycle_of
from ..rules.counting import count
from .points import events_of
from .points_policy import PolicyOn, policy_on

BEFORE_COMMITTEE = (NominationState.SUBMITTED, NominationState.DEFERRED)


def nominate_oneself(*, by: User, wish: Wish, statement: str) -> Nomination:
    """Nominate oneself at one's present agency; one open nomination at a time."""
    return _begin(by, by=by, wish=wish, statement=statement)


def nominate_report(*, by: User, person: User, wish: Wish, statement: str) -> Nomination:
    """Nominate, as line manager by the register, a direct report, who is told at once and can withdraw it."""
    post = snapshot_of(person)
    if person == by or post is None or post.line_manager_id != by.pk:
        raise NotPossible("Only the line manager by the register nominates somebody else.", forbidden=True)
    row = _begin(person, by=by, wish=wish, statement=statement)
    notify(
        person=person, key=f"nominated:{row.pk}", subject="You were nominated",
        body=f"{by.full_name} nominated you. You can state another wish, or withdraw it.", path=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _begin(person: User, *, by: User, wish: Wish, statement: str) -> Nomination:
    post = snapshot_of(person)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    try:
        with transaction.atomic():
            row = Nomination.objects.create(
                person=person, agency=post.agency, wish=wish, statement=statement, created_at=clock.now(),
                nominated_by=None if by == person else by, **_days(clock.today()),
            )  # fmt: skip
            trail.record(row, action="nomination_written", by=by)
            return nominate(row, by=by)
    except IntegrityError:
        whose = "You already have" if by == person else f"{person.full_name} already has"
        raise NotPossible(f"{whose} a nomination on its way.") from None


def _days(day: date) -> dict[str, date | None]:
    """Return the cycle that a nomination of `day` is in time for, and the day by which the committee comments.

    Awards, leave and training need no points policy; without one there are no days.
    """
    try:
        rules = policy_on(day).rules
    except NotPossible:
        return {}
    cycle, rule = cycle_of(rules, day), rules.rules["E11"].on_day(day)
    return {
        "effective_on": cycle.effective_on if cycle else None,
        "comment_by": add_business_days(day, rule.params["comment_business_days"]),
    }


@act
def nominate(row: Nomination, *, by: User, note: str = "") -> Nomination:
    """Send it to the HR officers of the agency, who are told."""
    with changing(row, "submit") as fresh:
        fresh = perform(fresh, "submit", by=by, note=note)
        for officer in holders(Role.HR, fresh.agency).exclude(pk=fresh.person_id):
            notify(
                person=officer, key=f"nomination:{fresh.pk}:{officer.pk}", subject="A nomination waits for you",
                body=f"{fresh.person.full_name} · {fresh.person.employee_number}: {fresh.get_wish_display()}.",
                path=fresh.get_absolute_url(),
            )  # fmt: skip
        return fresh


def change_wish(row: Nomination, *, by: User, wish: Wish) -> Nomination:
    """State another wish, as the person, while the committee has not taken it up."""
    with changing(row, "bring_to_committee") as fresh:
        if fresh.person_id != by.pk:
            raise NotPossible("Only the person states the wish.", forbidden=True)
        if fresh.state not in BEFORE_COMMITTEE:
            raise NotPossible("The HR committee has taken it up; the wish can no longer be changed.")
        Nomination.objects.filter(pk=fresh.pk).update(wish=wish)
        trail.record(fresh, action="wish_changed", by=by, changes={"wish": [fresh.wish, wish]})
        return Nomination.objects.get(pk=fresh.pk)


@act
def record_result(
    row: Nomination, *, by: User, note: str = "", granted: Wish | None = None, decided_on: date | None = None
) -> Nomination:
    """Record what the RCSC granted (None: nothing) and on which day, with its reason.

    What was granted rests on the contributions that count on that day; they support no second benefit of the kind.
    """
    if decided_on is None or not note.strip():
        raise NotPossible("Record the result on its own page, with its day and the reason.")
    if decided_on > clock.today():
        raise NotPossible("The day of the result cannot lie ahead.")
    with changing(row, "record_result") as fresh:
        supports = _supporting(fresh.person, decided_on, policy_on(clock.today())) if granted else []
        return perform(
            fresh, "record_result", by=by, note=note, granted=granted or "", decided_on=decided_on,
            result=note.strip()[:300], supports=supports,
        )  # fmt: skip


def _supporting(person: User, day: date, version: PolicyOn) -> list[str]:
    """Return the events that count on `day`, at least in part."""
    found = count(version.rules, events_of(person), day)
    return sorted(fate.key for fate in found.events if fate.tenths)


def tell_the_person(row: Nomination) -> None:
    """Tell the person where their nomination stands now."""
    notify(
        person=row.person, key=f"nomination-now:{row.pk}:{row.state}:{trail.entries_of(row).count()}",
        subject="Your nomination", body=f"{row.get_state_display()}.", path=row.get_absolute_url(),
    )  # fmt: skip
