"""A second look: lodged by a person on the record, heard by an officer without an earlier act, with a clock."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import Involvement, User
from people.queries import blocked_people, holders
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.involvement import involve
from people.services.notify import notify

from ..enums import ContestAbout
from ..models import Contest, Outcome
from ..models.outcome import CHECKED
from ..policies import may_check_contest, may_contest

ANSWER_DAYS = 20  # business days after the lodging


def lodge(outcome: Outcome, *, by: User, about: ContestAbout, words: str) -> Contest:
    """Ask for a second look. NotPossible says why not; officers and the protection officer are told."""
    if not may_contest(outcome, by):
        raise NotPossible("Only people of the team and approvers of another agency ask for this.", forbidden=True)
    if outcome.state not in CHECKED:
        raise NotPossible("Only what was checked can be looked at again.")
    if not words.strip():
        raise NotPossible("Say in your own words what is wrong.")
    try:
        with transaction.atomic():
            row = Contest.objects.create(
                outcome=outcome, case=outcome.case, about=about, words=words.strip(), lodged_by=by,
                lodged_at=clock.now(),
                due_on=add_business_days(timezone.localtime(clock.now()).date(), ANSWER_DAYS),
            )  # fmt: skip
            trail.record(row, action="lodged", by=by)
            trail.record(outcome, action="contested", by=by)
    except IntegrityError:
        raise NotPossible("A second look at this is already on its way.") from None
    _tell_officers(row)
    tell_protection(
        outcome, key=f"contest:{row.pk}", body=f"A second look was asked for at “{outcome.grant.title}”.",
        path=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _tell_officers(contest: Contest) -> None:
    for person in holders(Role.APPEALS):
        if may_check_contest(contest, person):
            notify(
                person=person, key=f"contest:{contest.pk}:{person.pk}", case=contest.case,
                subject="A second look was asked for", path=contest.get_absolute_url(),
                body=f"“{contest.outcome.grant.title}”: {contest.get_about_display().lower()}.",
            )  # fmt: skip


def tell_protection(outcome: Outcome, *, key: str, body: str, path: str) -> None:
    """Tell the protection officer of the case, or all where none is named."""
    named = Involvement.objects.filter(case=outcome.case, part=Part.PROTECTION, until=None).values("person")
    officers = User.objects.filter(pk__in=named) if named.exists() else holders(Role.PROTECTION)
    for person in officers.exclude(pk__in=blocked_people(outcome.case)):
        notify(
            person=person, key=f"protect:{key}:{person.pk}", subject="A record that you protect", body=body, path=path,
            case=outcome.case,
        )  # fmt: skip


@act
def admit(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find that there is something to look at."""
    with changing(contest, "admit") as fresh:
        fresh = perform(fresh, "admit", by=by, note=note)
        involve(case=fresh.case, person=by, part=Part.APPEALS)
        return fresh


@act
def turn_away(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find that there is nothing to look at, with the reason."""
    with changing(contest, "turn_away") as fresh:
        fresh = perform(fresh, "turn_away", by=by, note=note, reason=note, at=clock.now())
        involve(case=fresh.case, person=by, part=Part.APPEALS)
        return _told(fresh)


@act
def assign(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Take it oneself, as an officer who did nothing in the case before."""
    with changing(contest, "assign") as fresh:
        fresh = perform(fresh, "assign", by=by, note=note, officer=by)
        involve(case=fresh.case, person=by, part=Part.APPEALS)
        return fresh


@act
def uphold(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find it right: a result is checked again by another verifier, and stands as contested until then."""
    with changing(contest, "uphold") as fresh:
        fresh = perform(fresh, "uphold", by=by, note=note, reason=note, at=clock.now())
        if fresh.about == ContestAbout.RESULT:
            perform(fresh.outcome, "reopen", by=system_user(), note=note)
        return _told(fresh)


@act
def uphold_partly(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find it right in part."""
    with changing(contest, "uphold_partly") as fresh:
        return _told(perform(fresh, "uphold_partly", by=by, note=note, reason=note, at=clock.now()))


@act
def dismiss(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find nothing against the record."""
    with changing(contest, "dismiss") as fresh:
        return _told(perform(fresh, "dismiss", by=by, note=note, reason=note, at=clock.now()))


def _told(contest: Contest) -> Contest:
    for person in {contest.lodged_by, contest.outcome.grant.lead}:
        notify(
            person=person, key=f"contest-end:{contest.pk}:{person.pk}", case=contest.case,
            subject="The second look is answered", path=contest.get_absolute_url(),
            body=f"“{contest.outcome.grant.title}”: {contest.get_state_display().lower()}.",
        )  # fmt: skip
    return contest
