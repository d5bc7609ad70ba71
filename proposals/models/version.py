"""The exact version that agencies agree to, reviewers read and a grant is made from."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from ..enums import Answer


class Version(models.Model):
    """One frozen text of a proposal: added and never changed, only its words go once; held to it by a trigger."""

    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.TextField(help_text="Canonical JSON.")
    sha256 = models.CharField(max_length=64, help_text="Of the content, lower-case hexadecimal.")
    frozen_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, help_text="When its words went; figures and fingerprint stay.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def facts(self) -> dict[str, Any]:
        """Return the content as Python values."""
        found: dict[str, Any] = json.loads(self.content)
        return found


class Endorsement(models.Model):
    """What one agency said to one exact version."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="endorsements")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.ASKED)
    reason = models.TextField(max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    due_on = models.DateField(help_text="Five business days after it was asked.")
    secretariat_on = models.DateField(help_text="When the secretariat helps to find an approver.")
    reminded_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "agency"], name="endorsement_once"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="endorsement_answer_known"),
            models.CheckConstraint(
                condition=Q(answer=Answer.ASKED, answered_by=None, answered_at=None)
                | ~Q(answer=Answer.ASKED) & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="endorsement_answer_has_person",
            ),
        ]
