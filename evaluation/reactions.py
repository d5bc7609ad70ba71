"""What follows here when a reviewer says no."""

from typing import Any

from lifecycle.reactions import reacts_to
from people.enums import Part
from people.services.involvement import involve, release
from proposals.models import Proposal

from .models import Review


@reacts_to("proposals.Proposal", "moderate")
@reacts_to("proposals.Proposal", "recommend")
@reacts_to("proposals.Proposal", "not_recommend")
def note_the_chair(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Put on record who led the panel, so that no part that this rules out can follow."""
    involve(case=proposal.case, person=by, part=Part.CHAIR)


@reacts_to("evaluation.Review", "refuse")
def end_the_part(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """End the part, so that who refused no longer reads the proposal."""
    release(case=review.case, person=review.reviewer, part=Part.REVIEWER)
