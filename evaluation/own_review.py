"""How far the reader's own review of a proposal is, for the pages of the proposal."""

from typing import Any

from proposals.own_review import OwnReview, finds_own_review

from .enums import LIVE, VALID, ReviewState


@finds_own_review
def live_review_of(proposal: Any, user: Any) -> OwnReview | None:
    """Return the review that the reader was asked for and that still stands, or None."""
    review = proposal.reviews.filter(reviewer_id=user.pk, state__in=LIVE).first()
    if review is None:
        return None
    return OwnReview(review.get_absolute_url(), review.state != ReviewState.ASSIGNED, review.state in VALID)
