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
    REASSIGNED = "reassigned", "Taken back: given to somebody else"


WRITING = (ReviewState.ACCEPTED, ReviewState.IN_PROGRESS)
OPEN = (ReviewState.ASSIGNED, *WRITING)  # what a reviewer still has to do
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
    LINE = "line", "Somebody in the team is or was my line manager, or I theirs"
    DIVISION = "division", "Somebody in the team works in my division"
    OTHER = "other", "Something else that could sway me"
    ACQUAINTED = "acquainted", "I know somebody in the team, and it does not sway me"


READING_ON = (Interest.NONE, Interest.ACQUAINTED)  # after these the person reads; after any other steps aside


class Language(TextChoices):
    """What a reviewer reads; a proposal's own is told from its letters."""

    ENGLISH = "english", "English"
    DZONGKHA = "dzongkha", "Dzongkha"


class Choice(TextChoices):
    """A board member's vote."""

    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"
    RESERVE = "reserve", "Put on the reserve list"
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
