"""Values that the room stores."""

from django.db.models import TextChoices


class OutcomeState(TextChoices):
    """Where a promised result stands."""

    PRE_REGISTERED = "pre_registered", "Promised, still running"
    CLAIMED = "claimed", "Claimed, waiting for a verifier"
    VERIFYING = "verifying", "Being checked"
    VERIFIED_MET = "verified_met", "Checked: target reached"
    VERIFIED_PARTIAL = "verified_partial", "Checked: at least half of the way"
    VERIFIED_NOT_MET = "verified_not_met", "Checked: target not reached"
    UNVERIFIABLE = "unverifiable", "Could not be checked"
    PUBLISHED = "published", "Published"
    CONTESTED = "contested", "A second look was granted: another verifier is needed"
    REVOKED = "revoked", "Revoked"
    CLOSED_UNCLAIMED = "closed_unclaimed", "Closed: the grant ended early"


class Verdict(TextChoices):
    """What the verifier found; it stays when the result is published."""

    MET = "met", "Target reached"
    PARTIAL = "partial", "At least half of the way"
    NOT_MET = "not_met", "Target not reached"
    UNVERIFIABLE = "unverifiable", "Could not be checked"


class Confidence(TextChoices):
    """How sure the verifier is."""

    HIGH = "high", "High: I saw the source itself"
    MEDIUM = "medium", "Medium: I saw a copy or an extract"
    LOW = "low", "Low: I rely on what the team says"


class LearningState(TextChoices):
    """Where a learning record stands."""

    DRAFT = "draft", "Being written"
    SUBMITTED = "submitted", "Waiting for two classifiers"
    CLASSIFYING = "classifying", "Being classified"
    SHOWN = "shown", "Shown to you first"
    CONTESTED = "contested", "Contested: others read it again"
    ACCEPTED = "accepted", "Accepted"
    PUBLISHED = "published", "Shared beyond the team"


class Kind(TextChoices):
    """How a classifier reads a failure."""

    INTELLIGENT = "intelligent", "Well tested"
    COMPLEX = "complex", "Overtaken by events"
    PREVENTABLE = "preventable", "Could have been avoided"


class Opened(TextChoices):
    """Why a learning record was opened."""

    STOPPED_EARLY = "stopped_early", "The grant stopped early"
    NOT_MET = "not_met", "The target was not reached"
    UNVERIFIABLE = "unverifiable", "The result could not be checked"


class Reach(TextChoices):
    """How far a learning record goes; the person chooses."""

    TEAM = "team", "The team only"
    GOVERNMENT = "government", "Everybody in government"
    PUBLIC = "public", "Everybody"


class ContestState(TextChoices):
    """Where a second look stands."""

    LODGED = "lodged", "Asked for"
    ADMISSIBLE = "admissible", "Will be heard"
    INADMISSIBLE = "inadmissible", "Cannot be heard"
    ASSIGNED = "assigned", "An officer looks into it"
    UPHELD = "upheld", "Upheld"
    PARTLY = "partly", "Upheld in part"
    DISMISSED = "dismissed", "Not upheld"


OPEN_CONTEST = (ContestState.LODGED, ContestState.ADMISSIBLE, ContestState.ASSIGNED)
RIGHT = (ContestState.UPHELD, ContestState.PARTLY)  # what is carried out


class ContestAbout(TextChoices):
    """What a second look is at."""

    RESULT = "result", "What the verifier found"
    POINTS = "points", "How points were counted"


class SignalKind(TextChoices):
    """Why a human should look at a claim."""

    NEAR_BASELINE = "near_baseline", "A target close to the start"
    SAME_TEXT = "same_text", "The same words in two claims"
    LATE_MEMBER = "late_member", "Somebody joined just before the check"
    JUST_ABOVE = "just_above", "Just above what was needed"
    LENIENT = "lenient", "A verifier who finds far more targets reached"
    LATE_BASELINE = "late_baseline", "The figure of today was changed late"
    SUPERIOR_UP = "superior_up", "The share of a superior rose"
    SAME_FILE = "same_file", "The same evidence file in two claims"


class SignalAnswer(TextChoices):
    """What the head found."""

    NOTHING = "nothing", "Nothing is wrong"
    HOLD = "hold", "The record is held"


class FollowUpState(TextChoices):
    """What became of a result."""

    DUE = "due", "To be looked at"
    SUSTAINED = "sustained", "It holds"
    SCALED = "scaled", "It has grown"
    FADED = "faded", "It has faded"


class ContributionState(TextChoices):
    """Where the agreement on who did how much stands."""

    PROPOSED = "proposed", "Not yet written down"
    SHARES_OPEN = "shares_open", "Waiting for everybody to agree"
    SHARES_AGREED = "shares_agreed", "Everybody agrees"
    DISPUTED = "disputed", "Disputed: the head of secretariat settles it"
    VERIFIED = "verified", "Verified"
    REVERSED = "reversed", "Taken back"
    VOID = "void", "Earns nothing"


class CreditCode(TextChoices):
    """What counts beside one's own result, by the code of the points policy."""

    BARRIER = "B1", "A rule that got in the way was removed"
    LEARNING = "F2", "Another team used what was learned"
    MENTORING = "M1", "A team was mentored to a milestone"
    JUDGEMENT = "V1", "Work for others' proposals and results, on time and well"
    SPRINT = "S1", "Work in a sprint became a funded Spark"


# codes that tell of a learning record: HR reads of them only while the person shows it
OF_LEARNING = ("F1", CreditCode.LEARNING.value)


class CreditState(TextChoices):
    """Where a stated contribution stands."""

    STATED = "stated", "Stated, waiting to be confirmed"
    SECONDED = "seconded", "Confirmed by the other side, waiting to be checked"
    RECOGNISED = "recognised", "Recognised: it is on the record"
    TURNED_DOWN = "turned_down", "Turned down"
    TAKEN_BACK = "taken_back", "Taken back"


class MentoringState(TextChoices):
    """Where the help of a mentor stands."""

    ASKED = "asked", "Asked"
    ACCEPTED = "accepted", "The mentor helps"
    DECLINED = "declined", "The mentor cannot help"
    CONFIRMED = "confirmed", "Confirmed by the team at a milestone"


class AdoptionState(TextChoices):
    """How far an agency is with what it takes up."""

    ASKED = "asked", "Asked whether it is so"
    PLANNED = "planned", "Waiting for the agency's signature"
    SIGNED = "signed", "Signed, being tried"
    CLAIMED = "claimed", "Claimed, waiting for a verifier"
    REACHED = "reached", "Checked: it worked there as well"
    NOT_REACHED = "not_reached", "Checked: the target was not reached there"
    DECLINED = "declined", "Not taken up"
    ENDED = "ended", "Ended: the first result was revoked"
    REVOKED = "revoked", "Revoked"


class NominationState(TextChoices):
    """Where a nomination stands; the fund records, HRC and RCSC decide."""

    DRAFTED = "drafted", "Being written"
    SUBMITTED = "submitted", "Waiting for the HR officer"
    HRC_REVIEW = "hrc_review", "With the HR committee"
    ENDORSED = "endorsed", "Endorsed by the HR committee"
    NOT_ENDORSED = "not_endorsed", "Not endorsed by the HR committee"
    DEFERRED = "deferred", "Deferred by the HR committee"
    FORWARDED = "forwarded", "With the RCSC"
    RESULT_RECORDED = "result_recorded", "The RCSC's result is recorded"
    REVOKED = "revoked", "Revoked: a ground proved false"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Wish(TextChoices):
    """The recognition menu; it is open to all kinds of post, fast-track where the rules allow."""

    AWARD = "award", "An award"
    LEAVE = "leave", "Extra leave"
    TRAINING = "training", "A training"
    FAST_TRACK = "fast_track", "Consideration for the fast track"


class Answer(TextChoices):
    """What the rules say together; the words are those that HR reads."""

    EXCLUDED = "excluded", "Not open now"
    BLOCKED = "blocked_data", "We need a fact from HR"
    NOT_YET = "not_yet", "Not yet"
    ELIGIBLE = "eligible_for_consideration", "Can be considered"


ANSWER_TO_ONESELF = {
    Answer.EXCLUDED: "Not open to you now",
    Answer.BLOCKED: "We need a fact from HR",
    Answer.NOT_YET: "Not yet",
    Answer.ELIGIBLE: "You can be considered",
}


class FactKind(TextChoices):
    """What only HR knows of a person."""

    RATING = "rating", "Yearly rating"
    OPEN_CASE = "open_case", "An integrity case is open"
    SANCTION = "sanction", "A sanction holds"
    SECURITY = "security", "Security clearance is valid"
    AUDIT = "audit", "Audit clearance is valid"
    GENDER = "gender", "Gender, as the register has it"


class FactValue(TextChoices):
    """The answers that a fact can have."""

    YES = "yes", "Yes"
    NO = "no", "No"
    LOWEST = "lowest", "In the lowest band"
    GOOD = "good", "Above the lowest band, below Very Good"
    VERY_GOOD = "very_good", "Very Good or above"
    NOT_RATED = "not_rated", "Not rated that year, such as before joining"
    FEMALE = "female", "Woman"
    MALE = "male", "Man"
    OTHER = "other", "Other"


_FLAG = (FactValue.YES, FactValue.NO)
FACT_VALUES = {
    FactKind.RATING: (FactValue.LOWEST, FactValue.GOOD, FactValue.VERY_GOOD, FactValue.NOT_RATED),
    FactKind.OPEN_CASE: _FLAG,
    FactKind.SANCTION: _FLAG,
    FactKind.SECURITY: _FLAG,
    FactKind.AUDIT: _FLAG,
    FactKind.GENDER: (FactValue.FEMALE, FactValue.MALE, FactValue.OTHER),
}


class Purpose(TextChoices):
    """Why somebody looks at people's records; the person reads it."""

    NOMINATION = "nomination", "preparing a nomination"
    COMMITTEE = "committee", "a meeting of the HR committee"
    CYCLE = "cycle", "checking the rules for a promotion cycle"
    ASKED = "asked", "a question of the person"
    AUDIT = "audit", "an audit"


class PolicyState(TextChoices):
    """Where a version of the points policy stands."""

    DRAFT = "draft", "Draft"
    CONSULTED = "consulted", "Consulted, first approval"
    APPROVED = "approved", "Approved by two people"
    IN_FORCE = "in_force", "In force"
    SUSPENDED = "suspended", "Suspended"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPENED_BY = {Verdict.NOT_MET: Opened.NOT_MET, Verdict.UNVERIFIABLE: Opened.UNVERIFIABLE}
