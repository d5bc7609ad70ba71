"""People with a verified record as lists read them, what HR knows of them, and what they show to HR themselves."""

from django.db import models
from django.db.models import Q

from ..enums import FACT_VALUES, Answer, FactKind, FactValue


class RecordHolder(models.Model):
    """One person with a verified record: what HR's lists sort and filter by, never a number.

    `listed`: there is something that HR may see. Whose only record is a failure that they do not show is not listed,
    because being on the list would say so. `agency` and `sort_name` repeat the register and the account so that a
    list of many thousands is read by an index; `incentives.keep_holders` follows changes, and no list shows a person
    who has moved on in the meantime.
    """

    person = models.OneToOneField(
        "people.User", primary_key=True, on_delete=models.PROTECT, related_name="record_holder"
    )
    agency = models.ForeignKey("people.Agency", null=True, on_delete=models.PROTECT, related_name="+")
    sort_name = models.CharField(max_length=200)
    listed = models.BooleanField(default=False)
    run = models.OneToOneField("incentives.EligibilityRun", null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=30, choices=Answer, blank=True)
    marks = models.JSONField(default=list, help_text="[label, met | not_met | not_known] per rule of the newest run.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answer="") | Q(answer__in=Answer.values), name="holder_answer_known"),
            models.CheckConstraint(
                condition=Q(run=None, answer="") | Q(run__isnull=False) & ~Q(answer=""), name="holder_answer_has_run"
            ),
        ]
        indexes = [
            models.Index(fields=["sort_name", "person"], name="holder_by_name"),
            models.Index(fields=["agency", "sort_name", "person"], name="holder_by_agency_and_name"),
        ]


class HrFact(models.Model):
    """One fact that only HR knows, with its source and day; append-only, the newest day of a kind holds."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="hr_facts")
    kind = models.CharField(max_length=10, choices=FactKind)
    value = models.CharField(max_length=10, choices=FactValue)
    as_of = models.DateField(help_text="The day on which the source says so.")
    source = models.CharField(max_length=200)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(*(Q(kind=kind, value__in=values) for kind, values in FACT_VALUES.items()), _connector=Q.OR),
                name="hr_fact_value_fits_kind",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="hr_fact_has_source"),
        ]


class ShownToHr(models.Model):
    """A learning record that a person of the team has put into their own file, until they take it out."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    case = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "case"], condition=Q(until=None), name="shown_to_hr_once"),
        ]
