"""Facts about rankings that a proposal's steps need; apart from `guards`, because they read scores."""

from typing import Any

from django.db.models import Count, Exists, Subquery
from django.db.models.functions import Coalesce

from fund.set_up import halves
from lifecycle.guards import provides
from lifecycle.remembering import remembered
from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal

from .engine.line import AFTER, DRAW
from .enums import VALID, ReviewState
from .guards import counted, needed, sitting_of
from .locks import READY
from .models import Place, Review
from .queries import agreed_in, award_of, is_flagged, item_of, valid_reviews
from .scoring import diverging
from .services.limits import in_force
from .standing import fate_of


@provides("flags_resolved", "The reviewers differ: the chair talks it over and settles each marked criterion first.")
def flags_resolved(proposal: Any) -> bool:
    """Tell whether nothing is flagged, or every marked criterion is settled in the consensus step."""
    if not is_flagged(proposal):
        return True
    return proposal.state == ProposalState.IN_MODERATION and _marked_are_settled(proposal)


def _marked_are_settled(proposal: Any) -> bool:
    return set(diverging(item_of(proposal))) <= {row.criterion_id for row in agreed_in(proposal)}


JUDGING_STANDS = "A review was excluded, so this waits until the secretariat has opened the reviews again."
RANKING_FELL = "A review that was ranked is excluded, so this waits until the secretariat has ranked the call again."


@provides("to_be_judged_again", "The reviews are opened again only after one was excluded, and too few are left or "
          "what the panel agreed fell with it.")  # fmt: skip
def to_be_judged_again(proposal: Any) -> bool:
    """Tell whether too few reviews carry it, or an excluded one left marked criteria that nobody has settled since.

    From the ranking on a review carries it when it is handed in, locked, and of somebody without a conflict.
    """
    if _carried(proposal)[0] < needed(proposal.call):
        return True
    return proposal.state not in READY and sitting_of(proposal) > 1 and not _marked_are_settled(proposal)


@remembered
def _carried(proposal: Any) -> tuple[int, bool]:
    """Return how many reviews carry the proposal, and whether the ranking of its call has fallen; one query."""
    states = VALID if proposal.state in READY or is_spark(proposal) else (ReviewState.LOCKED,)
    carrying = counted(proposal).filter(state__in=states).order_by().values("proposal").annotate(number=Count("pk"))
    row = Proposal.objects.filter(pk=proposal.pk).values_list(
        Coalesce(Subquery(carrying.values("number")), 0), Exists(_fallen(proposal.call_id))
    )
    number, fell = row.get()
    return int(number), bool(fell)


def _fallen(call: int | None) -> Any:
    """Return the excluded reviews that the newest ranking of the call holds."""
    return Review.objects.filter(ranked_in__call=call, ranked_in__replaced_by=None)


def why_it_waits(proposal: Any) -> str:
    """Return why no decision can lean on the reviews and the ranking that was made of them, or nothing."""
    if to_be_judged_again(proposal):
        return JUDGING_STANDS
    return RANKING_FELL if _carried(proposal)[1] else ""


@provides("judging_stands", JUDGING_STANDS, why_it_waits)
def judging_stands(proposal: Any) -> bool:
    """Tell whether a decision can lean on the reviews and on the ranking."""
    return not why_it_waits(proposal)


@provides("lots_are_drawn", "Lots decide about this one: they are drawn first, on the page of the call's lots.")
def lots_are_drawn(proposal: Any) -> bool:
    """Tell whether the newest ranking says of itself, or by the lots, where the proposal stands."""
    return fate_of(proposal) not in (DRAW, AFTER)


@provides("meets_threshold", "It does not reach the thresholds of its stage.")
def meets_threshold(proposal: Any) -> bool:
    """Tell whether the newest ranking found the thresholds reached."""
    newest = Place.objects.filter(proposal=proposal).order_by("-run").first()
    return newest is not None and newest.meets


def _small_words(proposal: Any) -> str:
    call = proposal.call
    return (
        f"Each of {call.reviews_needed} reviews has to give every question at least {halves(call.least_halves)} of 5."
    )


@provides("small_reviews_pass", "Each review has to give every question what its call asks for.", _small_words)
def small_reviews_pass(proposal: Any) -> bool:
    """Tell whether each valid review of a small idea reaches the threshold on every question."""
    reviews, least = valid_reviews(proposal), proposal.call.least_halves
    given = [[score.halves for score in review.scores.all()] for review in reviews]
    passed = [bool(row) and all(halves is not None and halves >= least for halves in row) for row in given]
    return len(passed) >= needed(proposal.call) and all(passed)


@provides("inside_the_limit", "It asks for more than the board lets one member decide alone, or the board has set "
          "no limit yet. The board can set another limit.")  # fmt: skip
def inside_the_limit(proposal: Any) -> bool:
    """Tell whether the request is within the board's limit of today."""
    limit = in_force()
    return limit is not None and award_of(proposal) <= limit.amount
