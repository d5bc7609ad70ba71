"""Where reviewers differ, what the chair noted, and what the applicants will read."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from fund.models import Call, Criterion
from lifecycle.remembering import remembered
from people.enums import Role
from people.models import User
from people.policies import holds
from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal

from .enums import Handling
from .guards import sitting_of
from .locks import FIELD, READY
from .models import ConsensusScore, Feedback, ModerationNote, Review
from .models.review import still_to_review
from .queries import criteria_of, in_present_sitting, items_of, shuffled, valid_reviews
from .scoring import Item, diverging, scores_on, spread_is_wide, totals_of, variance_of


@dataclass(frozen=True)
class Apart:
    """One criterion on which the reviewers are far apart, in points."""

    name: str
    lowest: str
    highest: str
    distance: str
    settled: bool


@dataclass(frozen=True)
class QueueRow:
    """One proposal of the queue: how far the totals spread (percentage points), and what differs."""

    proposal: Proposal
    reviews: int
    lowest: str
    highest: str
    spread: str
    apart: list[Apart]
    flagged: bool
    settled: bool
    feedback: str
    order: tuple[Fraction, int]


chairs = holds(Role.CHAIR)
ALL, TO_TALK_OVER, SETTLED = "all", "open", "settled"
SHOWN = {ALL: "All", TO_TALK_OVER: "To talk over", SETTLED: "Settled"}


def queue_of(call: Call, user: User, show: str = ALL) -> list[QueueRow]:
    """Return the call's proposals whose reviews are closed, those that differ most first."""
    seen = Proposal.objects.visible_to(user).filter(call=call, state__in=FIELD, released_at=None).not_concealed()
    found = list(seen.exclude(pk__in=still_to_review(user)).select_related("call").order_by("number"))
    agreed = list(in_present_sitting(ConsensusScore.objects.filter(proposal__in=found)))
    items, written = items_of(found, agreed), _feedback_states(found)
    criteria = criteria_of(call)
    rows = [_queue_row(p, items[p.pk], criteria, written.get(p.pk, "")) for p in found]
    return sorted((row for row in rows if _is_shown(row, show)), key=lambda row: row.order, reverse=True)


def _is_shown(row: QueueRow, show: str) -> bool:
    if show == TO_TALK_OVER:
        return row.flagged and not row.settled
    return show != SETTLED or row.settled


def _feedback_states(found: list[Proposal]) -> dict[int, str]:
    rows = in_present_sitting(Feedback.objects.filter(proposal__in=found)).order_by("number")
    states: dict[int, str] = {}
    for proposal, certified in rows.values_list("proposal", "certified"):
        if certified or proposal not in states:
            states[proposal] = "certified" if certified else "draft"
    return states


def _queue_row(proposal: Proposal, item: Item, criteria: list[Criterion], feedback: str) -> QueueRow:
    weights = {criterion.pk: criterion.weight for criterion in criteria}
    totals, marked = totals_of(weights, item), set(diverging(item))
    variance = variance_of(weights, item)
    apart = [_apart(criterion, item) for criterion in criteria if criterion.pk in marked]
    flagged = bool(marked) or spread_is_wide(weights, item)
    talked = proposal.state not in READY or proposal.state == ProposalState.IN_MODERATION
    widest = max((max(given) - min(given) for c in criteria if (given := scores_on(item, c.pk))), default=0)
    return QueueRow(
        proposal, len(totals), _percent(totals[0]) if totals else "", _percent(totals[-1]) if totals else "",
        f"{sqrt(variance):.1f}", apart, flagged, flagged and talked and all(row.settled for row in apart), feedback,
        (variance, widest),
    )  # fmt: skip


def _apart(criterion: Criterion, item: Item) -> Apart:
    given = scores_on(item, criterion.pk)
    ends = (min(given), max(given), max(given) - min(given))
    lowest, highest, distance = (f"{halves / 2:g}" for halves in ends)
    return Apart(criterion.name, lowest, highest, distance, criterion.pk in item.consensus)


def _percent(total: Fraction) -> str:
    return f"{float(total):.0f}"


def notes_on(proposal: Proposal) -> list[ModerationNote]:
    """Return the chair's notes, oldest first."""
    return list(proposal.moderation_notes.select_related("by"))


@dataclass(frozen=True)
class Source:
    """One reviewer's reason on one criterion, under the letter that others know the reviewer by."""

    criterion: Criterion
    review: Review
    letter: str
    text: str

    @property
    def key(self) -> tuple[int, int]:
        """Return (criterion, review)."""
        return self.criterion.pk, self.review.pk


def sources_of(proposal: Proposal) -> list[Source]:
    """Return every reason of the valid reviews, by criterion; the order of reviewers tells nothing about them."""
    reviews = sorted(valid_reviews(proposal), key=shuffled)
    found = [
        Source(score.criterion, review, f"Reviewer {chr(ord('A') + place)}", _said(score.halves, score.reason))
        for place, review in enumerate(reviews)
        for score in review.scores.all()
        if score.reason.strip()
    ]
    return sorted(found, key=lambda source: source.criterion.position)


def _said(halves: int | None, reason: str) -> str:
    return reason if halves is not None else f"Does not apply: {reason}"


@remembered
def newest_feedback(proposal: Proposal) -> Feedback | None:
    """Return the newest row of the present sitting, a draft or certified."""
    rows = proposal.feedback.filter(sitting=sitting_of(proposal)).select_related("by")
    return rows.prefetch_related("reasons").order_by("number").last()


def last_number(proposal: Proposal) -> int:
    """Return the number of the newest row of any sitting, 0 when there is none."""
    newest = proposal.feedback.order_by("number").last()
    return newest.number if newest else 0


def words_of(proposal: Proposal) -> dict[str, str]:
    """Return what the form begins with: the newest row, or at first what the reviewers wrote."""
    row = newest_feedback(proposal)
    if row is not None:
        said = {"strength": row.strength, "weakness": row.weakness, "change": row.change}
        for reason in row.reasons.all():
            key = f"{reason.criterion_id}_{reason.review_id}"
            said[f"how_{key}"] = reason.handling
            said[f"text_{key}"] = reason.text if reason.handling == Handling.REWORDED else ""
        return said
    reviews = sorted(valid_reviews(proposal), key=shuffled)
    parts = ("strength", "weakness", "change")
    return {name: "\n".join(dict.fromkeys(getattr(review, name) for review in reviews)) for name in parts}


def takes_feedback(proposal: Proposal) -> bool:
    """Tell whether feedback can be written: after the reviews and before the release; a small idea has none."""
    return proposal.state in FIELD and proposal.released_at is None and not is_spark(proposal)
