"""Values that the room stores."""

from django.db.models import TextChoices


class CallState(TextChoices):
    """Stored states of a call; open and closed are derived from its dates."""

    DRAFT = "draft", "Being prepared"
    APPROVED = "approved", "Approved"
    CANCELLED = "cancelled", "Cancelled"


class Stage(TextChoices):
    """The four stages of money."""

    SPARK = "spark", "Spark"
    EXPLORE = "explore", "Explore"
    BUILD = "build", "Build"
    SCALE = "scale", "Scale"


class EntryKind(TextChoices):
    """What an entry of the ledger records; the words are those people read."""

    APPROPRIATION = "appropriation", "Programme budget"
    ALLOCATION = "allocation", "Allocated"
    COMMITMENT = "commitment", "Set aside"
    COMMITMENT_RELEASE = "commitment_release", "Set free again"
    DISBURSEMENT = "disbursement", "Paid out"
    EXPENDITURE = "expenditure", "Spent"
    REFUND = "refund", "Paid back"
    LAPSE = "lapse", "Returned at year end"
    CARRY_FORWARD = "carry_forward", "Carried into this year"
    REVERSAL = "reversal", "Corrected"
