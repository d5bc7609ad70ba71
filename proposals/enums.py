"""Values that the room stores."""

from django.db.models import TextChoices


class ProposalState(TextChoices):
    """States of a proposal."""

    DRAFT = "draft", "Draft"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SectionKey(TextChoices):
    """The parts of the form that are answered in writing."""

    PROBLEM = "problem", "Describe the problem and the idea"
    MEASURE = "measure", "Promise a measure and set stop rules"
    PEOPLE = "people", "Say who is served"
    BUDGET = "budget", "Plan the budget"


class MemberState(TextChoices):
    """Where an invitation stands."""

    INVITED = "invited", "Invited, has not joined yet"
    JOINED = "joined", "Joined"
    LEFT = "left", "Left"
