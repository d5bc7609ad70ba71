"""Facts about rankings that a proposal's steps need; apart from `guards`, because they read scores."""

from typing import Any

from lifecycle.guards import provides
from proposals.enums import ProposalState

from .models import ConsensusScore, Place
from .queries import is_flagged, item_of
from .scoring import diverging


@provides("flags_resolved", "The reviewers differ: the chair talks it over and settles each marked criterion first.")
def flags_resolved(proposal: Any) -> bool:
    """Tell whether nothing is flagged, or every marked criterion is settled in the consensus step."""
    if not is_flagged(proposal):
        return True
    settled = set(ConsensusScore.objects.filter(proposal=proposal).values_list("criterion", flat=True))
    return proposal.state == ProposalState.IN_MODERATION and set(diverging(item_of(proposal))) <= settled


@provides("meets_threshold", "It does not reach the thresholds of its stage.")
def meets_threshold(proposal: Any) -> bool:
    """Tell whether the newest ranking found the thresholds reached."""
    newest = Place.objects.filter(proposal=proposal).order_by("-run").first()
    return newest is not None and newest.meets
