"""Closing an ended grant: a checklist by the lead, what was bought and who has it now, and finance's last look."""

from django.db import models
from django.db.models import Q

from lifecycle.fields import StateField, state_constraint
from lifecycle.transitions import transition

from .. import money_guards as facts
from ..enums import CloseOutState
from ..locks import family
from ..policies import may_close_accounts, may_lead_grant
from .delivery import GrantPart, PartQuerySet
from .grant import Grant
from .once import RecordedOnce


class CloseOut(GrantPart):
    """What is left to do once a grant has ended, however it ended."""

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="close_out")
    receipts_at = models.CharField(max_length=300, blank=True, help_text="Where the receipts are kept for ten years.")
    carried_on_by = models.CharField(max_length=300, blank=True)
    personal_data = models.TextField(max_length=1000, blank=True)
    state = StateField(choices=CloseOutState, default=CloseOutState.TO_DO)

    objects = PartQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state"], name="close_out_state")]
        constraints = [state_constraint(CloseOutState, "close_out_state_known")]

    def __str__(self) -> str:
        return f"Closing of “{self.grant.title}”"

    def get_absolute_url(self) -> str:
        """Return the page of the closing."""
        return f"{self.grant.get_absolute_url()}closing/"

    @transition(
        state, source=CloseOutState.TO_DO, target=CloseOutState.HANDED_IN, who=may_lead_grant,
        label="Hand in the checklist", locks=family, act="fund.services.closing.hand_in", order=10, style="primary",
        page="fill/",
    )  # fmt: skip
    def submit(self, receipts_at: str, carried_on_by: str, personal_data: str) -> None:
        """State where receipts, work and data go."""
        self.receipts_at, self.carried_on_by, self.personal_data = receipts_at, carried_on_by, personal_data

    @transition(
        state, source=CloseOutState.HANDED_IN, target=CloseOutState.TO_DO, who=may_close_accounts,
        label="Return the checklist", locks=family, act="fund.services.closing.return_checklist", order=30,
        require_note=True,
    )  # fmt: skip
    def send_back(self) -> None:
        """Ask for more, with a reason."""

    @transition(
        state, source=CloseOutState.HANDED_IN, target=CloseOutState.CLOSED, who=may_close_accounts,
        label="Close the accounts", guards=[facts.nothing_unaccounted, facts.last_payment_settled], order=20,
        style="primary", explain=True, ask_note=True,
    )  # fmt: skip
    def close_accounts(self) -> None:
        """End: nothing is left open."""


class Asset(RecordedOnce):
    """Something bought with the money, and the agency that has it now; never changed."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="assets")
    what = models.CharField(max_length=200)
    value = models.BigIntegerField(help_text="What it cost, in chhetrum.")
    receiver = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    handed_over_on = models.DateField()
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(value__gt=0), name="asset_value_positive")]
