"""One payment of a grant. Preparing and releasing are two people's acts, in the database too."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from lifecycle.fields import StateField, state_constraint
from lifecycle.transitions import transition
from people.models import User
from people.policies import is_system

from .. import money_guards as facts
from ..enums import PAID, UNPAID, TrancheState
from ..locks import family, family_and_line
from ..policies import may_hold_back, may_lead_grant, may_prepare, may_release, may_work
from .delivery import GrantPart, Milestone, PartQuerySet
from .grant import Grant


class Tranche(GrantPart):
    """Payment n of a grant; `after` is the milestone that opens it, none for the first."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="tranches")
    position = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()
    after = models.ForeignKey(Milestone, null=True, on_delete=models.PROTECT, related_name="tranches")
    prepared_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    released_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    paid_from = models.ForeignKey(
        "fund.BudgetLine", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="The line of the year in which it was paid; its accounts and refunds belong there.",
    )  # fmt: skip
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often its release was undone.")
    in_file = models.ForeignKey("fund.PaymentFile", null=True, on_delete=models.PROTECT, related_name="tranches")
    bank_on = models.DateField(null=True, help_text="The day on which the bank says it was paid.")
    bank_reference = models.CharField(max_length=60, blank=True)
    accounted = models.BigIntegerField(default=0)
    waiting = models.BigIntegerField(default=0, help_text="Recorded by the team; finance has not accepted it yet.")
    returned = models.BigIntegerField(default=0)
    state = StateField(choices=TrancheState, default=TrancheState.LOCKED)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["state"], name="tranche_state")]
        constraints = [
            state_constraint(TrancheState, "tranche_state_known"),
            models.UniqueConstraint(fields=["grant", "position"], name="tranche_position_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="tranche_amount_positive"),
            models.CheckConstraint(condition=~Q(prepared_by=F("released_by")), name="tranche_four_eyes"),
            models.CheckConstraint(
                condition=Q(
                    accounted__gte=0,
                    waiting__gte=0,
                    returned__gte=0,
                    amount__gte=F("accounted") + F("waiting") + F("returned"),
                ),
                name="tranche_accounted_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=PAID) | Q(prepared_by__isnull=False, released_by__isnull=False),
                name="tranche_paid_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.position} of “{self.grant.title}”"

    @property
    def is_last(self) -> bool:
        """Tell whether it is the last of several; one query."""
        return self.position > 1 and not self.grant.tranches.filter(position__gt=self.position).exists()

    @property
    def rest(self) -> int:
        """Return what of the payment is neither recorded as spent nor paid back."""
        return self.amount - self.accounted - self.waiting - self.returned

    @transition(
        state, source=TrancheState.LOCKED, target=TrancheState.RELEASABLE, who=is_system, label="Open for preparation",
        guards=facts.PAYABLE,
    )  # fmt: skip
    def unlock(self) -> None:
        """Let finance prepare it."""

    @transition(
        state, source=TrancheState.RELEASABLE, target=TrancheState.PREPARED, who=may_prepare,
        label="Prepare the payment", guards=facts.PAYABLE, locks=family,
        act="fund.services.payments.prepare_payment", order=10, style="primary", explain=True,
    )  # fmt: skip
    def prepare(self, maker: User) -> None:
        """Check and propose it."""
        self.prepared_by = maker

    @transition(
        state, source=TrancheState.PREPARED, target=TrancheState.RELEASED, who=may_release,
        label="Release the payment", guards=facts.PAYABLE, locks=family_and_line,
        act="fund.services.payments.release_payment", order=20, style="primary", explain=True,
    )  # fmt: skip
    def pay(self, checker: User, at: datetime) -> None:
        """Pay it out."""
        self.released_by, self.released_at, self.paid_from = checker, at, self.grant.line

    @transition(
        state, source=TrancheState.RELEASED, target=TrancheState.LOCKED, who=is_system,
        label="Undo a payment that the bank rejected", locks=family_and_line, act="fund.services.bank.bounce",
    )  # fmt: skip
    def bounce(self) -> None:
        """Let it be prepared and released anew."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.prepared_by = self.released_by = self.released_at = self.paid_from = self.in_file = None
        self.attempt += 1

    @transition(
        state, source=TrancheState.RELEASED, target=TrancheState.ACKNOWLEDGED, who=may_work,
        label="Confirm that the money has arrived", guards=[facts.accounts_are_open, facts.is_in_bank_file],
        locks=family, order=30, style="primary",
    )  # fmt: skip
    def acknowledge(self) -> None:
        """State that the agency has the money."""

    @transition(
        state, source=TrancheState.ACKNOWLEDGED, target=TrancheState.ACKNOWLEDGED, who=may_work,
        label="Account for the payment", guards=[facts.accounts_are_open, facts.something_is_left],
        locks=family_and_line,
        act="fund.services.payments.account_for", order=40, style="primary",
    )  # fmt: skip
    def account(self, amount: int) -> None:
        """State what was spent and for what; it counts once finance accepts it."""
        self.waiting += amount

    @transition(
        state, source=TrancheState.ACKNOWLEDGED, target=TrancheState.ACKNOWLEDGED, who=is_system,
        label="Count what finance accepted", locks=family_and_line, act="fund.services.payments.accept_receipt",
    )  # fmt: skip
    def count_receipt(self, amount: int) -> None:
        """Count a receipt as spent."""
        self.waiting, self.accounted = self.waiting - amount, self.accounted + amount

    @transition(
        state, source=TrancheState.ACKNOWLEDGED, target=TrancheState.ACKNOWLEDGED, who=is_system,
        label="Open what finance returned", locks=family_and_line, act="fund.services.payments.return_receipt",
    )  # fmt: skip
    def drop_receipt(self, amount: int) -> None:
        """Let the team account for it anew."""
        self.waiting -= amount

    @transition(
        state, source=(TrancheState.ACKNOWLEDGED, TrancheState.ACCOUNTED), target=TrancheState.ACKNOWLEDGED,
        who=is_system, label="Open what finance corrected", locks=family_and_line,
        act="fund.services.payments.correct_receipt",
    )  # fmt: skip
    def uncount_receipt(self, amount: int) -> None:
        """Be open again for an amount that was accounted for by mistake."""
        self.accounted -= amount

    @transition(
        state, source=TrancheState.ACKNOWLEDGED, target=TrancheState.ACCOUNTED, who=is_system,
        label="Close the account", guards=[facts.fully_accounted],
    )  # fmt: skip
    def settle(self) -> None:
        """End: all of it is spent or returned."""

    @transition(
        state, source=(TrancheState.RELEASED, TrancheState.ACKNOWLEDGED), target=TrancheState.ACCOUNTED,
        who=may_release, label="Record that the rest came back", guards=[facts.no_receipt_waits],
        locks=family_and_line, act="fund.services.payments.take_back", order=50, ask_note=True, explain=True,
    )  # fmt: skip
    def return_rest(self) -> None:
        """Take the unspent rest back."""
        self.returned = self.amount - self.accounted

    @transition(
        state, source=(TrancheState.LOCKED, TrancheState.RELEASABLE, TrancheState.PREPARED), target=TrancheState.HELD,
        who=may_hold_back, label="Put the payment on hold", locks=family, order=60, style="warning", ask_note=True,
    )  # fmt: skip
    def hold(self) -> None:
        """Stop it for now; a preparation is undone."""
        self.prepared_by = None

    @transition(
        state, source=TrancheState.RELEASED, target=TrancheState.HELD, who=may_hold_back | is_system,
        label="Keep the payment from the bank", guards=[facts.not_in_bank_file], locks=family_and_line,
        act="fund.services.bank.keep_back", order=60, style="warning", require_note=True,
    )  # fmt: skip
    def hold_unsent(self) -> None:
        """Undo the release: after the hold two people prepare and release it anew."""
        self._begin_anew()

    @transition(
        state, source=TrancheState.HELD, target=TrancheState.LOCKED, who=may_hold_back, label="End the hold",
        locks=family, act="fund.services.payments.end_hold", order=61, ask_note=True,
    )  # fmt: skip
    def lift_hold(self) -> None:
        """Let it go on."""

    @transition(
        state, source=(TrancheState.LOCKED, TrancheState.RELEASABLE), target=TrancheState.CANCELLED,
        who=may_lead_grant, label="Do without the last payment", guards=[facts.is_last_of_completed],
        locks=family_and_line, act="fund.services.payments.forgo_payment", order=70, style="warning",
        require_note=True,
    )  # fmt: skip
    def forgo(self) -> None:
        """Not need it: less was spent than agreed."""

    @transition(
        state, source=UNPAID, target=TrancheState.CANCELLED, who=is_system, label="Cancel the payment",
    )  # fmt: skip
    def cancel(self) -> None:
        """Never pay it: the grant ended, or its milestone was not reached."""
