"""The agreement's versions, and the changes that lead from one to the next. Amounts are integer chhetrum."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.policies import is_system

from .. import money_guards as facts
from ..enums import AmendmentKind, AmendmentState
from ..locks import family_and_line
from ..policies import may_answer_change, may_approve_change, may_lead_grant, may_oversee, may_waive
from .delivery import PartQuerySet
from .grant import Grant
from .once import RecordedOnce

OPEN_CHANGES = (AmendmentState.SUBMITTED, AmendmentState.MORE_INFO, AmendmentState.APPROVED)


class AgreementVersion(models.Model):
    """One exact text of the agreement; never changed. Version 1 is what both sides signed."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(help_text="Canonical JSON.")
    sha256 = models.CharField(max_length=64)
    why = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["grant", "number"], name="agreement_version_once")]


class Amendment(RecordedOnce, LifecycleModel):
    """A change of the agreement that the team asks for: time, money between items, scope, or the amount."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=AmendmentKind)
    days = models.PositiveSmallIntegerField(null=True, help_text="Time: by how many days all open steps move.")
    amount = models.BigIntegerField(null=True, help_text="Amount: the new award. Between items: what moves.")
    from_item = models.CharField(max_length=200, blank=True)
    to_item = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=4000, blank=True, help_text="Scope: what changes.")
    reason = models.TextField(max_length=2000)
    small = models.BooleanField(help_text="Within what the secretariat may decide, or what needs only a notice.")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_yes = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="The first of the two board members that a larger award needs.",
    )  # fmt: skip
    state = StateField(choices=AmendmentState, default=AmendmentState.SUBMITTED)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["state"], name="amendment_state")]
        constraints = [
            state_constraint(AmendmentState, "amendment_state_known"),
            models.UniqueConstraint(fields=["grant", "number"], name="amendment_number_once"),
            models.UniqueConstraint(fields=["grant"], condition=Q(state__in=OPEN_CHANGES), name="amendment_one_open"),
            models.CheckConstraint(condition=Q(kind__in=AmendmentKind.values), name="amendment_kind_known"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="amendment_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"Change {self.number}: {self.get_kind_display().lower()}"

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to answer it."""
        return self.state in OPEN_CHANGES

    @property
    def raises(self) -> bool:
        """Tell whether it makes the award larger than it is now."""
        return self.kind == AmendmentKind.AMOUNT and (self.amount or 0) > self.grant.award

    @property
    def case(self) -> UUID:
        """Return the grant's case, which policies read."""
        return self.grant.case

    def get_absolute_url(self) -> str:
        """Return the change's page."""
        return reverse("grant_change", args=[self.grant.case, self.number])

    @transition(
        state, source=AmendmentState.MORE_INFO, target=AmendmentState.SUBMITTED, who=may_lead_grant,
        label="Add what was asked", guards=[facts.grant_is_active], act="fund.services.amending.add_reason", order=10,
        style="primary", page="more/",
    )  # fmt: skip
    def submit(self, reason: str) -> None:
        """Ask again, with what was missing."""
        self.reason, self.first_yes = reason, None

    @transition(
        state, source=AmendmentState.SUBMITTED, target=AmendmentState.SUBMITTED, who=may_waive,
        label="Agree as the first of two board members", guards=[facts.grant_is_active, facts.first_yes_is_missing],
        locks=family_and_line, act="fund.services.amending.agree_first", order=20, style="primary", ask_note=True,
    )  # fmt: skip
    def take_first_yes(self, member: Any) -> None:
        """Agree to a larger award; another member of the board approves it."""
        self.first_yes = member

    @transition(
        state, source=AmendmentState.SUBMITTED, target=AmendmentState.MORE_INFO, who=may_oversee,
        label="Ask for more", guards=[facts.grant_is_active], locks=family_and_line,
        act="fund.services.amending.ask_for_more", order=30, require_note=True,
    )  # fmt: skip
    def ask_more(self) -> None:
        """Say what is missing."""

    @transition(
        state, source=AmendmentState.SUBMITTED, target=AmendmentState.APPROVED, who=may_approve_change | is_system,
        label="Approve the change", guards=[facts.grant_is_active, facts.two_agree_to_more], locks=family_and_line,
        act="fund.services.amending.approve_change", order=20, style="primary", ask_note=True,
    )  # fmt: skip
    def approve(self) -> None:
        """Agree to it."""

    @transition(
        state, source=AmendmentState.SUBMITTED, target=AmendmentState.DENIED, who=may_answer_change,
        label="Deny the change", locks=family_and_line, act="fund.services.amending.deny_change", order=40,
        style="warning", require_note=True,
    )  # fmt: skip
    def deny(self) -> None:
        """Refuse it, with a reason that the team reads."""

    @transition(
        state, source=(AmendmentState.SUBMITTED, AmendmentState.MORE_INFO), target=AmendmentState.WITHDRAWN,
        who=may_lead_grant, label="Take the change back", locks=family_and_line, order=50, style="warning",
    )  # fmt: skip
    def withdraw_change(self) -> None:
        """Not ask for it any more."""

    @transition(
        state, source=AmendmentState.APPROVED, target=AmendmentState.APPLIED, who=is_system, label="Apply the change",
    )  # fmt: skip
    def take_effect(self) -> None:
        """Make it the agreement's next version."""
