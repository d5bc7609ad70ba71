"""The public draw of a call, and every departure from its ranking."""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q


class Lottery(models.Model):
    """A draw of a call, in four steps: committed, frozen, entered by two people, drawn.

    It stands for one frozen list. Where the call is ranked again and lots decide between others, a new draw with a new
    code takes its place, and says why; the highest number stands. Triggers hold code and commitment from the start, and
    the frozen list once it is frozen.
    """

    call = models.ForeignKey("fund.Call", on_delete=models.PROTECT, related_name="lotteries")
    number = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField(max_length=1000, blank=True, help_text="Why it takes the place of the one before.")
    renewed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64, help_text="Secret until the draw; hexadecimal digits.")
    commitment = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the code.")
    committed_at = models.DateTimeField()
    run = models.ForeignKey("evaluation.RankingRun", null=True, on_delete=models.PROTECT, related_name="+")
    labels = models.TextField(blank=True, help_text="The frozen list, canonical JSON.")
    seal = models.CharField(max_length=64, blank=True, help_text="Published at once: hides the list, and binds it.")
    source = models.CharField(max_length=300, blank=True)
    source_at = models.DateTimeField(null=True)
    frozen_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    first_value = models.CharField(max_length=1024, blank=True)
    first_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    randomness = models.CharField(max_length=1024, blank=True, help_text="Hexadecimal digits, entered by two people.")
    second_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="lottery_number_once"),
            models.CheckConstraint(
                condition=Q(number=1, reason="", renewed_by=None)
                | Q(number__gt=1, renewed_by__isnull=False) & ~Q(reason=""),
                name="lottery_renewed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(renewed_by=None) | Q(frozen_by=None) | ~Q(frozen_by=F("renewed_by")),
                name="lottery_renewed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at=None) | Q(source_at__gt=F("frozen_at"), frozen_at__gte=F("committed_at")),
                name="lottery_source_speaks_later",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at=None, labels="", seal="", source="")
                | Q(frozen_at__isnull=False, source_at__isnull=False, run__isnull=False, frozen_by__isnull=False)
                & ~Q(labels="") & ~Q(seal="") & ~Q(source=""),
                name="lottery_frozen_whole",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None, randomness="", second_by=None)
                | Q(drawn_at__isnull=False, frozen_at__isnull=False, first_by__isnull=False, second_by__isnull=False)
                & ~Q(randomness="") & Q(randomness=F("first_value")) & ~Q(second_by=F("first_by")),
                name="lottery_drawn_by_two",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Draw {self.number} of {self.call}"

    @property
    def listed(self) -> list[str]:
        """Return the frozen list."""
        found: list[str] = json.loads(self.labels or "[]")
        return found


class Departure(models.Model):
    """One act that does not follow the ranking, with its reason; published with the ranking."""

    run = models.ForeignKey("evaluation.RankingRun", on_delete=models.PROTECT, related_name="departures")
    proposal = models.ForeignKey("proposals.Proposal", on_delete=models.PROTECT, related_name="departures")
    act = models.CharField(max_length=20, choices=[
        ("recommend", "Recommended although outside the money"),
        ("not_recommend", "Not recommended although inside the money"),
        ("approve", "Approved although outside the money"), ("decline", "Declined although inside the money"),
        ("reserve", "Put on the reserve list although inside the money"),
    ])  # fmt: skip
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="departure_says_why")]

    @property
    def facts(self) -> dict[str, Any]:
        """Return what is published of it."""
        return {"proposal": self.proposal.reference, "act": self.act, "reason": self.reason}
