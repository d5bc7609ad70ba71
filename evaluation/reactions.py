"""What follows here when a reviewer says no."""

from typing import Any

from lifecycle.reactions import reacts_to
from people.enums import Part
from people.services.involvement import release

from .models import Review


@reacts_to("evaluation.Review", "refuse")
def end_the_part(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """End the part, so that who refused no longer reads the proposal."""
    release(case=review.case, person=review.reviewer, part=Part.REVIEWER)
