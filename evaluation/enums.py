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


class AppealState(TextChoices):
    """Where an appeal stands."""

    LODGED = "lodged", "Lodged"
    ADMISSIBLE = "admissible", "Will be heard"
    INADMISSIBLE = "inadmissible", "Cannot be heard"
    ASSIGNED = "assigned", "Being looked into"
    UPHELD = "upheld", "Upheld: it is judged again"
    PARTLY = "partly", "Right in part: the decision stands"
    DISMISSED = "dismissed", "Not upheld: the decision stands"
    WITHDRAWN = "withdrawn", "Taken back"


OPEN_APPEAL = (AppealState.LODGED, AppealState.ADMISSIBLE, AppealState.ASSIGNED)
HEARD = (AppealState.UPHELD, AppealState.PARTLY, AppealState.DISMISSED)
TOLD_APPEAL = (AppealState.INADMISSIBLE, *HEARD)  # these end with a letter to the team


class Ground(TextChoices):
    """What an appeal can rest on."""

    PROCEDURE = "procedure", "The rules of judging were not kept"
    FACT = "fact", "A fact was read or written down wrongly"
    CONFLICT = "conflict", "Somebody who judged it had an interest in it"
    EVIDENCE = "evidence", "There is new evidence that could not be given before"
