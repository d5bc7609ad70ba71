"""Values that the room stores."""

from django.db.models import TextChoices


class ProposalState(TextChoices):
    """States of a proposal."""

    DRAFT = "draft", "Draft"
    AWAITING_ENDORSEMENT = "awaiting_endorsement", "Waiting for the agencies to agree"
    SUBMITTED = "submitted", "Submitted"
    SCREENING = "screening", "In the first check"
    INFO_REQUESTED = "info_requested", "The secretariat asks you something"
    ELIGIBLE = "eligible", "Passed the first check"
    IN_REVIEW = "in_review", "With the reviewers"
    REVIEW_CLOSED = "review_closed", "Reviews are in"
    IN_MODERATION = "in_moderation", "Reviewers differ, being talked over"
    RANKED = "ranked", "Ranked"
    RECOMMENDED = "recommended", "Recommended to the board"
    NOT_RECOMMENDED = "not_recommended", "Not recommended to the board"
    DECISION_PENDING = "decision_pending", "With the board"
    APPROVED = "approved", "Approved, not yet released"
    DECLINED = "declined", "Declined"
    DEFERRED = "deferred", "Deferred"
    RESERVED = "reserved", "On the reserve list"
    OFFERED = "offered", "Offered"
    OFFER_DECLINED = "offer_declined", "Offer declined by the team"
    OFFER_EXPIRED = "offer_expired", "Offer expired"
    FUNDED = "funded", "Funded"
    COMPLETED = "completed", "Completed"
    STOPPED_EARLY = "stopped_early", "Stopped early"
    TERMINATED = "terminated", "Ended by the board"
    INELIGIBLE = "ineligible", "Did not pass the first check"
    LAPSED = "lapsed", "Lapsed: the time was over"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DELETED = "deleted", "Deleted"


JUDGED = "judged"  # what the team reads in any of these states until the batch is released
BEING_JUDGED = "Being judged"
APPROVED_SMALL = "Approved, your agency is asked"  # a small idea, told before its agency has said yes
JUDGING = (
    ProposalState.ELIGIBLE, ProposalState.IN_REVIEW, ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION,
    ProposalState.RANKED, ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED, ProposalState.DECISION_PENDING,
    ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.DEFERRED,
    ProposalState.RESERVED,
)  # fmt: skip
AFTER_REVIEWS = tuple(  # the reviewers have done their part and read no further
    state for state in JUDGING if state not in (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW)
)
OVER = (  # nothing more happens to the proposal itself
    ProposalState.DECLINED, ProposalState.OFFER_DECLINED, ProposalState.OFFER_EXPIRED, ProposalState.COMPLETED,
    ProposalState.STOPPED_EARLY, ProposalState.TERMINATED, ProposalState.INELIGIBLE, ProposalState.LAPSED,
    ProposalState.WITHDRAWN, ProposalState.DELETED,
)  # fmt: skip
UNDECIDED = (
    ProposalState.SUBMITTED, ProposalState.SCREENING, ProposalState.INFO_REQUESTED,
    *(state for state in JUDGING if state not in (ProposalState.APPROVED, ProposalState.DECLINED)),
)  # fmt: skip


class SectionKey(TextChoices):
    """The parts of the form that are answered in writing."""

    PROBLEM = "problem", "Describe the problem and the idea"
    MEASURE = "measure", "Promise a measure and set stop rules"
    PEOPLE = "people", "Say who is served"
    BUDGET = "budget", "Plan the budget"
    WELLBEING = "wellbeing", "Check the effect on happiness"
    SPARK = "spark", "Your idea in three answers"


class Direction(TextChoices):
    """Which way the promised measure shall go."""

    LOWER = "lower", "Lower is better"
    HIGHER = "higher", "Higher is better"


class Effect(TextChoices):
    """What the idea does to one of the nine domains."""

    HELPS = "helps", "Helps"
    NONE = "none", "No effect"
    HARMS = "harms", "May harm"


class Domain(TextChoices):
    """The nine domains of Gross National Happiness."""

    MIND = "mind", "Psychological wellbeing"
    HEALTH = "health", "Health"
    TIME = "time", "Time use"
    EDUCATION = "education", "Education"
    CULTURE = "culture", "Cultural diversity and resilience"
    GOVERNANCE = "governance", "Good governance"
    COMMUNITY = "community", "Community vitality"
    ECOLOGY = "ecology", "Ecological diversity and resilience"
    LIVING = "living", "Living standards"


class OutsideKind(TextChoices):
    """What a partner outside government is."""

    FIRM = "firm", "Firm"
    NGO = "ngo", "Civil society organisation"
    UNIVERSITY = "university", "University or college"
    COMMUNITY = "community", "Community or group"


class DataAnswer(TextChoices):
    """How far the wish for another agency's data is."""

    TO_ASK = "to_ask", "Not asked yet"
    ASKED = "asked", "Asked, no answer yet"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Refused"


class CallSection(TextChoices):
    """The part of the form whose questions the call brings."""

    QUESTIONS = "questions", "Answer the questions of this call"


class Answer(TextChoices):
    """What an agency said to one exact version."""

    ASKED = "asked", "Asked, no answer yet"
    AGREED = "agreed", "Agreed"
    RETURNED = "returned", "Returned to the team"
    REFUSED = "refused", "Said no"


class EligibilityRule(TextChoices):
    """What the first check looks at; each gets a result."""

    PURPOSE = "purpose", "It answers the purpose of the call"
    MEASURE = "measure", "The promised measure has a figure of today, a target and a source"
    STOP_RULE = "stop_rule", "The stop rule names a figure and a date"
    BUDGET = "budget", "Each budget item is allowed and explained"
    NOT_FUNDED = "not_funded", "It is not already paid from another budget"


class MemberState(TextChoices):
    """Where an invitation stands."""

    INVITED = "invited", "Invited, has not joined yet"
    JOINED = "joined", "Joined"
    LEFT = "left", "Left"
    DECLINED = "declined", "Declined the invitation"


GONE = (MemberState.LEFT, MemberState.DECLINED)
