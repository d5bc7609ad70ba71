"""What one board member may decide alone: a dated figure of the board, set by one member and confirmed by another."""

from django.db import models
from django.db.models import F, Q


class DecisionLimit(models.Model):
    """The most (chhetrum) that one member may approve alone from a day on; never changed, a newer one follows."""

    amount = models.BigIntegerField()
    valid_from = models.DateField()
    set_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="decision_limit_positive"),
            models.CheckConstraint(condition=~Q(set_by=F("confirmed_by")), name="decision_limit_two_members"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="decision_limit_confirmed_whole",
            ),
        ]
