"""Reads beyond `.get`."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fund.models import FieldNote, Grant
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import Action, available
from lifecycle.remembering import remembered
from people.enums import TEAM_PARTS, Part, Role
from people.models import AccessLog, Agency, EmploymentSnapshot, Involvement, User
from people.policies import (
    agencies_of_case,
    all_heads,
    has_part,
    in_force,
    involved_in,
    is_in_team,
    is_of_another_agency,
)
from people.queries import agencies_for, with_agency

from .enums import (
    OPENED_BY,
    AdoptionState,
    CreditState,
    LearningState,
    NominationState,
    OutcomeState,
    PolicyState,
)
from .hr_queries import OF_RESULT, contested, people_for_hr, titles_beside
from .models import (
    Adoption,
    Classification,
    Contest,
    Contribution,
    EligibilityRun,
    FollowUp,
    HrFact,
    LearningRecord,
    Nomination,
    Outcome,
    PointEvent,
    ShownToHr,
)
from .models.nomination import FROM_FORWARDED, RUNNING, changed_since_check, ground_is_gone
from .models.outcome import SEES_ALL
from .policies import is_used_outside, was_in_team
from .rules.calendar import Cycle, cycles_of
from .rules.counting import Count, count
from .rules.eligibility import Evaluation, evaluate
from .rules.points import band_of
from .rules.steps import in_points
from .services.adoptions import WORKED
from .services.facts import facts_of
from .services.learning import QUESTIONS
from .services.points_policy import policy_on

_SEES_NAMES = is_in_team | has_part(Part.SPONSOR) | has_part(Part.VERIFIER) | has_part(Part.CLASSIFIER) | SEES_ALL
PREPARED = (*RUNNING, NominationState.RESULT_RECORDED, NominationState.REVOKED)
READ = (LearningState.SHOWN, LearningState.ACCEPTED, LearningState.PUBLISHED)
NEWEST = 20  # looks shown beside the record; all of them have a page of their own
LABELS = {
    "believed": "What we believed", "did": "What we did", "saw": "What we saw", "why": "Why, as far as we know",
    "others": "What others should do differently",
}  # fmt: skip


def agencies_outside(outcome: Outcome) -> QuerySet[Agency]:
    """Return the agencies of other trees than the team's: a department of its own ministry is not outside."""
    own, heads = agencies_of_case(outcome.case), all_heads()
    return Agency.objects.filter(until=None, pk__in=[pk for pk, head in heads.items() if head not in own])


def may_confirm_use(outcome: Outcome, user: User) -> bool:
    """Tell whether the user approves for the agency that is said to use the result."""
    if outcome.used_by_id is None or outcome.use_confirmed_at is not None or not is_used_outside(outcome):
        return False
    return agencies_for(user, Role.SPONSOR).filter(pk=outcome.used_by_id).exists()


def sees_shares(contribution: Contribution, user: User) -> bool:
    """Tell whether the user may read the shares; they are the team's, the head's in a dispute, and an auditor's."""
    return is_in_team(contribution, user) or Contribution.objects.visible_to(user).filter(pk=contribution.pk).exists()


def found_wrong(contribution: Contribution) -> list[str]:
    """Return what second looks found wrong in points that the head gives anew."""
    found = Contest.objects.to_carry_out().filter(outcome=contribution.grant.outcome)
    return list(found.values_list("reason", flat=True))


def field_notes_of(grant: Grant) -> QuerySet[FieldNote]:
    """Return the record of who did what, newest first."""
    return FieldNote.objects.filter(grant=grant).select_related("person")


def answers_of(record: LearningRecord) -> list[tuple[str, str]]:
    """Return (question, answer) in order."""
    return [(LABELS[name], getattr(record, name)) for name in QUESTIONS]


@remembered
def _readings_of(record: LearningRecord) -> list[Classification]:
    return list(record.classifications.all())


def own_classification(record: LearningRecord, user: User) -> Classification | None:
    """Return the user's own reading, or None."""
    return next((row for row in _readings_of(record) if row.classifier_id == user.pk), None)


def reuse_of(record: LearningRecord) -> int:
    """Return how many other teams changed their design because of the record, as a reviewer of each confirmed."""
    return record.citations.filter(state__in=(CreditState.SECONDED, CreditState.RECOGNISED)).count()


def readings_for(record: LearningRecord, user: User) -> list[Classification]:
    """Return the readings: all once shown to its team, else only one's own."""
    shown = record.state in READ and is_in_team(record, user)
    return [row for row in _readings_of(record) if shown or row.classifier_id == user.pk]


@dataclass(frozen=True)
class RecordLine:
    """One contribution on a person's own record, with every step of its arithmetic."""

    title: str
    label: str
    points: str
    takes_back: bool
    counted: str
    why: str
    counts_on: date
    steps: list[list[str]]
    policy: str
    case: UUID
    may_show: bool
    shown: bool
    contested: bool
    asks: bool


@dataclass(frozen=True)
class OwnRecord:
    """What a person sees of themselves: all of it."""

    lines: list[RecordLine]
    count: Count
    counted: str
    band: str
    missing: str
    evaluation: Evaluation
    looks: list[AccessLog]
    nomination: Nomination | None
    facts: list[HrFact]
    suspended: bool


def own_record(person: User) -> OwnRecord:
    """Return the person's whole record as of today; NotPossible when no policy is in force."""
    today = clock.today()
    version, facts = policy_on(today), facts_of(person, today)
    rules = version.rules
    mine = PointEvent.objects.filter(person=person).select_related("policy")
    rows = list(mine.annotate(contested=contested("case")))
    titles = dict(Grant.objects.filter(case__in=[row.case for row in rows]).values_list("case", "title"))
    results = set(titles)
    titles |= titles_beside([row.case for row in rows if row.case not in titles], for_hr=False)
    shown = set(ShownToHr.objects.filter(person=person, until=None).values_list("case", flat=True))
    found = count(rules, facts.events, today)
    fates = {fate.key: fate for fate in found.events}
    gone = {row.reverses_id for row in rows}
    lines = [
        RecordLine(
            titles.get(row.case, ""), rules.codes[row.code].label, in_points(row.tenths), row.reverses_id is not None,
            in_points(fates[row.source].tenths) if row.source in fates else "",
            fates[row.source].why if row.source in fates else "", row.counts_on, row.steps, row.policy.name, row.case,
            row.code == "F1" and row.reverses_id is None and row.pk not in gone,
            row.code == "F1" and row.reverses_id is None and row.case in shown, row.contested,
            row.code in OF_RESULT and row.reverses_id is None and row.case in results,
        )
        for row in reversed(rows)
    ]  # fmt: skip
    looks = looks_at(person)[:NEWEST]
    nomination = Nomination.objects.filter(person=person).first()
    band = band_of(rules, found.counted).label
    needed = rules.rules["E5"].on_day(today).params["tenths"]
    missing = in_points(needed - found.counted) if rules.rules["E5"].on and found.counted < needed else ""
    noted = list(HrFact.objects.filter(person=person).select_related("by"))
    return OwnRecord(
        lines,
        found,
        in_points(found.counted),
        band,
        missing,
        evaluate(rules, facts, today),
        list(looks),
        nomination,
        noted,
        version.row.state == PolicyState.SUSPENDED,
    )


def protected_by(case: UUID) -> str:
    """Return who protects the people of a case, in a sentence; empty where nobody is named. Reads one row of names."""
    named = [row.person_id for row in involved_in(case) if row.part == Part.PROTECTION and row.until is None]
    names = User.objects.filter(pk__in=named, is_active=True).values_list("full_name", flat=True) if named else []
    told = "is told of every second look, hold and integrity case, and decides none of them."
    return f"Your protection officer, {', '.join(names)}, {told}" if names else ""


def looks_at(person: User) -> QuerySet[AccessLog]:
    """Return who looked at a person's record, newest first."""
    return AccessLog.objects.filter(person=person).select_related("viewer")


def contests_of(outcome: Outcome, user: User) -> list[Contest]:
    """Return the second looks at a result that the user may read."""
    return list(Contest.objects.visible_to(user).filter(outcome=outcome))


def unnamed_to(outcome: Outcome, user: Any) -> set[int]:
    """Return the people of the team whom the reader of a result is not told: those of one that was not reached.

    The result is published; who tried is told with the learning record, if the team chooses so.
    """
    if outcome.verdict not in OPENED_BY or _SEES_NAMES(outcome, user):
        return set()
    if LearningRecord.objects.published(user).filter(case=outcome.case, with_names=True).exists():
        return set()
    team = Involvement.objects.filter(case=outcome.case, part__in=TEAM_PARTS)
    return set(team.values_list("person", flat=True))


def adoptions_of(outcome: Outcome) -> list[Adoption]:
    """Return the agencies that took up a published result, signed or further; also when it is looked at again."""
    if not outcome.was_published:
        return []
    hidden = (AdoptionState.ASKED, AdoptionState.PLANNED, AdoptionState.DECLINED)
    return list(Adoption.objects.filter(outcome=outcome).exclude(state__in=hidden).select_related("agency"))


def own_adoptions(user: User) -> QuerySet[Adoption]:
    """Return what the person leads or asked about, and what other agencies do with results and ideas of their teams."""
    teams = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
    mine = Q(lead=user) | Q(asked_by=user) | Q(outcome__case__in=teams) | Q(idea__case__in=teams)
    return Adoption.objects.visible_to(user).filter(mine).select_related("agency", "outcome__grant", "idea")


def may_adopt(outcome: Outcome, user: Any) -> bool:
    """Tell whether the user's agency, outside the team's, may repeat this published result."""
    worked = outcome.state == OutcomeState.PUBLISHED and outcome.verdict in WORKED
    if not worked or not user.is_civil_servant or was_in_team(outcome.case, user):
        return False
    return is_of_another_agency(outcome, user)


def follow_ups_for(outcome: Outcome, user: User) -> list[tuple[FollowUp, list[Action]]]:
    """Return the looks back at a result, each with what the user may do."""
    return [(row, available(row, user)) for row in outcome.follow_ups.all()]


def learned_for(user: Any, words: str = "") -> QuerySet[LearningRecord]:
    """Return the learning records shared with the reader, newest first."""
    found = LearningRecord.objects.published(user).select_related("grant__lead_agency")
    if words:
        asked = Q(grant__title__icontains=words)
        for name in QUESTIONS:
            asked |= Q(**{f"{name}__icontains": words})
        found = found.filter(asked)
    return found


def authors_of(record: LearningRecord) -> list[str]:
    """Return the names of the team, the lead first, where it chose to be named."""
    parts = Involvement.objects.filter(case=record.case, part__in=TEAM_PARTS, until=None).select_related("person")
    return [row.person.full_name for row in sorted(parts, key=lambda row: (row.part != Part.LEAD, row.pk))]


def next_cycles() -> list[Cycle]:
    """Return the next two promotion cycles of the policy in force; none where no policy is."""
    try:
        return cycles_of(policy_on(clock.today()).rules, clock.today())[:2]
    except NotPossible:
        return []


def cycle_for(nomination: Nomination) -> Cycle | None:
    """Return the days of the nomination's cycle, under the policy of the day on which it was written."""
    if nomination.effective_on is None:
        return None
    day = timezone.localtime(nomination.created_at).date()
    cycles = cycles_of(policy_on(day).rules, nomination.effective_on)
    return next((cycle for cycle in cycles if cycle.effective_on == nomination.effective_on), None)


def reports_of(user: User) -> QuerySet[User]:
    """Return the people whose line manager the user is by the newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    people = User.objects.filter(is_active=True, pk__in=user_reports(user))
    return people.annotate(manager=Subquery(newest.values("line_manager")[:1])).filter(manager=user.pk).order_by("pk")


def user_reports(user: User) -> Any:
    """Return whoever ever had the user as line manager, for a subquery."""
    return EmploymentSnapshot.objects.filter(line_manager=user).values("person")


def files_for(user: User) -> QuerySet[User]:
    """Return the people whose file the user may open: those on the list of HR, and the nominated ones they may see."""
    listed = people_for_hr(user).order_by().values("pk")
    seen = Nomination.objects.visible_to(user).filter(state__in=PREPARED).exclude(person=user)
    people = User.objects.filter(is_active=True, employee_number__isnull=False)
    return with_agency(people.filter(Q(pk__in=listed) | Q(pk__in=seen.order_by().values("person"))))


def nomination_states(user: User) -> list[NominationState]:
    """Return in which states an office sees nominations: at one's agency once sent, elsewhere once forwarded."""
    own = agencies_for(user, Role.HR) | agencies_for(user, Role.HRC)
    if own.exists():
        return [state for state in NominationState if state != NominationState.DRAFTED]
    return list(FROM_FORWARDED)


def nominations_for(user: User) -> QuerySet[Nomination]:
    """Return what an office may see, one's own apart; soonest cycle first, then by name."""
    found = Nomination.objects.visible_to(user).exclude(person=user).select_related("person", "agency")
    checks = EligibilityRun.objects.filter(person=OuterRef("person")).values("at")[:1]
    found = found.annotate(
        checked_at=Subquery(checks), changed=changed_since_check("person"), ground_gone=ground_is_gone()
    )
    return found.order_by("effective_on", "person__full_name", "pk")
