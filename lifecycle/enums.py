"""Values that the room stores."""

from django.db.models import TextChoices


class JobState(TextChoices):
    """Where a background job stands; changed only by lease updates in `jobs`."""

    QUEUED = "queued", "Waiting to start"
    RUNNING = "running", "Running"
    DONE = "done", "Ready"
    FAILED = "failed", "Could not be finished"
