"""What two kinds of hold share: who set it and why, and who lifted it and why."""

from django.db import models
from django.db.models import Q


class Hold(models.Model):
    """Set by a person with a reason, and open until a person lifts it with a reason."""

    reason = models.TextField(max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    lifted_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.TextField(max_length=1000, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-since", "-pk"]


def whole(name: str) -> list[models.CheckConstraint]:
    """Return the constraints of a hold: it says why, and it is lifted whole or not at all."""
    return [
        models.CheckConstraint(condition=~Q(reason=""), name=f"{name}_says_why"),
        models.CheckConstraint(
            condition=Q(until=None, lifted_by=None, lift_reason="")
            | Q(until__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason=""),
            name=f"{name}_lifted_whole",
        ),
    ]
