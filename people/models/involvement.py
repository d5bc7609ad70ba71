"""Who is involved in a case, and who is kept out of it. Policies read only these two."""

from django.db import models
from django.db.models import F, Q

from ..enums import Grade, Part


class Involvement(models.Model):
    """A part that a person has in a case; written in the transaction of the fact itself."""

    case = models.UUIDField(db_index=True)
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="involvements")
    part = models.CharField(max_length=12, choices=Part)
    agency = models.ForeignKey("people.Agency", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "case"], name="involvement_person_case")]
        constraints = [
            models.CheckConstraint(condition=Q(part__in=Part.values), name="involvement_part_known"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="involvement_dates_in_order"
            ),
            models.UniqueConstraint(
                fields=["case", "person", "part"], condition=Q(until=None), name="involvement_open_once"
            ),
        ]


class Block(models.Model):
    """A conflict of interest of a person with a case."""

    case = models.UUIDField(db_index=True)
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="blocks")
    grade = models.CharField(max_length=8, choices=Grade)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="block_grade_known"),
            models.UniqueConstraint(fields=["case", "person", "reason"], name="block_once_per_reason"),
        ]
