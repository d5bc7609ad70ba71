"""What waits for a person in this room."""

from functools import reduce
from operator import or_

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from fund.enums import Stage
from lifecycle import clock
from people.enums import Role
from people.models import User
from people.waiting import Waiting, as_part
from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal
from proposals.models.proposal import REOPENABLE
from proposals.models.visible import ProposalQuerySet
from proposals.queries import first_of

from .enums import LIVE, OPEN, OPEN_APPEAL, AppealState, ReviewState
from .feedback import certified_for
from .locks import READY
from .models import Appeal, Challenge, Decision, Permission, Review, Vote
from .needs import to_be_judged_again
from .queries import SHOWN, excluded_reviews, in_present_round, that_count

# The refusals of a whole batch are released with its approvals; one after an appeal is a batch of its own.
DECIDED_AGAIN = Exists(Decision.objects.filter(proposal=OuterRef("pk"), replaces__isnull=False))
TOLD = Q(state__in=(ProposalState.DECLINED, ProposalState.RESERVED), released_at__isnull=False)
LINE = "call__budget_line__"
FREE = F(f"{LINE}allocated") - F(f"{LINE}committed") + F(f"{LINE}released") + F(f"{LINE}refunded")  # chhetrum
AN_EXCLUDED = Exists(excluded_reviews().filter(proposal=OuterRef("pk")))
FELL = Exists(Review.objects.filter(ranked_in__call=OuterRef("call"), ranked_in__replaced_by=None))


def waiting_for(user: User, roles: set[str], *, practice: bool = False) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room; of practice calls only when asked."""
    rows: list[Waiting] = []
    if Role.REVIEWER in roles:
        rows += as_part(Role.REVIEWER.label, _reviews(user, practice))
    if roles & {Role.SECRETARIAT, Role.HEAD, Role.CHAIR, Role.BOARD}:
        rows += _steps(user, roles, practice)
    if Role.APPEALS in roles and not practice:
        rows += as_part(Role.APPEALS.label, _appeals(user))
    return rows


APPEAL_STEPS = {
    AppealState.LODGED: ("Can the appeal about “{}” be heard?", ""),
    AppealState.ADMISSIBLE: ("Give the appeal about “{}” to an officer", "assign/"),
    AppealState.ASSIGNED: ("Decide the appeal about “{}”", ""),
}
ELSEWHERE = ("Late: the appeal about “{}” is with another officer", "")


def _appeals(user: User) -> list[Waiting]:
    """Return the appeals to be looked at or given to somebody, those given to the officer, and all late ones."""
    found = Appeal.objects.visible_to(user).of_practice(False).filter(state__in=OPEN_APPEAL)
    mine = found.filter(~Q(state=AppealState.ASSIGNED) | Q(officer=user) | Q(due_on__lt=clock.today()))
    return [_appeal(row, user) for row in mine.select_related("proposal")[:SHOWN]]


def _appeal(row: Appeal, user: User) -> Waiting:
    own = row.officer_id in (None, user.pk)
    words, page = APPEAL_STEPS[AppealState(row.state)] if own else ELSEWHERE
    about, path = row.proposal.reference or "", row.get_absolute_url() + page
    return Waiting(words.format(row.proposal.title), about, path, row.due_on)


STEPS: tuple[tuple[Role, tuple[str, ...], str, str], ...] = (
    (Role.SECRETARIAT, (ProposalState.ELIGIBLE,), "Assign reviewers to “{}”", "reviewers/"),
    (Role.SECRETARIAT, (ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED), "Bring “{}” to the board", ""),
    (
        Role.SECRETARIAT,
        (ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.RESERVED),
        "Release the batch with “{}”",
        "",
    ),
    (
        Role.CHAIR,
        (ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION),
        "Compare reviews: “{}”",
        "consensus/",
    ),
    (Role.CHAIR, (ProposalState.RANKED,), "Recommend or not: “{}”", ""),
    (Role.BOARD, (ProposalState.DECISION_PENDING,), "Vote on “{}”", "vote/"),
)

# The same, of those proposals alone that lack something
BESIDE: tuple[tuple[Role, tuple[str, ...], str, str], ...] = (
    (Role.SECRETARIAT, (ProposalState.IN_REVIEW,), "Ask another reviewer for “{}”", "reviewers/"),
    (
        Role.CHAIR,
        (ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.RESERVED),
        "Certify the feedback for “{}”",
        "feedback/",
    ),
    (Role.SECRETARIAT, (ProposalState.DEFERRED,), "Bring “{}” back to the board: the day has come", ""),
)


# Kind, field that is empty while it waits, who answers, words, page
QUESTIONS: tuple[tuple[type[Challenge] | type[Permission], str, tuple[Role, ...], str, str], ...] = (
    (Challenge, "upheld", (Role.SECRETARIAT, Role.HEAD), "Answer an objection about “{}”", "objections/"),
    (Permission, "given", (Role.CHAIR,), "Permit a review of “{}”?", "permissions/"),
)


def _steps(user: User, roles: set[str], practice: bool) -> list[Waiting]:
    """Return an officer's steps on proposals in judging, without those on which a board member has voted; one query."""
    mine = [step for step in (*STEPS, *BESIDE) if step[0] in roles]
    own = in_present_round(Vote.objects.filter(proposal=OuterRef("pk"), member=user))
    everything = Proposal.objects.visible_to(user, roles).not_concealed().of_practice(practice)
    running = everything.exclude(Exists(own), state=ProposalState.DECISION_PENDING)
    running = running.exclude(call__stage=Stage.SPARK, state=ProposalState.APPROVED)
    seen = running.exclude(~DECIDED_AGAIN, state=ProposalState.DECLINED).exclude(TOLD)
    if practice:
        seen = seen.exclude(state=ProposalState.APPROVED)  # nothing is released
    back = seen.filter(state=ProposalState.DEFERRED, deferred_until__lte=clock.today())
    kinds = {BESIDE[0]: _too_few(seen), BESIDE[1]: _silent(running, practice), BESIDE[2]: back}
    wanted = [first_of(kinds.get(step, seen.filter(state__in=step[1]))) for step in mine]
    wanted += [first_of(seen.filter(AN_EXCLUDED | Q(FELL), state__in=REOPENABLE))]
    wanted += [
        first_of(everything.filter(_asked(*row[:2]), released_at=None)) for row in QUESTIONS if roles & set(row[2])
    ]
    flags = {flag_of(row[0]): _asked(*row[:2]) for row in QUESTIONS}
    if Role.SECRETARIAT in roles and not practice:
        wanted.append(
            first_of(everything.annotate(free=FREE).filter(state=ProposalState.RESERVED, waits_for__lte=F("free")))
        )
    found = Proposal.objects.filter(reduce(or_, wanted)).annotate(excluded=AN_EXCLUDED, fell=FELL, free=FREE, **flags)
    rows = list(found.select_related("call").order_by("number", "pk"))
    again = [p for p in rows if p.excluded and p.state in REOPENABLE and to_be_judged_again(p)]  # type: ignore[attr-defined]
    reopened = [_step(p, Role.SECRETARIAT, "Open the reviews of “{}” again", "") for p in again]
    steps = [
        _step(p, role, words, page)
        for role, states, words, page in mine for p in rows if p.state in states and p not in again and not _on_list(p)
    ]  # fmt: skip
    if Role.SECRETARIAT in roles:
        steps += _fallen([p for p in rows if p not in again]) + _reserves(rows)
    if Role.CHAIR in roles:
        steps += _queues(rows)
    return (reopened if Role.SECRETARIAT in roles else []) + steps + _questions(rows, roles)


def flag_of(kind: type[Challenge] | type[Permission]) -> str:
    """Return under which name a row tells that such a question waits."""
    return f"open_{kind._meta.model_name}"


def _asked(kind: type[Challenge] | type[Permission], field: str) -> Exists:
    """Return whether something of this kind waits for its answer on a proposal."""
    return Exists(kind._default_manager.filter(proposal=OuterRef("pk"), **{field: None}))


def _questions(rows: list[Proposal], roles: set[str]) -> list[Waiting]:
    """Return one line for each proposal on which one of these roles has something to answer."""
    return [
        _step(p, next(role for role in answering if role in roles), words, page)
        for kind, _, answering, words, page in QUESTIONS if roles & set(answering)
        for p in rows if getattr(p, flag_of(kind))
    ]  # fmt: skip


def _queues(found: list[Proposal]) -> list[Waiting]:
    """Return the queue of each call in which reviews wait to be compared."""
    calls = {p.call.pk: p.call for p in found if p.call and p.state in READY}
    return [
        Waiting(
            f"See where reviewers differ: {call.title}", call.reference,
            reverse("moderation_queue", args=[call.reference]), part=Role.CHAIR.label,
        )
        for call in calls.values()
    ]  # fmt: skip


def _fallen(found: list[Proposal]) -> list[Waiting]:
    """Return each call whose newest ranking holds an excluded review: nothing is decided in it before a new one."""
    calls = {p.call.pk: p.call for p in found if p.call and p.fell and p.state in REOPENABLE}  # type: ignore[attr-defined]
    return [
        Waiting(
            f"Rank again, as a review was excluded: {call.title}", call.reference,
            reverse("ranking", args=[call.reference]), part=Role.SECRETARIAT.label,
        )
        for call in calls.values()
    ]  # fmt: skip


def _on_list(proposal: Proposal) -> bool:
    """Tell whether the team knows that it is on the reserve list: then nothing waits but for money."""
    return proposal.state == ProposalState.RESERVED and proposal.released_at is not None


def _reserves(found: list[Proposal]) -> list[Waiting]:
    """Return the reserve list of each call in which money may be free for one of it."""
    waits = [p for p in found if p.state == ProposalState.RESERVED and p.waits_for and p.waits_for <= (p.free or 0)]  # type: ignore[attr-defined]
    calls = {p.call.pk: p.call for p in waits if p.call}
    return [
        Waiting(
            f"Money may be free for the reserve list: {call.title}", call.reference,
            reverse("reserve_list", args=[call.reference]), part=Role.SECRETARIAT.label,
        )
        for call in calls.values()
    ]  # fmt: skip


def _silent(seen: ProposalQuerySet, practice: bool) -> ProposalQuerySet:
    """Return what is decided and waits for its certified feedback; nothing of a practice is released."""
    decided = seen.filter(state__in=BESIDE[1][1], released_at=None).exclude(call__stage=Stage.SPARK)
    return seen.none() if practice else decided.exclude(certified_for())


def _too_few(seen: ProposalQuerySet) -> ProposalQuerySet:
    """Return what is in review and has lost a reviewer, so that another one is needed."""
    counting = that_count(Review.objects.filter(proposal=OuterRef("pk"), state__in=LIVE))
    live = counting.order_by().values("proposal")
    counted = Coalesce(Subquery(live.annotate(number=Count("pk")).values("number")), 0)
    in_review = seen.filter(state=ProposalState.IN_REVIEW).annotate(live=counted)
    return in_review.filter(live__lt=F("call__reviews_needed"))


def _step(proposal: Proposal, role: Role, words: str, page: str) -> Waiting:
    if is_spark(proposal) and proposal.state == ProposalState.DECISION_PENDING:
        words, page = "Decide on “{}”", "decide/"  # one member decides a small idea
    url = f"{proposal.get_absolute_url()}{page}"
    return Waiting(words.format(proposal.title), proposal.reference or "", url, part=role.label)


def _reviews(user: User, practice: bool) -> list[Waiting]:
    still_open = (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)
    seen = Review.objects.visible_to(user).of_practice(practice)
    own = seen.filter(reviewer=user, state__in=OPEN, proposal__state__in=still_open)
    return [
        Waiting(
            f"Accept the review of “{r.subject}”?" if r.state == ReviewState.ASSIGNED
            else f"Review “{r.subject}”", r.get_state_display(), r.get_absolute_url(),
        )
        for r in own.select_related("proposal__call")[:SHOWN]
    ]  # fmt: skip
