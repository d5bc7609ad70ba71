"""Ranking runs: inputs, hash, code version and results; never changed."""

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property


class RankingRun(models.Model):
    """One ranking of a call's proposals."""

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="ranking_runs")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    code_version = models.CharField(max_length=30)
    inputs = models.TextField(help_text="Canonical JSON.")
    sha256 = models.CharField(max_length=64, help_text="Of the inputs.")
    results = models.TextField(blank=True, help_text="Canonical JSON; empty in runs of the first code version.")
    results_sha256 = models.CharField(max_length=64, blank=True)
    draws = models.PositiveIntegerField(default=0, help_text="Between how many lots decide.")
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by",
        help_text="The ranking before it, which stays as it was.",
    )  # fmt: skip

    class Meta:
        ordering = ["at", "pk"]

    @cached_property
    def said(self) -> dict[str, Any]:
        """Return the results as Python values."""
        found: dict[str, Any] = json.loads(self.results or "{}")
        return found

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Return the inputs as Python values."""
        found: dict[str, Any] = json.loads(self.inputs)
        return found


class Place(models.Model):
    """One proposal's place in a run; `total` is percent with six decimals."""

    run = models.ForeignKey(RankingRun, on_delete=models.PROTECT, related_name="places")
    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="places")
    place = models.PositiveIntegerField()
    total = models.CharField(max_length=12)
    meets = models.BooleanField(help_text="Reaches the thresholds of its stage.")

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "proposal"], name="place_once"),
            models.CheckConstraint(condition=Q(place__gte=1), name="place_positive"),
        ]
