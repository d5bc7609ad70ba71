"""Moving budget between lines: one person proposes, another decides. Amounts are integer chhetrum."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.models import User

from ..enums import TransferState
from ..policies import may_decide_transfer, may_propose_transfer, sees_money
from .ledger import BudgetLine
from .once import RecordedOnce


class MoneyQuerySet(models.QuerySet[Any]):
    """Transfers and other acts on budget lines by what one may see."""

    def visible_to(self, user: Any) -> "MoneyQuerySet":
        """Return all to those who see money, none to others."""
        if user is not None and user.is_authenticated and sees_money(None, user):
            return self
        return self.none()


class Transfer(RecordedOnce, LifecycleModel):
    """Available budget that moves from one line to another of the same fiscal year."""

    from_line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="transfers_out")
    to_line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="transfers_in")
    amount = models.BigIntegerField()
    reason = models.TextField(max_length=1000)
    proposed_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = StateField(choices=TransferState, default=TransferState.PROPOSED)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="transfer_state")]
        constraints = [
            state_constraint(TransferState, "transfer_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(from_line=F("to_line")), name="transfer_between_two_lines"),
            models.CheckConstraint(condition=~Q(proposed_by=F("decided_by")), name="transfer_four_eyes"),
            models.CheckConstraint(
                condition=~Q(state=TransferState.DONE) | Q(decided_by__isnull=False), name="transfer_done_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"Transfer from {self.from_line.code} to {self.to_line.code}"

    def get_absolute_url(self) -> str:
        """Return the page of all transfers."""
        return reverse("transfers")

    @transition(
        state, source=TransferState.PROPOSED, target=TransferState.DONE, who=may_decide_transfer,
        label="Approve the transfer", locks=lambda transfer: [transfer.from_line, transfer.to_line],
        act="fund.services.budget.approve_transfer", order=10, style="primary",
    )  # fmt: skip
    def approve(self, decided_by: User) -> None:
        """Move it."""
        self.decided_by = decided_by

    @transition(
        state, source=TransferState.PROPOSED, target=TransferState.REFUSED,
        who=may_decide_transfer | may_propose_transfer, label="Refuse the transfer", order=20, require_note=True,
    )  # fmt: skip
    def refuse(self) -> None:
        """Leave the money where it is."""
