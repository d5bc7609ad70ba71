"""Calls and their criteria, frozen once approved."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition

from ..enums import CallState, Stage
from ..guards import closes_later, weights_sum
from ..policies import may_approve, sees_drafts

GRACE = timedelta(minutes=5)  # hidden, so that a slow line at the last second loses nobody


class CallQuerySet(models.QuerySet["Call"]):
    """Calls by what one may see."""

    def open_now(self) -> "CallQuerySet":
        """Return the calls that take proposals at this moment."""
        now = clock.now()
        return self.filter(state=CallState.APPROVED, opens_at__lte=now, closes_at__gt=now)

    def visible_to(self, user: Any) -> "CallQuerySet":
        """Everybody sees approved and cancelled calls; the secretariat also those in preparation."""
        if user is not None and user.is_authenticated and sees_drafts(None, user):
            return self
        return self.exclude(state=CallState.DRAFT)


class Call(LifecycleModel):
    """A dated call for proposals; `closes_at` is exclusive."""

    reference = models.SlugField(max_length=20, unique=True)
    title = models.CharField(max_length=150)
    purpose = models.TextField(max_length=4000)
    who_can_apply = models.TextField(max_length=2000)
    stage = models.CharField(max_length=10, choices=Stage)
    ceiling = models.BigIntegerField(help_text="Chhetrum per proposal.")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = StateField(choices=CallState, default=CallState.DRAFT)
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    budget_line = models.ForeignKey(
        "fund.BudgetLine", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-closes_at", "pk"]
        constraints = [
            state_constraint(CallState, "call_state_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="call_stage_known"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="call_closes_after_opening"),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="call_ceiling_positive"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the call's public page."""
        return reverse("call_detail", args=[self.reference])

    @property
    def is_open(self) -> bool:
        """Tell whether the public sees the call as open at this moment."""
        return self.state == CallState.APPROVED and self.opens_at <= clock.now() < self.closes_at

    @property
    def opens_later(self) -> bool:
        """Tell whether the call is approved and its opening lies ahead."""
        return self.state == CallState.APPROVED and clock.now() < self.opens_at

    def in_time(self) -> bool:
        """Tell whether what arrived now is in time: before closing plus grace, by arrival."""
        return self.state == CallState.APPROVED and self.opens_at <= clock.arrival() < self.closes_at + GRACE

    @transition(
        state, source=CallState.DRAFT, target=CallState.APPROVED, who=may_approve, label="Approve the call",
        guards=[weights_sum, closes_later], order=10, style="primary", explain=True,
    )  # fmt: skip
    def approve(self) -> None:
        """Open the call at its date."""

    @transition(
        state, source=(CallState.DRAFT, CallState.APPROVED), target=CallState.CANCELLED, who=may_approve,
        label="Cancel the call", order=90, style="warning", ask_note=True,
    )  # fmt: skip
    def cancel(self) -> None:
        """End the call without a decision."""


class Criterion(models.Model):
    """One criterion with its weight in whole percent and what each score means."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    weight = models.PositiveSmallIntegerField()
    anchors = models.JSONField(default=list, help_text="Six sentences, for 0 to 5.")

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["call", "position"], name="criterion_position_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=100), name="criterion_weight_percent"),
        ]
