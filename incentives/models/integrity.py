"""Signals that somebody looked at, and holds: a human decides, nothing is automatic."""

from django.db import models
from django.db.models import Q

from ..enums import SignalAnswer, SignalKind
from .hold import Hold, whole


class SignalReview(models.Model):
    """What the head found when looking at one signal of one result."""

    outcome = models.ForeignKey("incentives.Outcome", on_delete=models.PROTECT, related_name="signal_reviews")
    kind = models.CharField(max_length=16, choices=SignalKind)
    answer = models.CharField(max_length=8, choices=SignalAnswer)
    note = models.TextField(max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "kind"], name="signal_reviewed_once"),
            models.CheckConstraint(
                condition=Q(kind__in=SignalKind.values, answer__in=SignalAnswer.values), name="signal_review_known"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="signal_review_says_why"),
        ]


class IntegrityHold(Hold):
    """While it is open, a result is neither published nor revoked silently: its record says so wherever it appears."""

    outcome = models.ForeignKey("incentives.Outcome", on_delete=models.PROTECT, related_name="holds")
    case = models.UUIDField(db_index=True, editable=False)

    class Meta(Hold.Meta):
        constraints = [
            *whole("hold"),
            models.UniqueConstraint(fields=["outcome"], condition=Q(until=None), name="hold_one_open_per_result"),
        ]
