"""Reads beyond `.get`."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from fund.models import FieldNote, Grant
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import Action, available
from lifecycle.remembering import remembered
from people.enums import TEAM_PARTS, Part, Role
from people.models import AccessLog, Agency, EmploymentSnapshot, Involvement, User
from people.policies import in_force, is_in_team, post_of
from people.queries import agencies_for, blocked_cases
from people.waiting import Waiting

from .enums import ContestState, ContributionState, FollowUpState, LearningState, NominationState, OutcomeState
from .hr_queries import contested
from .models import (
    Classification,
    Contest,
    Contribution,
    FollowUp,
    HrFact,
    LearningRecord,
    Nomination,
    Outcome,
    PointEvent,
    Share,
    ShownToHr,
)
from .rules.calendar import Cycle, cycles_of
from .rules.counting import Count, count
from .rules.eligibility import Evaluation, evaluate
from .rules.points import band_of
from .rules.steps import in_points
from .services.facts import facts_of
from .services.learning import QUESTIONS
from .services.points_policy import policy_on

SHOWN = 20
OF_RESULT = ("R1", "R2")  # codes whose second look is at a result
READ = (LearningState.SHOWN, LearningState.ACCEPTED, LearningState.PUBLISHED)
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


@remembered
def own_classification(record: LearningRecord, user: User) -> Classification | None:
    """Return the user's own reading, or None."""
    return record.classifications.filter(classifier=user).first()


def readings_for(record: LearningRecord, user: User) -> list[Classification]:
    """Return the readings: all once shown to its team, else only one's own."""
    rows = record.classifications.all()
    shown = record.state in READ and is_in_team(record, user)
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


def own_record(person: User) -> OwnRecord:
    """Return the person's whole record as of today; NotPossible when no policy is in force."""
    today = clock.today()
    rules, facts = policy_on(today).rules, facts_of(person, today)
    mine = PointEvent.objects.filter(person=person).select_related("policy")
    rows = list(mine.annotate(contested=contested("case")))
    titles = dict(Grant.objects.filter(case__in=[row.case for row in rows]).values_list("case", "title"))
    shown = set(ShownToHr.objects.filter(person=person, until=None).values_list("case", flat=True))
    found = count(rules, facts.events, today)
    fates = {fate.key: fate for fate in found.events}
    lines = [
        RecordLine(
            titles.get(row.case, ""), rules.codes[row.code].label, in_points(row.tenths),
            in_points(fates[row.source].tenths), fates[row.source].why, row.counts_on, row.steps, row.policy.name,
            row.case, row.code == "F1" and row.reverses_id is None, row.case in shown, row.contested,
            row.code in OF_RESULT and row.reverses_id is None,
        )
        for row in reversed(rows)
    ]  # fmt: skip
    looks = AccessLog.objects.filter(person=person).select_related("viewer")[:50]
    nomination = Nomination.objects.filter(person=person).first()
    band = band_of(rules, found.counted).label
    needed = rules.rules["E5"].params["tenths"]
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
    )


def contests_of(outcome: Outcome, user: User) -> list[Contest]:
    """Return the second looks at a result that the user may read."""
    return list(Contest.objects.visible_to(user).filter(outcome=outcome))


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
    cycles = cycles_of(policy_on(day).rules, day)
    return next((cycle for cycle in cycles if cycle.effective_on == nomination.effective_on), None)


def reports_of(user: User) -> QuerySet[User]:
    """Return the people whose line manager the user is by the newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    people = User.objects.filter(is_active=True, pk__in=user_reports(user))
    return people.annotate(manager=Subquery(newest.values("line_manager")[:1])).filter(manager=user.pk).order_by("pk")


def user_reports(user: User) -> Any:
    """Return whoever ever had the user as line manager, for a subquery."""
    return EmploymentSnapshot.objects.filter(line_manager=user).values("person")


def nominations_for(user: User) -> QuerySet[Nomination]:
    """Return what an office may see, one's own apart; soonest cycle first, then by name."""
    found = Nomination.objects.visible_to(user).exclude(person=user).select_related("person", "agency")
    return found.order_by("effective_on", "person__full_name", "pk")


# kind of row -> what to do; route of its page. The title, or the person of a nomination, stands for {}.
STEPS = {
    "share": ("Agree to who did how much of “{}”?", "shares"),
    "draft": ("Write down what you learned from “{}”", "learning_detail"),
    "shown": ("Read how “{}” was classified", "learning_detail"),
    "check": ("Check the result of “{}”", "outcome_detail"),
    "facts": ("Confirm the facts of “{}”", "learning_detail"),
    "reading": ("Classify what was learned from “{}”", "learning_classify"),
    "dispute": ("Settle the shares of “{}”", "shares"),
    "contest": ("A second look at “{}”", "contest"),
    "back": ("Does the result of “{}” still hold?", "outcome_detail"),
    "nomination": ("Nomination of {}", "nomination"),
    "use": ("Does your agency use the result of “{}”?", "outcome_detail"),
}
ABOUT = {
    "draft": "It counts toward recognition", "shown": "It counts toward recognition", "facts": "Learning record",
    "back": "A look back", "reading": "Two people, independently", "dispute": "Disputed", "use": "",
}  # fmt: skip
PART = {
    "check": Role.VERIFIER, "facts": Role.VERIFIER, "reading": Role.CLASSIFIER, "dispute": Role.HEAD,
    "use": Role.SPONSOR, "contest": Role.APPEALS,
}  # fmt: skip
BY_NUMBER = ("nomination", "contest")  # routes that take a number, not a case
NEXT_BY_ROLE = {
    Role.HR: (NominationState.SUBMITTED, NominationState.ENDORSED, NominationState.DEFERRED),
    Role.HRC: (NominationState.HRC_REVIEW,),
    Role.RCSC: (NominationState.FORWARDED,),
}


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room: one query, and their post."""
    found = [_shares(user), *_of_lead(user)]
    if Role.VERIFIER in roles:
        found += _checks(user)
    if Role.CLASSIFIER in roles:
        found.append(_readings(user))
    if Role.APPEALS in roles:
        found.append(_contests(user))
    if Role.HEAD in roles:
        disputed = Contribution.objects.visible_to(user).filter(state=ContributionState.DISPUTED)
        found.append(_rows(disputed, "dispute", "grant__title", "grant__case"))
    if roles & {Role.HR, Role.HRC, Role.RCSC}:
        found.append(_nominations(user, roles))
    if Role.SPONSOR in roles:
        named = Outcome.objects.visible_to(user).filter(used_by__in=agencies_for(user, Role.SPONSOR))
        found.append(_rows(named.filter(use_confirmed_at=None), "use", "grant__title", "case"))
    rows = list(found[0].union(*found[1:], all=True))
    return [_waiting(row) for kind in STEPS for row in [row for row in rows if row.kind == kind][:SHOWN]]


def _rows(found: Any, kind: str, title: str, key: str, about: Any = None) -> Any:
    """Return rows in the columns that all kinds share, for the union; `key` is what the page's address holds."""
    columns = {
        "kind": Value(kind, output_field=CharField()), "title_of": F(title), "key": Cast(F(key), CharField()),
        "about_it": Cast(about if about is not None else Value(""), CharField()),
    }  # fmt: skip
    return found.annotate(**columns).order_by().values_list(*columns, named=True)


def _waiting(row: Any) -> Waiting:
    words, route = STEPS[row.kind]
    key = row.key if route in BY_NUMBER else UUID(row.key)
    title, about, part = row.title_of, ABOUT.get(row.kind, row.about_it), PART.get(row.kind)
    if row.kind == "share":
        about = f"Your share: {row.about_it} %"
    elif row.kind == "check":
        about = OutcomeState(row.about_it).label
    elif row.kind == "contest":
        about = ContestState(row.about_it).label
    elif row.kind == "nomination":
        number, state = row.about_it.split(" ")
        title, about = f"{title} · {number}", NominationState(state).label
        part = next(role for role, states in NEXT_BY_ROLE.items() if state in states)
    return Waiting(words.format(title), about, reverse(route, args=[key]), part=part.label if part else "Team")


def _shares(user: User) -> Any:
    asked = Share.objects.filter(
        person=user, percent__gt=0, agreed_at=None, contribution__state=ContributionState.SHARES_OPEN
    ).exclude(contribution__grant__case__in=blocked_cases(user))
    return _rows(asked, "share", "contribution__grant__title", "contribution__grant__case", F("percent"))


def _of_lead(user: User) -> list[Any]:
    led = Involvement.objects.filter(in_force(), person=user, part__in=(Part.LEAD, Part.DEPUTY)).values("case")
    mine = LearningRecord.objects.filter(case__in=led).exclude(case__in=blocked_cases(user))
    states = {"draft": LearningState.DRAFT, "shown": LearningState.SHOWN}
    back = FollowUp.objects.filter(case__in=led, state=FollowUpState.DUE, due_on__lte=clock.today())
    back = back.exclude(case__in=blocked_cases(user))
    return [_rows(back, "back", "outcome__grant__title", "case")] + [
        _rows(mine.filter(state=state), kind, "grant__title", "case") for kind, state in states.items()
    ]


def _checks(user: User) -> list[Any]:
    taken = Involvement.objects.filter(in_force(), person=user, part=Part.VERIFIER).values("case")
    free = Q(state__in=(OutcomeState.CLAIMED, OutcomeState.CONTESTED)) & ~Q(verified_by=user)
    outcomes = Outcome.objects.visible_to(user).filter(free | Q(state=OutcomeState.VERIFYING, case__in=taken))
    records = LearningRecord.objects.visible_to(user).filter(
        state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING), facts_confirmed_at=None
    )
    return [
        _rows(outcomes, "check", "grant__title", "case", F("state")), _rows(records, "facts", "grant__title", "case"),
    ]  # fmt: skip


def _readings(user: User) -> Any:
    done = Classification.objects.filter(record=OuterRef("pk"), classifier=user)
    rows = LearningRecord.objects.visible_to(user).filter(
        ~Exists(done), state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING), settled_kind=""
    )
    return _rows(rows, "reading", "grant__title", "case")


def _contests(user: User) -> Any:
    """Return the second looks that are open, of other agencies than one's own; those of others left to them."""
    rows = Contest.objects.visible_to(user).open().filter(Q(officer=None) | Q(officer=user))
    post = post_of(user)
    own = Involvement.objects.filter(agency=post.agency if post else None, part__in=TEAM_PARTS)
    return _rows(rows.exclude(case__in=own.values("case")), "contest", "outcome__grant__title", "pk", F("state"))


def _nominations(user: User, roles: set[str]) -> Any:
    states = [state for role, found in NEXT_BY_ROLE.items() if role in roles for state in found]
    rows = Nomination.objects.visible_to(user).filter(state__in=states).exclude(person=user)
    about = Concat("person__employee_number", Value(" "), Cast("state", CharField()))
    return _rows(rows, "nomination", "person__full_name", "pk", about)
