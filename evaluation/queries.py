"""Reads beyond `.get`."""

import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fund.models import Call, Criterion
from lifecycle.remembering import remembered
from people.enums import Grade, Role
from people.models import Block, User
from people.policies import holds
from people.queries import holders, with_agency
from proposals.enums import JUDGING, MemberState, ProposalState
from proposals.lane import is_spark
from proposals.models import Member, Proposal

from .apart import competes_in, is_free_of, is_tied_to
from .enums import LIVE, OPEN, VALID, ReviewState
from .guards import needed, of_who_may, unblocked
from .models import ConsensusScore, Decision, Feedback, Permission, Place, Review, Score, Vote
from .models.review import still_to_review
from .scoring import (
    Item,
    Sheet,
    diverging,
    means_of,
    open_to_agreement,
    rounded,
    scores_on,
    spread_is_wide,
    weighted_total,
)
from .services.conflicts import Conflict, conflicts_among

SHOWN = 20
STILL_OPEN = (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)  # a review can be written
Row = TypeVar("Row", Vote, ConsensusScore, Feedback)


@remembered
def criteria_of(call: Call) -> list[Criterion]:
    """Return the call's criteria in order."""
    return list(call.criteria.all())


def weights_of(call: Call) -> dict[int, int]:
    """Return criterion pk -> weight in percent."""
    return {criterion.pk: criterion.weight for criterion in criteria_of(call)}


def that_count(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Return those reviews of people who are tied to the proposal by no more than a note, permitted or not."""
    tied = Block.objects.filter(case=OuterRef("case"), person=OuterRef("reviewer"))
    permitted = Permission.objects.filter(proposal=OuterRef("proposal"), person=OuterRef("reviewer"), given=True)
    return reviews.filter(~Exists(tied.filter(grade__in=(Grade.BLOCK, Grade.MITIGATE))), ~Exists(permitted))


@remembered
def agreed_in(proposal: Proposal) -> list[ConsensusScore]:
    """Return what the panel agreed in the present sitting, oldest first, with criterion and chair."""
    return list(in_present_sitting(proposal.consensus.select_related("by", "criterion")))


def items_of(proposals: list[Proposal], agreed: Iterable[ConsensusScore]) -> dict[int, Item]:
    """Return proposal pk -> valid, unconflicted reviews and consensus scores, for pure functions; one query."""
    counting = that_count(Review.objects.filter(proposal__in=proposals, state__in=VALID))
    valid = Score.objects.filter(review__in=counting.order_by()).order_by("review", "criterion__position")
    given: dict[int, dict[int, dict[int, int]]] = {proposal.pk: {} for proposal in proposals}
    rows = valid.values_list("review__proposal", "review", "criterion", "halves")
    for proposal, review, criterion, halves in rows:
        if halves is None:  # it does not apply, and so is no score
            continue
        given[proposal].setdefault(review, {})[criterion] = halves
    settled: dict[int, dict[int, int]] = {proposal.pk: {} for proposal in proposals}
    for row in agreed:
        settled[row.proposal_id][row.criterion_id] = row.halves
    return {
        p.pk: Item(str(p.case), [Sheet(str(pk), said) for pk, said in given[p.pk].items()], settled[p.pk])
        for p in proposals
    }


@remembered
def item_of(proposal: Proposal) -> Item:
    """Return the proposal's valid, unconflicted reviews and consensus scores as the pure functions take them."""
    return items_of([proposal], agreed_in(proposal))[proposal.pk]


@dataclass(frozen=True)
class CriterionLine:
    """One criterion on the consensus page, in points."""

    criterion: Criterion
    scores: list[str]
    official: str
    flagged: bool
    settled: ConsensusScore | None
    left_out: int  # reviews for which it does not apply


def points(halves: Fraction | int) -> str:
    """Show half points as points with at most two decimals, half up."""
    hundredths = (Fraction(halves) * 100 + 1) // 2  # halves x 50, rounded half up
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def lines_of(proposal: Proposal) -> list[CriterionLine]:
    """Return every criterion with its scores, official score and flag."""
    call = proposal.call
    item = item_of(proposal)
    means, flagged = means_of(weights_of(call), item), set(diverging(item))  # type: ignore[arg-type]
    newest = {row.criterion_id: row for row in agreed_in(proposal)}
    return [
        CriterionLine(
            c,
            [points(halves) for halves in scores_on(item, c.pk)],
            points(means[c.pk]) if c.pk in means else "",
            c.pk in flagged,
            newest.get(c.pk),
            len(item.sheets) - len(scores_on(item, c.pk)),
        )
        for c in (criteria_of(call) if call else [])
    ]


def agreeable(proposal: Proposal) -> dict[int, tuple[int, int]]:
    """Return criterion pk -> lowest and highest half points between which the panel may agree; see `scoring`."""
    return open_to_agreement(weights_of(proposal.call), item_of(proposal))  # type: ignore[arg-type]


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

    @property
    def standing(self) -> str:
        """Return `free`, `permit` (the chair may permit it) or `out`."""
        grades = {conflict.grade for conflict in self.conflicts}
        return "out" if Grade.BLOCK in grades else "permit" if Grade.MITIGATE in grades else "free"


def candidates_for(proposal: Proposal) -> list[Candidate]:
    """Return every reviewer not yet assigned and who did not say that they cannot judge it, least loaded first."""
    taken = proposal.reviews.filter(state__in=(*LIVE, ReviewState.ABSTAINED)).values("reviewer")
    real = Q(reviews__state__in=OPEN, reviews__proposal__call__practice_of=None)
    live = Count("reviews", filter=real, distinct=True)
    people = list(with_agency(holders(Role.REVIEWER).exclude(pk__in=taken)).annotate(load=live).order_by("load", "pk"))
    conflicts = conflicts_among(proposal, people)
    return [Candidate(person, person.load, conflicts[person.pk]) for person in people]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Other:
    """Another's review as one may read it after one's own: a letter instead of a name."""

    name: str
    review: Review


def shuffled(review: Review) -> str:
    """Return what orders a proposal's reviews: fixed for it, and telling nothing about people or times."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{review.case}:{review.pk}".encode(), "sha256").hex()


def others_for(review: Review) -> list[Other]:
    """Return the other valid reviews; none before one's own is in, and none unless two or more are."""
    if review.state not in VALID:
        return []
    found = unblocked(review.proposal).filter(state__in=VALID).prefetch_related("scores__criterion")
    valid = sorted(found, key=shuffled)
    if len(valid) < 2:
        return []
    named = [Other(f"Reviewer {chr(ord('A') + place)}", row) for place, row in enumerate(valid)]
    return [other for other in named if other.review.pk != review.pk]


def progress_of(user: User) -> tuple[int, int]:
    """Return how many of one's reviews of what nobody was told yet are handed in, and how many there are.

    A draft that was left until the reviews were closed, or the proposal withdrawn, can no longer be handed in and so is
    none of them.
    """
    own = Review.objects.filter(reviewer=user, state__in=LIVE, proposal__released_at=None).of_practice(False).order_by()
    own = own.exclude(~Q(proposal__state__in=STILL_OPEN), state__in=OPEN)
    counts = Counter(own.values_list("state", flat=True))
    return sum(counts[state] for state in VALID), counts.total()


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


def in_present_round(votes: QuerySet[Vote]) -> QuerySet[Vote]:
    """Return those votes that belong to their proposal's present round, which is one after its last decision."""
    return in_present_sitting(votes).filter(round=_one_after(Decision.objects.all()))


def in_present_sitting(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return those votes or agreed scores that no excluded review has made fall; see `guards.sitting_of`."""
    return rows.filter(sitting=_one_after(excluded_reviews()))


def excluded_reviews() -> QuerySet[Review]:
    """Return the reviews that were handed in and excluded afterwards."""
    return Review.objects.filter(state=ReviewState.INVALIDATED, submitted_at__isnull=False)


def _one_after(rows: QuerySet[Any]) -> Any:
    """Return, for a query over rows of a proposal, one more than the proposal has of `rows`."""
    own = rows.filter(proposal=OuterRef("proposal")).order_by().values("proposal")
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0) + 1


def panel_of(call: Call, user: User) -> list[PanelRow]:
    """Return the call's proposals in judging that the user may see: ranked ones first by place, then by number."""
    seen = Proposal.objects.visible_to(user).filter(call=call).not_concealed().select_related("call")
    seen = seen.exclude(pk__in=still_to_review(user))
    found = list(seen.filter(Q(state__in=JUDGING) | Q(state=ProposalState.OFFERED)).order_by("number"))
    ranked = Place.objects.filter(proposal__in=found).select_related("run").order_by("run")
    items = items_of(found, in_present_sitting(ConsensusScore.objects.filter(proposal__in=found)))
    votes = Counter(
        of_who_may(in_present_round(Vote.objects.filter(proposal__in=found))).values_list("proposal", flat=True)
    )
    places = {place.proposal_id: place for place in ranked}  # the newest run last
    wanted, weights = needed(call), weights_of(call)
    rows = [_row(p, items[p.pk], weights, wanted, places.get(p.pk), votes[p.pk]) for p in found]
    return sorted(rows, key=lambda row: (row.place is None, row.place.place if row.place else 0))


def _row(
    proposal: Proposal, item: Item, weights: dict[int, int], wanted: int, place: Place | None, votes: int
) -> PanelRow:
    total = rounded(weighted_total(weights, means_of(weights, item))) if item.sheets else ""
    flagged = bool(item.sheets) and (bool(diverging(item)) or spread_is_wide(weights, item))
    quorum = (
        0 if is_spark(proposal) or proposal.call is None else proposal.call.quorum
    )  # one member decides a small idea
    return PanelRow(proposal, len(item.sheets), wanted, total, flagged, place, votes, quorum)


def mixed_names(proposal: Proposal) -> list[dict[str, str]]:
    """Return the names of all teams of the call by the alphabet: whose idea it is cannot be read from it.

    Each with the key of the person, for who declares against the list.
    """
    rows = Member.objects.filter(proposal__call=proposal.call, status=MemberState.JOINED)
    sent = rows.filter(proposal__submitted_at__isnull=False).order_by("person__full_name", "person__employee_number")
    found = sent.values_list("person", "person__full_name", "person__employee_number", "agency__name").distinct()
    return [
        {"pk": str(pk), "name": name, "number": number or "", "agency": agency} for pk, name, number, agency in found
    ]


def award_of(proposal: Proposal) -> int:
    """Return what the newest version asks for, in chhetrum."""
    version = proposal.versions.last()
    return int(version.facts["requested"]) if version else 0


@remembered
def valid_reviews(proposal: Proposal) -> list[Review]:
    """Return the reviews that count, with their scores."""
    return list(unblocked(proposal).filter(state__in=VALID).prefetch_related("scores__criterion"))


def small_reviews(proposal: Proposal) -> list[Other]:
    """Return the valid reviews of a small idea under letters, for who decides."""
    found = sorted(valid_reviews(proposal), key=shuffled)
    return [Other(f"Reviewer {chr(ord('A') + place)}", row) for place, row in enumerate(found)]


sees_limit = holds(Role.BOARD, Role.HEAD, Role.SECRETARIAT, Role.AUDITOR)
sees_panel = holds(Role.SECRETARIAT, Role.CHAIR, Role.BOARD, Role.AUDITOR)
sees_flags = holds(Role.SECRETARIAT, Role.CHAIR, Role.AUDITOR)
sees_panel_of = sees_panel & ~competes_in
sees_lots = holds(Role.SECRETARIAT, Role.HEAD, Role.CHAIR, Role.BOARD, Role.AUDITOR) & is_free_of
sees_money_left = holds(Role.SECRETARIAT, Role.HEAD, Role.BOARD, Role.AUDITOR) & ~is_tied_to
