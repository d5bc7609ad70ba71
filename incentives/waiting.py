"""What waits for a person in this room, for *my work*: one query for all kinds together."""

from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from lifecycle import clock
from people.enums import LEAD_PARTS, TEAM_PARTS, Part, Role
from people.models import Involvement, User
from people.policies import in_force, post_of
from people.queries import agencies_for, blocked_cases
from people.toxic import barred_cases
from people.waiting import Waiting

from .enums import (
    AdoptionState,
    ContestState,
    ContributionState,
    CreditCode,
    CreditState,
    FollowUpState,
    LearningState,
    MentoringState,
    NominationState,
    OutcomeState,
)
from .models import (
    Adoption,
    Classification,
    Contest,
    Contribution,
    Credit,
    FollowUp,
    LearningRecord,
    Mentoring,
    Nomination,
    Outcome,
    Share,
)
from .models.nomination import RUNNING, changed_since_check, ground_is_gone

SHOWN = 20
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
    "recount": ("Give the points of “{}” anew", "shares"),
    "unheard": ("Find an officer for a second look at “{}”", "contest"),
    "back": ("Does the result of “{}” still hold?", "outcome_detail"),
    "nomination": ("Nomination of {}", "nomination"),
    "use": ("Does your agency use the result of “{}”?", "outcome_detail"),
    "mentor": ("Will you mentor the team of “{}”?", "mentoring"),
    "adopt_plan": ("Does your agency take this up? {}", "adoption"),
    "adopt_sign": ("Sign that your agency tries “{}”", "adoption"),
    "adopt_check": ("Check what was repeated: {}", "adoption"),
    "second": ("Was it so? {}", "credit"),
    "credit": ("Check and recognise: {}", "credit"),
}
ABOUT = {
    "draft": "It counts toward recognition", "shown": "It counts toward recognition", "facts": "Learning record",
    "back": "A look back", "reading": "Two people, independently", "dispute": "Disputed", "use": "", "mentor": "",
    "recount": "A second look was upheld", "unheard": "Nobody may hear it",
}  # fmt: skip
PART = {
    "check": Role.VERIFIER, "facts": Role.VERIFIER, "reading": Role.CLASSIFIER, "dispute": Role.HEAD,
    "recount": Role.HEAD, "unheard": Role.HEAD,
    "use": Role.SPONSOR, "contest": Role.APPEALS, "adopt_sign": Role.SPONSOR, "adopt_check": Role.VERIFIER,
}  # fmt: skip
BY_NUMBER = ("nomination", "contest", "mentoring", "credit", "adoption")  # routes that take a number, not a case
NEXT_BY_ROLE = {
    Role.HR: (NominationState.SUBMITTED, NominationState.ENDORSED, NominationState.DEFERRED),
    Role.HRC: (NominationState.HRC_REVIEW,),
    Role.RCSC: (NominationState.FORWARDED,),
}


# learning that counts for nothing more: another check found the result reached, or it was revoked
MOOT = Q(grant__contribution__state=ContributionState.VERIFIED) | Q(grant__outcome__state=OutcomeState.REVOKED)


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room: one query, and their post."""
    found = [_shares(user), *_of_lead(user), *_beside(user, roles)]
    if Role.VERIFIER in roles:
        found += _checks(user)
    if Role.CLASSIFIER in roles:
        found.append(_readings(user))
    if Role.APPEALS in roles:
        found.append(_contests(user))
    if Role.HEAD in roles:
        disputed = Contribution.objects.visible_to(user).filter(state=ContributionState.DISPUTED)
        found += [_rows(disputed, "dispute", "grant__title", "grant__case"), *_of_head(user)]
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
    elif row.kind in ("second", "credit"):
        about = CreditCode(row.about_it).label
        part = Role.VERIFIER if row.kind == "credit" and row.about_it == CreditCode.BARRIER else part
        part = Role.SECRETARIAT if row.kind == "credit" and part is None else part
    elif row.kind == "contest":
        about = ContestState(row.about_it).label
    elif row.kind == "nomination":
        title, about, part = _nomination(title, *row.about_it.split(" "))
    return Waiting(words.format(title), about, reverse(route, args=[key]), part=part.label if part else "Team")


def _nomination(name: str, number: str, state: str, mark: str) -> tuple[str, str, Role]:
    """Return whose nomination it is, where it stands with what has to be done first, and as whom one acts."""
    part = next((role for role, states in NEXT_BY_ROLE.items() if state in states), Role.RCSC)
    about = str(NominationState(state).label)
    if state == NominationState.RESULT_RECORDED:
        about = "A ground of what was granted was taken back: does it stand?"
    elif mark != "-":
        about = f"{about}. The record has changed: the rules are checked again first"
        part = Role.HR if mark == "check" and part == Role.HRC else part
    return f"{name} · {number}", about, part


def _shares(user: User) -> Any:
    asked = Share.objects.filter(
        person=user, percent__gt=0, agreed_at=None, contribution__state=ContributionState.SHARES_OPEN
    ).exclude(contribution__grant__case__in=blocked_cases(user))
    return _rows(asked, "share", "contribution__grant__title", "contribution__grant__case", F("percent"))


def _of_lead(user: User) -> list[Any]:
    led = Involvement.objects.filter(in_force(), person=user, part__in=LEAD_PARTS).values("case")
    mine = LearningRecord.objects.filter(case__in=led).exclude(MOOT).exclude(case__in=blocked_cases(user))
    states = {"draft": LearningState.DRAFT, "shown": LearningState.SHOWN}
    back = FollowUp.objects.filter(case__in=led, state=FollowUpState.DUE, due_on__lte=clock.today())
    back = back.exclude(case__in=blocked_cases(user))
    return [_rows(back, "back", "outcome__grant__title", "case")] + [
        _rows(mine.filter(state=state), kind, "grant__title", "case") for kind, state in states.items()
    ]


def _checks(user: User) -> list[Any]:
    mine = Involvement.objects.filter(person=user, part=Part.VERIFIER)
    taken = Q(state=OutcomeState.VERIFYING, case__in=mine.filter(in_force()).values("case"))
    free = Q(state__in=(OutcomeState.CLAIMED, OutcomeState.CONTESTED)) & ~Q(case__in=barred_cases(user, Part.VERIFIER))
    outcomes = Outcome.objects.by_part(user).filter(free | taken).exclude(verified_by=user)
    outcomes = outcomes.exclude(case__in=mine.exclude(until=None).values("case"))  # who was late does not take it again
    records = LearningRecord.objects.visible_to(user).exclude(MOOT)
    records = records.exclude(case__in=barred_cases(user, Part.VERIFIER)).filter(
        state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING), facts_confirmed_at=None
    )
    return [
        _rows(outcomes, "check", "grant__title", "case", F("state")), _rows(records, "facts", "grant__title", "case"),
    ]  # fmt: skip


def _readings(user: User) -> Any:
    done = Classification.objects.filter(record=OuterRef("pk"), classifier=user)
    rows = LearningRecord.objects.visible_to(user).exclude(MOOT)
    rows = rows.exclude(case__in=barred_cases(user, Part.CLASSIFIER)).filter(
        ~Exists(done), state__in=(LearningState.SUBMITTED, LearningState.CLASSIFYING, LearningState.CONTESTED),
        settled_kind="",
    )  # fmt: skip
    return _rows(rows, "reading", "grant__title", "case")


def _contests(user: User) -> Any:
    """Return the second looks that are open, of other agencies than one's own; those of others left to them."""
    rows = Contest.objects.visible_to(user).open().filter(Q(officer=None) | Q(officer=user))
    post = post_of(user)
    own = Involvement.objects.filter(agency=post.agency if post else None, part__in=TEAM_PARTS)
    earlier = Involvement.objects.filter(case=OuterRef("case"), person=user)
    earlier = earlier.exclude(part=Part.APPEALS, since__gte=OuterRef("lodged_at"))
    rows = rows.exclude(Exists(earlier)).exclude(case__in=own.values("case"))
    return _rows(rows, "contest", "outcome__grant__title", "pk", F("state"))


def _of_head(user: User) -> list[Any]:
    """Return what second looks ask of the head: points to give anew, and an officer where none may hear one."""
    points = Contribution.objects.visible_to(user).to_recount()
    unheard = Contest.objects.visible_to(user).open().filter(no_officer=True)
    return [
        _rows(points, "recount", "grant__title", "grant__case"),
        _rows(unheard, "unheard", "outcome__grant__title", "pk"),
    ]


def _nominations(user: User, roles: set[str]) -> Any:
    states = [state for role, found in NEXT_BY_ROLE.items() if role in roles for state in found]
    before = Q(answered_by=user, state__in=NEXT_BY_ROLE[Role.HR]) | Q(brought_by=user, state__in=NEXT_BY_ROLE[Role.HRC])
    before |= Q(forwarded_by=user, state__in=NEXT_BY_ROLE[Role.RCSC])
    before |= Q(nominated_by=user, state__in=(*NEXT_BY_ROLE[Role.HR], *NEXT_BY_ROLE[Role.HRC]))
    asked, mark = Q(state__in=states) & ~before, "again"
    if Role.HR in roles:  # whatever office it waits for, HR checks the rules
        asked, mark = asked | Q(changed_since_check("person"), state__in=RUNNING), "check"
    if Role.RCSC in roles:
        asked |= Q(ground_is_gone(), state=NominationState.RESULT_RECORDED)
    rows = Nomination.objects.visible_to(user).filter(asked).exclude(person=user)
    marked = Case(When(changed_since_check("person"), then=Value(mark)), default=Value("-"))
    about = Concat("person__employee_number", Value(" "), Cast("state", CharField()), Value(" "), marked)
    return _rows(rows, "nomination", "person__full_name", "pk", about)


def _beside(user: User, roles: set[str]) -> list[Any]:
    """Return what is asked of the person about contributions beside one's own result."""
    asked = Mentoring.objects.filter(mentor=user, state=MentoringState.ASKED).exclude(case__in=blocked_cases(user))
    stated = Credit.objects.visible_to(user).filter(state=CreditState.STATED).exclude(person=user)
    stated = stated.exclude(stated_by=user)
    led = Involvement.objects.filter(in_force(), person=user, part__in=LEAD_PARTS).values("case")
    read = Involvement.objects.filter(person=user, part=Part.REVIEWER).values("case")
    seconds = Q(code=CreditCode.SPRINT, grant__case__in=led) | Q(code=CreditCode.LEARNING, grant__case__in=read)
    rows = [
        _rows(asked, "mentor", "grant__title", "pk"),
        _rows(stated.filter(seconds), "second", "reference", "pk", F("code")),
    ]
    rows += _adoptions(user, roles)
    checks = Q(pk__in=[])
    if Role.VERIFIER in roles:
        checks |= Q(code=CreditCode.BARRIER, state=CreditState.STATED)
    if Role.SECRETARIAT in roles:
        checks |= Q(state=CreditState.SECONDED)
    if roles & {Role.VERIFIER, Role.SECRETARIAT}:
        open_ones = Credit.objects.visible_to(user).filter(checks).exclude(person=user)
        rows.append(_rows(open_ones, "credit", "reference", "pk", F("code")))
    return rows


def _adoptions(user: User, roles: set[str]) -> list[Any]:
    """Return what is asked of the person about results and ideas that other agencies take up."""
    seen = Adoption.objects.visible_to(user)
    asked = seen.filter(state=AdoptionState.ASKED, lead=user)
    rows = [_rows(asked, "adopt_plan", "agency__name", "pk")]
    if Role.SPONSOR in roles:
        own = seen.filter(state=AdoptionState.PLANNED, agency__in=agencies_for(user, Role.SPONSOR)).exclude(lead=user)
        rows.append(_rows(own, "adopt_sign", "indicator", "pk"))
    if Role.VERIFIER in roles:
        post = post_of(user)
        ours = post.agency_id if post else None
        team = Involvement.objects.filter(agency=ours, part__in=TEAM_PARTS).values("case")
        free = seen.filter(state=AdoptionState.CLAIMED).exclude(agency=ours).exclude(outcome__case__in=team)
        barred = barred_cases(user, Part.VERIFIER)
        free = free.exclude(outcome__case__in=barred).exclude(idea__case__in=barred)
        rows.append(_rows(free.exclude(idea__case__in=team).exclude(lead=user), "adopt_check", "agency__name", "pk"))
    return rows
