"""Reads beyond `.get`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from fund.models import FieldNote, Grant
from lifecycle import clock
from people.enums import TEAM_PARTS, Part, Role
from people.models import AccessLog, Agency, EmploymentSnapshot, Involvement, User
from people.policies import in_force, is_in_team
from people.queries import agencies_for, blocked_cases, role_names
from people.waiting import Waiting, as_part

from .enums import ContributionState, LearningState, NominationState, OutcomeState
from .models import Classification, Contribution, EligibilityRun, LearningRecord, Nomination, Outcome, PointEvent, Share
from .rules.counting import Count, count
from .rules.eligibility import Evaluation, EvaluationForHR, without_numbers
from .rules.points import band_of
from .rules.steps import in_points
from .services.eligibility import evaluation_of, look
from .services.learning import QUESTIONS
from .services.points import events_of
from .services.points_policy import policy_on

SHOWN = 20
LABELS = {
    "believed": "What we believed", "did": "What we did", "saw": "What we saw", "why": "Why, as far as we know",
    "others": "What others should do differently",
}  # fmt: skip


def agencies_outside(outcome: Outcome) -> QuerySet[Agency]:
    """Return the agencies without a person in the team."""
    own = Involvement.objects.filter(case=outcome.case, part__in=TEAM_PARTS, agency__isnull=False).values("agency")
    return Agency.objects.filter(until=None).exclude(pk__in=own)


def may_confirm_use(outcome: Outcome, user: User) -> bool:
    """Tell whether the user approves for the agency that is said to use the result."""
    if outcome.used_by_id is None or outcome.use_confirmed_at is not None:
        return False
    return agencies_for(user, Role.SPONSOR).filter(pk=outcome.used_by_id).exists()


def sees_shares(contribution: Contribution, user: User) -> bool:
    """Tell whether the user may read the shares; they are the team's, the head's in a dispute, and an auditor's."""
    return is_in_team(contribution, user) or Contribution.objects.visible_to(user).filter(pk=contribution.pk).exists()


def field_notes_of(grant: Grant) -> QuerySet[FieldNote]:
    """Return the record of who did what, newest first."""
    return FieldNote.objects.filter(grant=grant).select_related("person")


def answers_of(record: LearningRecord) -> list[tuple[str, str]]:
    """Return (question, answer) in order."""
    return [(LABELS[name], getattr(record, name)) for name in QUESTIONS]


def own_classification(record: LearningRecord, user: User) -> Classification | None:
    """Return the user's own reading, or None."""
    return record.classifications.filter(classifier=user).first()


def readings_for(record: LearningRecord, user: User) -> list[Classification]:
    """Return the readings: all once shown to its team, else only one's own."""
    rows = record.classifications.all()
    shown = record.state in (LearningState.SHOWN, LearningState.ACCEPTED) and is_in_team(record, user)
    return list(rows if shown else rows.filter(classifier=user))


@dataclass(frozen=True)
class RecordLine:
    """One contribution on a person's own record, with every step of its arithmetic."""

    title: str
    label: str
    points: str
    counted: str
    why: str
    counts_on: date
    steps: list[list[str]]
    policy: str


@dataclass(frozen=True)
class OwnRecord:
    """What a person sees of themselves: all of it."""

    lines: list[RecordLine]
    count: Count
    counted: str
    band: str
    evaluation: Evaluation
    looks: list[AccessLog]
    nomination: Nomination | None


def own_record(person: User) -> OwnRecord:
    """Return the person's whole record as of today; NotPossible when no policy is in force."""
    today = clock.today()
    rules = policy_on(today).rules
    rows = list(PointEvent.objects.filter(person=person).select_related("policy"))
    titles = dict(Grant.objects.filter(case__in=[row.case for row in rows]).values_list("case", "title"))
    found = count(rules, events_of(person), today)
    fates = {fate.key: fate for fate in found.events}
    lines = [
        RecordLine(
            titles.get(row.case, ""), rules.codes[row.code].label, in_points(row.tenths),
            in_points(fates[row.source].tenths), fates[row.source].why, row.counts_on, row.steps, row.policy.name,
        )
        for row in reversed(rows)
    ]  # fmt: skip
    looks = AccessLog.objects.filter(person=person).select_related("viewer")[:50]
    nomination = Nomination.objects.filter(person=person).first()
    band = band_of(rules, found.counted).label
    return OwnRecord(lines, found, in_points(found.counted), band, look(person, today), list(looks), nomination)


def people_for_hr(user: User, words: str = "") -> QuerySet[User]:
    """Return the people whose verified records the user may see: own agency by the register; RCSC and auditors all.

    Ordered by name, never by merit. Annotated: `agency_name`, `records` (exists), `asked` (an open nomination).
    """
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    people = User.objects.filter(is_active=True, employee_number__isnull=False).annotate(
        agency_now=Subquery(newest.values("agency")[:1]), agency_name=Subquery(newest.values("agency__name")[:1])
    )
    if not role_names(user) & {Role.RCSC, Role.AUDITOR}:
        own = agencies_for(user, Role.HR) | agencies_for(user, Role.HRC)
        people = people.filter(agency_now__in=own.values("pk")).exclude(pk=user.pk)
    with_record = people.filter(Exists(PointEvent.objects.filter(person=OuterRef("pk"), reverses=None)))
    if words:
        with_record = with_record.filter(Q(full_name__icontains=words) | Q(employee_number__iexact=words))
    return with_record.order_by("full_name", "employee_number")


@dataclass(frozen=True)
class VerifiedRecord:
    """One verified contribution as HR sees it: what, of which project, checked when; no number."""

    title: str
    label: str
    verified_on: date


@dataclass(frozen=True)
class HrFile:
    """A person's file for the HR committee: verified records and met / not met, never a number."""

    records: list[VerifiedRecord]
    evaluation: EvaluationForHR | None
    checked_at: Any


def hr_file(person: User) -> HrFile:
    """Return the file. A reversed contribution is shown as taken back; F1 is not named without the person's wish."""
    rows = PointEvent.objects.filter(person=person, reverses=None).exclude(code="F1").select_related("policy")
    titles = dict(Grant.objects.filter(case__in=[row.case for row in rows]).values_list("case", "title"))
    records = [
        VerifiedRecord(titles.get(row.case, ""), row.policy.rules.codes[row.code].label, row.verified_on)
        for row in rows
    ]
    last = EligibilityRun.objects.filter(person=person).select_related("policy").first()
    return HrFile(records, without_numbers(evaluation_of(last)) if last else None, last.at if last else None)


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room."""
    rows = [*_shares(user), *_of_lead(user)]
    if Role.VERIFIER in roles:
        rows += as_part(Role.VERIFIER.label, _checks(user))
    if Role.CLASSIFIER in roles:
        rows += as_part(Role.CLASSIFIER.label, _readings(user))
    if Role.HEAD in roles:
        rows += as_part(Role.HEAD.label, _disputes(user))
    if roles & {Role.HR, Role.HRC, Role.RCSC}:
        rows += _nominations(user, roles)
    if Role.SPONSOR in roles:
        rows += as_part(Role.SPONSOR.label, _uses(user))
    return rows


def _shares(user: User) -> list[Waiting]:
    open_ones = Share.objects.filter(
        person=user, percent__gt=0, agreed_at=None, contribution__state=ContributionState.SHARES_OPEN
    ).exclude(contribution__grant__case__in=blocked_cases(user))
    return [
        Waiting(f"Agree to who did how much of “{share.contribution.grant.title}”?", f"Your share: {share.percent} %",
                share.contribution.get_absolute_url())
        for share in open_ones.select_related("contribution__grant")
    ]  # fmt: skip


def _of_lead(user: User) -> list[Waiting]:
    led = Involvement.objects.filter(in_force(), person=user, part__in=(Part.LEAD, Part.DEPUTY)).values("case")
    mine = LearningRecord.objects.filter(case__in=led, state__in=(LearningState.DRAFT, LearningState.SHOWN))
    return [
        Waiting(
            f"Write down what you learned from “{row.grant.title}”" if row.state == LearningState.DRAFT
            else f"Read how “{row.grant.title}” was classified", "It counts toward recognition",
            row.get_absolute_url(),
        )
        for row in mine.exclude(case__in=blocked_cases(user)).select_related("grant")
    ]  # fmt: skip


def _checks(user: User) -> list[Waiting]:
    outcomes = Outcome.objects.visible_to(user).filter(
        Q(state=OutcomeState.CLAIMED) | Q(state=OutcomeState.VERIFYING, case__in=_cases(user, Part.VERIFIER))
    )
    records = LearningRecord.objects.visible_to(user).filter(
        state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING), facts_confirmed_at=None
    )
    return [
        Waiting(f"Check the result of “{row.grant.title}”", row.get_state_display(), row.get_absolute_url())
        for row in outcomes.select_related("grant")[:SHOWN]
    ] + [
        Waiting(f"Confirm the facts of “{row.grant.title}”", "Learning record", row.get_absolute_url())
        for row in records.select_related("grant")[:SHOWN]
    ]


def _cases(user: User, part: Part) -> Any:
    return Involvement.objects.filter(in_force(), person=user, part=part).values("case")


def _readings(user: User) -> list[Waiting]:
    done = Classification.objects.filter(record=OuterRef("pk"), classifier=user)
    rows = LearningRecord.objects.visible_to(user).filter(
        ~Exists(done), state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING), settled_kind=""
    )
    return [
        Waiting(f"Classify what was learned from “{row.grant.title}”", "Two people, independently",
                f"{row.get_absolute_url()}classify/")
        for row in rows.select_related("grant")[:SHOWN]
    ]  # fmt: skip


def _disputes(user: User) -> list[Waiting]:
    rows = Contribution.objects.visible_to(user).filter(state=ContributionState.DISPUTED).select_related("grant")
    return [Waiting(f"Settle the shares of “{row.grant.title}”", "Disputed", row.get_absolute_url()) for row in rows]


NEXT_BY_ROLE = {
    Role.HR: (NominationState.SUBMITTED, NominationState.ENDORSED, NominationState.DEFERRED),
    Role.HRC: (NominationState.HRC_REVIEW,),
    Role.RCSC: (NominationState.FORWARDED,),
}


def _nominations(user: User, roles: set[str]) -> list[Waiting]:
    next_for = {state: role for role, found in NEXT_BY_ROLE.items() if role in roles for state in found}
    rows = Nomination.objects.visible_to(user).filter(state__in=next_for).exclude(person=user)
    return [
        Waiting(f"Nomination of {row.person.full_name} · {row.person.employee_number}", row.get_state_display(),
                row.get_absolute_url(), part=next_for[row.state].label)
        for row in rows.select_related("person")[:SHOWN]
    ]  # fmt: skip


def _uses(user: User) -> list[Waiting]:
    rows = Outcome.objects.visible_to(user).filter(used_by__in=agencies_for(user, Role.SPONSOR), use_confirmed_at=None)
    return [
        Waiting(f"Does your agency use the result of “{row.grant.title}”?", "", row.get_absolute_url())
        for row in rows.select_related("grant")[:SHOWN]
    ]
