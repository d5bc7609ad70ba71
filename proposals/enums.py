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
    OFFERED = "offered", "Offered"
    OFFER_DECLINED = "offer_declined", "Offer declined by the team"
    OFFER_EXPIRED = "offer_expired", "Offer expired"
    FUNDED = "funded", "Funded"
    COMPLETED = "completed", "Completed"
    STOPPED_EARLY = "stopped_early", "Stopped early"
    INELIGIBLE = "ineligible", "Did not pass the first check"
    LAPSED = "lapsed", "Lapsed: the time was over"
    WITHDRAWN = "withdrawn", "Withdrawn"


JUDGED = "judged"  # what the team reads in any of these states until the batch is released
BEING_JUDGED = "Being judged"
APPROVED_SMALL = "Approved, your agency is asked"  # a small idea, told before its agency has said yes
JUDGING = (
    ProposalState.ELIGIBLE, ProposalState.IN_REVIEW, ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION,
    ProposalState.RANKED, ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED, ProposalState.DECISION_PENDING,
    ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.DEFERRED,
)  # fmt: skip


class SectionKey(TextChoices):
    """The parts of the form that are answered in writing."""

    PROBLEM = "problem", "Describe the problem and the idea"
    MEASURE = "measure", "Promise a measure and set stop rules"
    PEOPLE = "people", "Say who is served"
    BUDGET = "budget", "Plan the budget"
    SPARK = "spark", "Your idea in three answers"


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
