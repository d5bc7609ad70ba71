"""What hangs on a call: its own questions, its versions, extensions, and who wants to hear of new ones."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from people.enums import Sector

from ..enums import QuestionKind, Stage


class Question(models.Model):
    """One question of a call's own; `shown_if` names an earlier choice on whose value it depends."""

    call = models.ForeignKey("fund.Call", on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=QuestionKind)
    text = models.CharField(max_length=300)
    help_text = models.CharField(max_length=300, blank=True)
    required = models.BooleanField(default=True)
    hidden = models.BooleanField(default=False, help_text="Kept from reviewers when the call hides names.")
    limit = models.PositiveSmallIntegerField(default=500, help_text="Letters as people count them, for a text.")
    choices = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)
    shown_if = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="dependents")
    shown_value = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["call", "position"], name="question_position_once"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
            models.CheckConstraint(condition=Q(limit__gte=10, limit__lte=5000), name="question_limit_range"),
            models.CheckConstraint(
                condition=Q(shown_if=None, shown_value="") | Q(shown_if__isnull=False) & ~Q(shown_value=""),
                name="question_condition_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """Return the name under which its answer is stored."""
        return f"q{self.pk}"


class CallSector(models.Model):
    """A sector whose agencies may lead a proposal; a call without any is open to all."""

    call = models.ForeignKey("fund.Call", on_delete=models.CASCADE, related_name="sectors")
    sector = models.CharField(max_length=20, choices=Sector)

    class Meta:
        ordering = ["sector"]
        constraints = [
            models.UniqueConstraint(fields=["call", "sector"], name="call_sector_once"),
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="call_sector_known"),
        ]


class CallVersion(models.Model):
    """A call exactly as it was handed over; append-only."""

    call = models.ForeignKey("fund.Call", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.TextField(help_text="Canonical JSON.")
    sha256 = models.CharField(max_length=64)
    frozen_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="call_version_once")]

    @property
    def facts(self) -> dict[str, Any]:
        """Return the content."""
        return dict(json.loads(self.content))


class Extension(models.Model):
    """A later end with its reason, for all or for what one person leads; append-only."""

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="extensions")
    person = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason")]


class Subscription(models.Model):
    """Who is told when a call of a stage opens."""

    person = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "stage"], name="subscription_once"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="subscription_stage_known"),
        ]
