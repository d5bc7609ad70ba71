"""One receipt of a payment: recorded by the team, accepted by finance, corrected where it was a mistake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.models import User
from people.templatetags.fund import money

from .. import money_guards as facts
from ..enums import ReceiptState
from ..locks import family_and_line
from ..policies import may_correct_receipt, may_look_at_receipts
from .grant import Grant
from .once import RecordedOnce
from .tranche import Tranche


class ReceiptQuerySet(models.QuerySet[Any]):
    """Receipts by what one may see."""

    def visible_to(self, user: Any) -> "ReceiptQuerySet":
        """Return the receipts of the grants that the user sees."""
        return self.filter(tranche__grant__in=Grant.objects.visible_to(user))


class Receipt(RecordedOnce, LifecycleModel):
    """What was spent of a payment on what, with the file that shows it; what it says never changes."""

    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="receipts")
    amount = models.BigIntegerField(help_text="Chhetrum.")
    note = models.TextField(max_length=1000)
    file = models.ForeignKey("documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=1000, blank=True, help_text="Why finance returned or corrected it.")
    state = StateField(choices=ReceiptState, default=ReceiptState.WAITING)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["state"], name="receipt_state")]
        constraints = [
            state_constraint(ReceiptState, "receipt_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_amount_positive"),
            models.CheckConstraint(condition=~Q(by=F("answered_by")), name="receipt_four_eyes"),
            models.CheckConstraint(
                condition=Q(state=ReceiptState.WAITING) | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="receipt_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{money(self.amount)} of payment {self.tranche.position}"

    @property
    def grant(self) -> Grant:
        """Return the grant of its payment."""
        return self.tranche.grant

    @property
    def case(self) -> UUID:
        """Return the grant's case, which policies read."""
        return self.tranche.case

    def get_absolute_url(self) -> str:
        """Return the page of its payment."""
        return reverse("grant_part", args=[self.case, "payment", self.tranche.position])

    def _answer(self, by: User, at: datetime, answer: str) -> None:
        self.answered_by, self.answered_at, self.answer = by, at, answer

    @transition(
        state, source=ReceiptState.WAITING, target=ReceiptState.ACCEPTED, who=may_look_at_receipts,
        label="Accept the receipt", guards=[facts.accounts_are_open], locks=family_and_line,
        act="fund.services.payments.accept_receipt", order=10, style="primary",
    )  # fmt: skip
    def accept(self, maker: User, at: datetime) -> None:
        """Agree that the money was spent on what it was for."""
        self._answer(maker, at, "")

    @transition(
        state, source=ReceiptState.WAITING, target=ReceiptState.RETURNED, who=may_look_at_receipts,
        label="Return the receipt to the team", guards=[facts.accounts_are_open], locks=family_and_line,
        act="fund.services.payments.return_receipt", order=20, require_note=True,
    )  # fmt: skip
    def send_back(self, maker: User, at: datetime, reason: str) -> None:
        """Ask the team to record it anew, with a reason."""
        self._answer(maker, at, reason)

    @transition(
        state, source=ReceiptState.ACCEPTED, target=ReceiptState.CORRECTED, who=may_correct_receipt,
        label="Correct this expenditure", guards=[facts.accounts_not_closed], locks=family_and_line,
        act="fund.services.payments.correct_receipt", order=30, style="warning", require_note=True,
    )  # fmt: skip
    def correct(self, checker: User, at: datetime, reason: str) -> None:
        """State that it was a mistake: the ledger moves it back, and the payment is open again for the amount."""
        self._answer(checker, at, reason)
