"""Following the promised measure: readings, and what the team answers when one passes a stop rule."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..enums import StopChoice
from .delivery import PartQuerySet
from .grant import Grant
from .once import RecordedOnce


class Reading(RecordedOnce):
    """The promised measure on one day; never changed: a mistake is a further reading."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="readings")
    measured_on = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4, help_text="In the unit of the agreement.")
    source = models.CharField(max_length=300, help_text="Where the figure comes from.")
    stops = models.BooleanField(help_text="It passes a stop rule of the agreement as it was on that day.")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["-measured_on", "-pk"]
        indexes = [models.Index(fields=["grant", "-measured_on", "-id"], name="reading_newest")]

    def __str__(self) -> str:
        return f"Reading of {self.measured_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """Return the page of the grant's readings."""
        return reverse("readings", args=[self.grant.case])


class StopAnswer(models.Model):
    """What the lead answered to “go on, change or stop?”; never changed."""

    reading = models.OneToOneField(Reading, on_delete=models.PROTECT, related_name="answer")
    choice = models.CharField(max_length=6, choices=StopChoice)
    reason = models.TextField(max_length=2000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(choice__in=StopChoice.values), name="stop_answer_known")]
