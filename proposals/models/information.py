"""A request for information during the first check: which fields it opens, until when, and what was answered."""

from django.db import models
from django.db.models import Q


class InfoRequest(models.Model):
    """One question of the officer; `fields` names what may change, as `section.field`."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.CASCADE, related_name="info_requests")
    fields = models.JSONField(default=list)
    question = models.TextField(max_length=2000)
    due_on = models.DateField(help_text="The last day on which an answer is in time.")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    before = models.ForeignKey("proposals.Version", on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey("proposals.Version", null=True, on_delete=models.PROTECT, related_name="+")
    explanation = models.TextField(max_length=2000, blank=True)
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal"], condition=Q(answered_at=None), name="info_request_open_once"),
            models.CheckConstraint(condition=~Q(question=""), name="info_request_asks"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, after=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, after__isnull=False),
                name="info_request_answered_whole",
            ),
        ]
