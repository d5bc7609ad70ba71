"""Background work as rows: the truth about a job is here, not in the broker."""

from django.db import models
from django.db.models import F, Q

from ..enums import JobState


class Job(models.Model):
    """One piece of background work; unique by name and key, so it is asked for once."""

    name = models.CharField(max_length=80)
    key = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    requested_by_id = models.BigIntegerField(null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "lease_until"], name="job_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["name", "key"], name="job_once"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(condition=Q(total=0) | Q(done__lte=F("total")), name="job_progress_within_total"),
        ]
