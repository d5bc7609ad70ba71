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
