"""Reads beyond `.get`."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q

from fund.enums import Stage
from fund.models import Call, Criterion
from people.enums import Role
from people.models import User
from people.policies import holds
from people.queries import with_agency
from people.waiting import Waiting
from proposals.enums import JUDGING, MemberState, ProposalState
from proposals.lane import is_spark
from proposals.models import Member, Proposal

from .enums import LIVE, VALID, WRITING, ReviewState
from .guards import QUORUM, needed, round_of, unblocked, votes_of
from .models import ConsensusScore, Place, Review
from .scoring import Item, Sheet, diverging, means_of, rounded, spread_is_wide, weighted_total
from .services.conflicts import Conflict, conflicts_of

SHOWN = 20
OPEN = (ReviewState.ASSIGNED, *WRITING)  # what a reviewer still has to do


def weights_of(call: Call) -> dict[int, int]:
    """Return criterion pk -> weight in percent."""
    return dict(call.criteria.values_list("pk", "weight"))


def item_of(proposal: Proposal) -> Item:
    """Return the proposal's valid, unconflicted reviews and consensus scores as the pure functions take them."""
    valid = unblocked(proposal).filter(state__in=VALID).prefetch_related("scores")
    sheets = [Sheet(str(r.pk), {s.criterion_id: s.halves for s in r.scores.all()}) for r in valid]
    consensus = {row.criterion_id: row.halves for row in ConsensusScore.objects.filter(proposal=proposal)}
    return Item(str(proposal.case), sheets, consensus)


@dataclass(frozen=True)
class CriterionLine:
    """One criterion on the consensus page, in points."""

    criterion: Criterion
    scores: list[str]
    official: str
    flagged: bool
    settled: ConsensusScore | None


def points(halves: Fraction | int) -> str:
    """Show half points as points with at most two decimals, half up."""
    hundredths = (Fraction(halves) * 100 + 1) // 2  # halves x 50, rounded half up
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def lines_of(proposal: Proposal) -> list[CriterionLine]:
    """Return every criterion with its scores, official score and flag."""
    call = proposal.call
    item = item_of(proposal)
    means, flagged = means_of(weights_of(call), item), set(diverging(item))  # type: ignore[arg-type]
    newest = {row.criterion_id: row for row in ConsensusScore.objects.filter(proposal=proposal).select_related("by")}
    return [
        CriterionLine(
            c, [points(s.scores[c.pk]) for s in item.sheets], points(means[c.pk]), c.pk in flagged, newest.get(c.pk)
        )
        for c in (call.criteria.all() if call else [])
    ]


def is_flagged(proposal: Proposal) -> bool:
    """Tell whether the reviewers differ so much that it is talked over."""
    item = item_of(proposal)
    return bool(diverging(item)) or spread_is_wide(weights_of(proposal.call), item)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Candidate:
    """A reviewer who could be assigned, with load and what stands in the way."""

    person: Any
    load: int
    conflicts: list[Conflict]


def candidates_for(proposal: Proposal) -> list[Candidate]:
    """Return every reviewer not yet assigned, least loaded first."""
    taken = proposal.reviews.filter(state__in=LIVE).values("reviewer")
    live = Count("reviews", filter=Q(reviews__state__in=OPEN), distinct=True)
    pool = User.objects.filter(role_grants__role=Role.REVIEWER, role_grants__until=None, is_active=True)
    people = with_agency(pool.exclude(pk__in=taken).distinct()).annotate(load=live).order_by("load", "pk")
    return [Candidate(person, person.load, conflicts_of(proposal, person)) for person in people]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Other:
    """Another's review as one may read it after one's own: a letter instead of a name."""

    name: str
    review: Review


def others_for(review: Review) -> list[Other]:
    """Return the other valid reviews; none before one's own is in, and none unless two or more are."""
    if review.state not in VALID:
        return []
    valid = list(unblocked(review.proposal).filter(state__in=VALID).order_by("submitted_at").prefetch_related("scores"))
    if len(valid) < 2:
        return []
    named = [Other(f"Reviewer {chr(ord('A') + place)}", row) for place, row in enumerate(valid)]
    return [other for other in named if other.review.pk != review.pk]


def progress_of(user: User) -> tuple[int, int]:
    """Return how many of one's live reviews are handed in, and how many there are."""
    own = Review.objects.filter(reviewer=user, state__in=LIVE)
    return own.filter(state__in=VALID).count(), own.count()


@dataclass(frozen=True)
class PanelRow:
    """One proposal on the panel's table."""

    proposal: Proposal
    reviews: int
    needed: int
    total: str
    flagged: bool
    place: Place | None
    votes: int
    quorum: int


def panel_of(call: Call, user: User) -> list[PanelRow]:
    """Return the call's proposals in judging that the user may see: ranked ones first by place, then by number."""
    seen = Proposal.objects.visible_to(user).filter(call=call).not_concealed()
    rows = [_row(p) for p in seen.filter(Q(state__in=JUDGING) | Q(state=ProposalState.OFFERED)).order_by("number")]
    return sorted(rows, key=lambda row: (row.place is None, row.place.place if row.place else 0))


def _row(proposal: Proposal) -> PanelRow:
    item, weights = item_of(proposal), weights_of(proposal.call)  # type: ignore[arg-type]
    total = rounded(weighted_total(weights, means_of(weights, item)))[:-4] if item.sheets else ""
    place = Place.objects.filter(proposal=proposal).order_by("-run").first()
    flagged = bool(item.sheets) and (bool(diverging(item)) or spread_is_wide(weights, item))
    votes = len(votes_of(proposal))
    quorum = 0 if is_spark(proposal) else QUORUM  # one member decides a small idea
    return PanelRow(proposal, len(item.sheets), needed(proposal), total, flagged, place, votes, quorum)


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in this room."""
    rows: list[Waiting] = []
    if Role.REVIEWER in roles:
        rows += _reviews(user)
    if roles & {Role.SECRETARIAT, Role.CHAIR, Role.BOARD}:
        seen = Proposal.objects.visible_to(user).not_concealed()
        for role, states, words, page in STEPS:
            if role in roles:
                rows += _proposals(seen.filter(state__in=states), words, page)
        if Role.SECRETARIAT in roles:
            batch = seen.filter(state=ProposalState.APPROVED).exclude(call__stage=Stage.SPARK)  # those go by themselves
            rows += _proposals(batch, "Release the batch with “{}”", "")
        if Role.BOARD in roles:
            rows += _votes(seen, user)
    return rows


STEPS: tuple[tuple[Role, tuple[str, ...], str, str], ...] = (
    (Role.SECRETARIAT, (ProposalState.ELIGIBLE,), "Assign reviewers to “{}”", "reviewers/"),
    (Role.SECRETARIAT, (ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED), "Bring “{}” to the board", ""),
    (
        Role.CHAIR,
        (ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION),
        "Compare reviews: “{}”",
        "consensus/",
    ),
    (Role.CHAIR, (ProposalState.RANKED,), "Recommend or not: “{}”", ""),
)


def _proposals(rows: Iterable[Proposal], words: str, page: str) -> list[Waiting]:
    return [
        Waiting(words.format(p.title), p.reference or "", f"{p.get_absolute_url()}{page}") for p in list(rows)[:SHOWN]
    ]


def _reviews(user: User) -> list[Waiting]:
    still_open = (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)
    own = Review.objects.visible_to(user).filter(reviewer=user, state__in=OPEN, proposal__state__in=still_open)
    return [
        Waiting(
            f"Accept the review of “{r.subject}”?" if r.state == ReviewState.ASSIGNED
            else f"Review “{r.subject}”", r.get_state_display(), r.get_absolute_url(),
        )
        for r in own.select_related("proposal")[:SHOWN]
    ]  # fmt: skip


def _votes(seen: Any, user: User) -> list[Waiting]:
    pending = seen.filter(state=ProposalState.DECISION_PENDING).select_related("call")
    return [
        Waiting(f"Decide on “{p.title}”", p.reference or "", f"{p.get_absolute_url()}decide/")
        if is_spark(p)
        else Waiting(f"Vote on “{p.title}”", p.reference or "", f"{p.get_absolute_url()}vote/")
        for p in list(pending)[:SHOWN]
        if not p.votes.filter(member=user, round=round_of(p)).exists()
    ]


def mixed_names(proposal: Proposal) -> list[dict[str, str]]:
    """Return the names of all teams of the call by the alphabet: whose idea it is cannot be read from it."""
    rows = Member.objects.filter(proposal__call=proposal.call, status=MemberState.JOINED)
    sent = rows.filter(proposal__submitted_at__isnull=False).order_by("person__full_name", "person__employee_number")
    found = sent.values_list("person__full_name", "person__employee_number", "agency__name").distinct()
    return [{"name": name, "number": number or "", "agency": agency} for name, number, agency in found]


def small_reviews(proposal: Proposal) -> list[Other]:
    """Return the valid reviews of a small idea under letters, for who decides."""
    valid = unblocked(proposal).filter(state__in=VALID).order_by("submitted_at").prefetch_related("scores__criterion")
    return [Other(f"Reviewer {chr(ord('A') + place)}", row) for place, row in enumerate(valid)]


sees_limit = holds(Role.BOARD, Role.HEAD, Role.SECRETARIAT, Role.AUDITOR)
sees_panel = holds(Role.SECRETARIAT, Role.CHAIR, Role.BOARD, Role.AUDITOR)
