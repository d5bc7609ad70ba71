"""Values that the room stores."""

from django.db.models import TextChoices


class ReviewState(TextChoices):
    """Where a review stands."""

    ASSIGNED = "assigned", "Waiting for the reviewer to accept"
    ACCEPTED = "accepted", "Accepted"
    IN_PROGRESS = "in_progress", "Being written"
    SUBMITTED = "submitted", "Submitted"
    LOCKED = "locked", "Locked: ranked"
    RECUSED = "recused", "Recused: a conflict of interest"
    REFUSED = "refused", "Refused"
    ABSTAINED = "abstained", "Withdrew after accepting"
    INVALIDATED = "invalidated", "Excluded: a conflict was found"


WRITING = (ReviewState.ACCEPTED, ReviewState.IN_PROGRESS)
VALID = (ReviewState.SUBMITTED, ReviewState.LOCKED)
LIVE = (ReviewState.ASSIGNED, *WRITING, *VALID)


class Chance(TextChoices):
    """How likely the reviewer finds it that the target is met; the median becomes the ambition class."""

    BOLD = "bold", "Under 50 %"
    OPEN = "open", "50 to 80 %"
    LIKELY = "likely", "Over 80 %"


class Interest(TextChoices):
    """What a reviewer declares before reading."""

    NONE = "none", "I have no interest in this proposal"
    RELATIVE = "relative", "A relative of mine is in the team"
    FINANCIAL = "financial", "I could gain or lose money by it"
    ADVISED = "advised", "I advised the team on it"
    OTHER = "other", "Something else that could sway me"


class Choice(TextChoices):
    """A board member's vote."""

    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"
    DEFER = "defer", "Defer"


class Fault(TextChoices):
    """Why a chair returns a review; its scores are never a reason."""

    MISSING = "missing", "A reason or a comment is missing, or cannot be understood"
    ABUSIVE = "abusive", "Its words hurt or accuse somebody"


class Handling(TextChoices):
    """What becomes of a reviewer's reason in the feedback."""

    AS_IS = "as_is", "Release it as it is"
    LEFT_OUT = "left_out", "Leave it out"
    REWORDED = "reworded", "Release it in the words below"
