"""A legal hold: while it is open, nothing of a case or of a person is removed."""

from django.db import models
from django.db.models import Q


class LegalHold(models.Model):
    """What must be kept beyond its time, and why; lifted by a person, never by a clock."""

    case = models.UUIDField(null=True, db_index=True)
    person = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    lifted_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    lift_reason = models.TextField(max_length=1000, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(case=None, person__isnull=False) | Q(case__isnull=False, person=None),
                name="legal_hold_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_says_why"),
            models.CheckConstraint(
                condition=Q(until=None, lifted_by=None, lift_reason="")
                | Q(until__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason=""),
                name="legal_hold_lifted_whole",
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="legal_hold_once_per_case"),
            models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="legal_hold_once_per_person"),
        ]
