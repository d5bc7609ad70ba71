"""What became of a verified result after half a year and after a year: rows of their own."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition

from .. import guards, policies
from ..enums import FollowUpState
from .outcome import Outcome

S = FollowUpState


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups are seen with their result."""

    def visible_to(self, user: Any) -> "FollowUpQuerySet":
        """Return those of the results that one may see."""
        return self.filter(outcome__in=Outcome.objects.visible_to(user))


class FollowUp(LifecycleModel):
    """One look back at a result, `months` after it was verified."""

    outcome = models.ForeignKey("incentives.Outcome", on_delete=models.PROTECT, related_name="follow_ups")
    case = models.UUIDField(db_index=True, editable=False)
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    said = models.TextField(max_length=1000, blank=True)
    answered_on = models.DateField(null=True)
    state = StateField(choices=FollowUpState, default=FollowUpState.DUE)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            state_constraint(FollowUpState, "follow_up_state_known"),
            models.UniqueConstraint(fields=["outcome", "months"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(state=S.DUE, answered_on=None) | ~Q(state=S.DUE) & Q(answered_on__isnull=False),
                name="follow_up_answered_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.outcome.grant.title}” after {self.months} months"

    def get_absolute_url(self) -> str:
        """Return the page of the result."""
        return reverse("outcome_detail", args=[self.case])

    @transition(
        state, source=S.DUE, target=S.SUSTAINED, who=policies.may_lead, label="It holds", require_note=True, order=10,
        guards=[guards.look_back_is_due], act="incentives.services.follow_ups.sustain",
    )  # fmt: skip
    def sustain(self, *, said: str, day: date) -> None:
        """Find that the result holds."""
        self.said, self.answered_on = said, day

    @transition(
        state, source=S.DUE, target=S.SCALED, who=policies.may_lead, label="It has grown", require_note=True, order=20,
        guards=[guards.look_back_is_due], act="incentives.services.follow_ups.scale",
    )  # fmt: skip
    def scale(self, *, said: str, day: date) -> None:
        """Find that it is used in more places."""
        self.said, self.answered_on = said, day

    @transition(
        state, source=S.DUE, target=S.FADED, who=policies.may_lead, label="It has faded", require_note=True, order=30,
        guards=[guards.look_back_is_due], act="incentives.services.follow_ups.fade",
    )  # fmt: skip
    def fade(self, *, said: str, day: date) -> None:
        """Find that it is gone; nothing is held against anybody."""
        self.said, self.answered_on = said, day
