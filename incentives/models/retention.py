"""A legal hold: while it is open, nothing of a case or of a person is removed."""

from django.db import models
from django.db.models import Q

from .hold import Hold, whole


class LegalHold(Hold):
    """What must be kept beyond its time, and why; lifted by a person, never by a clock."""

    case = models.UUIDField(null=True, db_index=True)
    person = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Hold.Meta):
        constraints = [
            *whole("legal_hold"),
            models.CheckConstraint(
                condition=Q(case=None, person__isnull=False) | Q(case__isnull=False, person=None),
                name="legal_hold_of_one_thing",
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="legal_hold_once_per_case"),
            models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="legal_hold_once_per_person"),
        ]
