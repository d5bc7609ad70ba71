"""That a reviewer scored the invented example this year, and how."""

from django.db import models


class ExampleScored(models.Model):
    """One person's scores of the example in one calendar year: criterion key -> half points."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    scores = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "year"], name="example_once_a_year")]

    def __str__(self) -> str:
        return f"Example of {self.year}"
