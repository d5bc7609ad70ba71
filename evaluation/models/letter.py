"""Letters to the team: what was said is kept as it was said; the PDF is made of it afterwards."""

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse


class Letter(models.Model):
    """One letter about a released decision, an appeal that ended, or a time on the reserve list that is over.

    It exists only once the team is told.
    """

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="letters")
    decision = models.OneToOneField("evaluation.Decision", null=True, on_delete=models.PROTECT, related_name="letter")
    ended = models.OneToOneField(
        "evaluation.Decision", null=True, on_delete=models.PROTECT, related_name="end_letter",
        help_text="The decision for the reserve list whose time is over.",
    )  # fmt: skip
    appeal = models.OneToOneField("evaluation.Appeal", null=True, on_delete=models.PROTECT, related_name="letter")
    content = models.TextField(help_text="Canonical JSON, without names of people.")
    at = models.DateTimeField()
    file = models.OneToOneField("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=None, appeal__isnull=False, ended=None)
                | Q(decision__isnull=False, appeal=None, ended=None)
                | Q(decision=None, appeal=None, ended__isnull=False),
                name="letter_about_one_thing",
            ),
            models.CheckConstraint(condition=~Q(content=""), name="letter_says_something"),
        ]

    def __str__(self) -> str:
        return str(self.said["title"])

    @property
    def said(self) -> dict[str, Any]:
        """Return the content."""
        content: dict[str, Any] = json.loads(self.content)
        return content

    def get_absolute_url(self) -> str:
        """Return the letter's page."""
        return reverse("letter", args=[self.proposal.case, self.pk])
