"""Values that the room stores."""

from django.db.models import TextChoices


class ProposalState(TextChoices):
    """States of a proposal."""

    DRAFT = "draft", "Draft"
    AWAITING_ENDORSEMENT = "awaiting_endorsement", "Waiting for the agencies to agree"
    SUBMITTED = "submitted", "Submitted"
    SCREENING = "screening", "In the first check"
    ELIGIBLE = "eligible", "Passed the first check"
    INELIGIBLE = "ineligible", "Did not pass the first check"
    LAPSED = "lapsed", "Lapsed: the call closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SectionKey(TextChoices):
    """The parts of the form that are answered in writing."""

    PROBLEM = "problem", "Describe the problem and the idea"
    MEASURE = "measure", "Promise a measure and set stop rules"
    PEOPLE = "people", "Say who is served"
    BUDGET = "budget", "Plan the budget"


class Answer(TextChoices):
    """What an agency said to one exact version."""

    ASKED = "asked", "Asked, no answer yet"
    AGREED = "agreed", "Agreed"
    RETURNED = "returned", "Returned to the team"


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
