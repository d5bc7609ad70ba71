"""What the HR register says about a person; written only by the register import."""

from django.db import models
from django.db.models import F, Q

from lifecycle import clock

from ..enums import EmploymentType

LEVELS = [
    "EX1",
    "EX2",
    "EX3",
    "ES1",
    "ES2",
    "ES3",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "SS1",
    "SS2",
    "SS3",
    "SS4",
    "S1",
    "S2",
    "S3",
    "S4",
    "S5",
    "O1",
    "O2",
    "O3",
    "O4",
]


class EmploymentSnapshot(models.Model):
    """Post of one person as of one day; the newest `as_of` is the present one."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="snapshots")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    agency_since = models.DateField(null=True, help_text="Where the register says it.")
    level = models.CharField(max_length=4, choices=[(level, level) for level in LEVELS])
    level_since = models.DateField()
    employment_type = models.CharField(max_length=12, choices=EmploymentType)
    line_manager = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    told_on = models.DateField(default=clock.today, help_text="When the register said it: no day to come is described.")
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(fields=["person", "as_of"], name="snapshot_once_a_day"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="snapshot_level_known"),
            models.CheckConstraint(condition=Q(employment_type__in=EmploymentType.values), name="snapshot_type_known"),
            models.CheckConstraint(condition=Q(as_of__lte=F("told_on")), name="snapshot_not_to_come"),
            models.CheckConstraint(condition=Q(level_since__lte=F("told_on")), name="snapshot_level_not_to_come"),
        ]
