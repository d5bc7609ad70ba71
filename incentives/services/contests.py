"""A second look: lodged by a person on the record, heard by an officer without an earlier act, with a clock."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import User
from people.queries import holders
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.involvement import involve, release
from people.services.notify import notify

from ..enums import RIGHT, ContestAbout, ContestState, ContributionState, OutcomeState
from ..models import Contest, Contribution, Outcome
from ..models.outcome import CHECKED
from ..policies import may_check_contest, may_contest, may_hear_contest, may_settle
from .protecting import tell_protection

ANSWER_DAYS = 20  # business days after the lodging
CHECK_FOLLOWS = "What happens next: another verifier checks the result, knowing what was found."
CHECKED_SINCE = "Another verifier has checked the result since."
POINTS_FOLLOW = "What happens next: the head of secretariat takes the points back and gives them anew."
REVOKED_SINCE = "The result was revoked since."
REVOKED_POINTS = "The result was revoked, so no points are given anew."
NO_POINTS = (
    "No points stand for this result now, so there are none to give anew. Should points be given for it again, the "
    "head of secretariat gives them by the shares that were found right."
)


def lodge(outcome: Outcome, *, by: User, about: ContestAbout, words: str) -> Contest:
    """Ask for a second look. NotPossible says why not; officers and the protection officer are told."""
    if not may_contest(outcome, by):
        raise NotPossible("Only people of the team and approvers of another agency ask for this.", forbidden=True)
    if outcome.state not in CHECKED:
        raise NotPossible("Only what was checked can be looked at again.")
    if not words.strip():
        raise NotPossible("Say in your own words what is wrong.")
    if about == ContestAbout.POINTS:
        _refuse_points(outcome)
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
    _find_officers(row)
    tell_protection(
        row.case, key=f"contest:{row.pk}", body=f"A second look was asked for at “{outcome.grant.title}”.",
        path=row.get_absolute_url(),
    )  # fmt: skip
    return Contest.objects.get(pk=row.pk)


def _refuse_points(outcome: Outcome) -> None:
    if not Contribution.objects.filter(grant=outcome.grant_id, state=ContributionState.VERIFIED).exists():
        raise NotPossible("No points stand for this result now, so there is nothing to count again.")
    if Contest.objects.to_carry_out().filter(outcome=outcome).exists():
        raise NotPossible("These points were found wrong already, and the head of secretariat gives them anew.")


def _find_officers(contest: Contest) -> None:
    """Tell those who may hear it, each once; where there is nobody, note it and tell the heads."""
    able = [person for person in holders(Role.APPEALS) if may_check_contest(contest, person)]
    for person in able:
        notify(
            person=person, key=f"contest:{contest.pk}:{person.pk}", case=contest.case,
            subject="A second look was asked for", path=contest.get_absolute_url(),
            body=f"“{contest.outcome.grant.title}”: {contest.get_about_display().lower()}.",
        )  # fmt: skip
    Contest.objects.filter(pk=contest.pk).exclude(no_officer=not able).update(no_officer=not able)
    for head in [] if able else _heads(contest):
        notify(
            person=head, key=f"contest-nobody:{contest.pk}:{head.pk}", case=contest.case,
            subject="Nobody may hear a second look", path=contest.get_absolute_url(),
            body=f"“{contest.outcome.grant.title}”: it needs an appeals officer of another agency without an earlier "
            f"act in the case, and none is named. It is answered by {contest.due_on.day} {contest.due_on:%B %Y}. "
            "Ask an administrator to name one.",
        )  # fmt: skip


def _heads(contest: Contest) -> list[User]:
    return [person for person in holders(Role.HEAD) if may_settle(contest.outcome, person)]


def chase() -> int:
    """Take second looks from officers who may no longer hear them, and look again who may; returns how many moved."""
    moved = 0
    for contest in Contest.objects.open().select_related("outcome__grant", "officer"):
        officer = contest.officer
        if officer is None:
            _find_officers(contest)
        elif not officer.is_active or not may_hear_contest(contest, officer):
            hand_back(contest, by=system_user(), note="The officer may no longer hear it.")
            moved += 1
    return moved


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
def hand_back(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Take it from its officer, who cannot go on; the other officers are asked."""
    with changing(contest, "hand_back") as fresh:
        officer = fresh.officer
        fresh = perform(fresh, "hand_back", by=by, note=note)
        if officer is not None:
            release(case=fresh.case, person=officer, part=Part.APPEALS)
        _find_officers(fresh)
        return Contest.objects.get(pk=fresh.pk)


@act
def uphold(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find it right: another verifier checks the result again, or the head gives the points anew."""
    with changing(contest, "uphold") as fresh:
        return _follow(perform(fresh, "uphold", by=by, note=note, reason=note, at=clock.now()))


@act
def uphold_partly(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find it right in part: the same follows, and `note` says to whoever carries it out what is to change."""
    with changing(contest, "uphold_partly") as fresh:
        return _follow(perform(fresh, "uphold_partly", by=by, note=note, reason=note, at=clock.now()))


def _follow(contest: Contest) -> Contest:
    if contest.about == ContestAbout.RESULT:
        open_again(contest.outcome, by=system_user(), note=contest.reason)
    else:
        ask_for_points_anew(contest.outcome)
    return _told(Contest.objects.get(pk=contest.pk))


@act
def open_again(outcome: Outcome, *, by: User, note: str = "") -> Outcome:
    """Open the check of a result again, which a second look found wrong."""
    return perform(outcome, "reopen", by=by, note=note)


def ask_for_points_anew(outcome: Outcome) -> None:
    """Ask the heads to give the points anew that a second look found wrong; each once, and only while points stand."""
    for contest in Contest.objects.to_carry_out().filter(outcome=outcome):
        part = " in part" if contest.state == ContestState.PARTLY else ""
        for head in _heads(contest):
            notify(
                person=head, key=f"contest-points:{contest.pk}:{head.pk}", case=contest.case,
                subject="Points have to be given anew", path=outcome.grant.contribution.get_absolute_url(),
                body=f"“{outcome.grant.title}”: a second look found its points counted wrongly{part}. You take them "
                f"back and give them anew, by the shares that were found right. What was found: {contest.reason}",
            )  # fmt: skip


def what_follows(contest: Contest) -> str:
    """Return in a sentence what follows from a second look that was right, at least in part; else nothing."""
    if contest.state not in RIGHT:
        return ""
    one = Contest.objects.filter(pk=contest.pk)
    revoked = contest.outcome.state == OutcomeState.REVOKED
    if contest.about == ContestAbout.RESULT and not revoked:
        return CHECK_FOLLOWS if one.to_check().exists() else CHECKED_SINCE
    if contest.carried_out_at is not None:
        day = timezone.localtime(contest.carried_out_at)
        return f"The points were given anew on {day.day} {day:%B %Y}."
    if revoked:
        return REVOKED_POINTS if contest.about == ContestAbout.POINTS else REVOKED_SINCE
    return POINTS_FOLLOW if one.to_carry_out().exists() else NO_POINTS


@act
def dismiss(contest: Contest, *, by: User, note: str = "") -> Contest:
    """Find nothing against the record."""
    with changing(contest, "dismiss") as fresh:
        return _told(perform(fresh, "dismiss", by=by, note=note, reason=note, at=clock.now()))


def _told(contest: Contest) -> Contest:
    follows = what_follows(contest)
    for person in {contest.lodged_by, contest.outcome.grant.lead}:
        notify(
            person=person, key=f"contest-end:{contest.pk}:{person.pk}", case=contest.case,
            subject="The second look is answered", path=contest.get_absolute_url(),
            body=f"“{contest.outcome.grant.title}”: {contest.get_state_display().lower()}. {follows}".strip(),
        )  # fmt: skip
    return contest
