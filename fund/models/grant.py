"""A grant: what was agreed, who signed, and how much has moved. Amounts are integer chhetrum."""

import json
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, Q
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS
from people.models import Involvement
from people.policies import in_force, is_system
from people.queries import blocked_cases

from .. import money_guards as facts
from ..enums import RUNNING, GrantState, SignaturePart
from ..locks import family, family_and_lead, family_and_line
from ..policies import (
    may_hold_back,
    may_lead_grant,
    may_oversee,
    may_sign_as_sponsor,
    may_waive,
    money_roles_of,
    signs_with,
)

UNSIGNED = (GrantState.OFFERED, GrantState.DECLINED, GrantState.EXPIRED)


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by what one may see."""

    def visible_to(self, user: Any) -> "GrantQuerySet":
        """Return own teams' grants, those one signs for, and all to the fund's officers; never past a conflict."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        seen = Q(Exists(money_roles_of(user))) | Q(case__in=mine) | Q(sponsor=user)
        return self.filter(seen).exclude(case__in=blocked_cases(user))


class Grant(LifecycleModel):
    """The money of one case: offered, signed, delivered, ended. The ledger moves its four totals."""

    case = models.UUIDField(unique=True, editable=False)
    reference = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=450)
    line = models.ForeignKey("fund.BudgetLine", on_delete=models.PROTECT, related_name="grants")
    lead_agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    sponsor = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    released = models.BigIntegerField(default=0, help_text="Set free again.")
    disbursed = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    offered_at = models.DateTimeField()
    offer_expires_at = models.DateTimeField(help_text="Exclusive.")
    agreement = models.TextField(help_text="Canonical JSON: what was signed.")
    agreement_sha256 = models.CharField(max_length=64)
    signed_by_lead_at = models.DateTimeField(null=True)
    signed_by_sponsor_at = models.DateTimeField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField()
    stop_reason = models.TextField(max_length=2000, blank=True)
    unspent = models.BigIntegerField(null=True, help_text="Reported by the lead when stopping.")
    state = StateField(choices=GrantState, default=GrantState.OFFERED)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-pk"]
        indexes = [
            models.Index(fields=["-offered_at", "-id"], name="grant_newest"),
            models.Index(fields=["state"], name="grant_state"),
        ]
        constraints = [
            state_constraint(GrantState, "grant_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="grant_amount_positive"),
            models.CheckConstraint(
                condition=Q(released__gte=0, disbursed__gte=0, disbursed__lte=F("amount") - F("released")),
                name="grant_paid_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0, refunded__gte=0, disbursed__gte=F("spent") + F("refunded")),
                name="grant_spent_within_paid",
            ),
            models.CheckConstraint(
                condition=Q(unspent=None) | Q(unspent__gte=0, unspent__lte=F("amount")),
                name="grant_unspent_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNSIGNED)
                | Q(signed_by_lead_at__isnull=False, signed_by_sponsor_at__isnull=False),
                name="grant_runs_only_signed",
            ),
            models.CheckConstraint(condition=~Q(lead=F("sponsor")), name="grant_lead_is_not_sponsor"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the grant's page."""
        return reverse("grant_detail", args=[self.case])

    @property
    def terms(self) -> dict[str, str]:
        """Return the promise as it was signed: stage, ambition, measure and stop rule, each as text."""
        found: dict[str, str] = json.loads(self.agreement)["terms"]
        return found

    @property
    def award(self) -> int:
        """Return what is agreed now: the amount without what was set free."""
        return self.amount - self.released

    @property
    def is_running(self) -> bool:
        """Tell whether the team still works, or still accounts for what it stopped."""
        return self.state in RUNNING

    @property
    def unaccounted(self) -> int:
        """Return what is paid out and neither spent nor paid back."""
        return self.disbursed - self.spent - self.refunded

    @property
    def in_hand(self) -> int:
        """Return what is paid out and neither recorded as spent nor paid back; one query."""
        return self.unaccounted - sum(self.tranches.values_list("waiting", flat=True))

    @transition(
        state, source=GrantState.OFFERED, target=GrantState.OFFERED, who=may_lead_grant,
        label="Sign the agreement as lead", guards=[facts.offer_in_time, facts.unsigned_by_lead, facts.lead_has_room],
        locks=family_and_lead, act="fund.services.grants.sign", order=10, style="primary", proof=signs_with,
    )  # fmt: skip
    def sign_as_lead(self, at: datetime) -> None:
        """Accept the offer for the team."""
        self.signed_by_lead_at = at

    @transition(
        state, source=GrantState.OFFERED, target=GrantState.OFFERED, who=may_sign_as_sponsor,
        label="Sign the agreement for the agency", guards=[facts.offer_in_time, facts.unsigned_by_sponsor],
        locks=family_and_lead, act="fund.services.grants.sign", order=11, style="primary",
    )  # fmt: skip
    def sign_as_sponsor(self, at: datetime) -> None:
        """Accept the offer for the agency."""
        self.signed_by_sponsor_at = at

    @transition(
        state, source=GrantState.OFFERED, target=GrantState.ACTIVE, who=may_lead_grant | may_sign_as_sponsor,
        label="Start the grant", guards=[facts.both_signed, facts.offer_in_time, facts.lead_has_room],
        locks=family_and_lead, act="fund.services.grants.sign", order=12,
    )  # fmt: skip
    def activate(self, starts_on: date) -> None:
        """Begin: the second signature is in."""
        self.starts_on = starts_on

    @transition(
        state, source=GrantState.OFFERED, target=GrantState.DECLINED, who=may_lead_grant, label="Decline the offer",
        locks=family_and_line, act="fund.services.grants.decline_offer", order=80, ask_note=True, style="warning",
    )  # fmt: skip
    def decline(self) -> None:
        """Turn the offer down."""

    @transition(
        state, source=GrantState.OFFERED, target=GrantState.EXPIRED, who=is_system, label="Let the offer expire",
        guards=[facts.offer_is_over], locks=family_and_line, act="fund.services.grants.expire_offer", order=81,
    )  # fmt: skip
    def expire(self) -> None:
        """End an offer that was not signed in time."""

    @transition(
        state, source=GrantState.ACTIVE, target=GrantState.STOPPING, who=may_lead_grant, label="Stop early",
        locks=family, act="fund.services.stopping.ask_to_stop", order=70, ask_note=True,
    )  # fmt: skip
    def stop(self, reason: str, unspent: int) -> None:
        """Ask to stop: which stop rule was met, or why, and what is unspent."""
        self.stop_reason, self.unspent = reason, unspent

    @transition(
        state, source=GrantState.STOPPING, target=GrantState.STOPPING, who=may_lead_grant,
        label="State anew what is unspent", locks=family, act="fund.services.stopping.restate_unspent", order=15,
        page="unspent/",
    )  # fmt: skip
    def restate(self, unspent: int) -> None:
        """Correct what was reported as unspent."""
        self.unspent = unspent

    @transition(
        state, source=GrantState.STOPPING, target=GrantState.STOPPED_EARLY, who=may_oversee,
        label="Confirm the early stop", guards=[facts.unspent_is_reported], locks=family_and_line,
        act="fund.services.stopping.confirm_stop", order=20, style="primary", explain=True, ask_note=True,
    )  # fmt: skip
    def stop_early(self) -> None:
        """End early; what was paid is accounted for or comes back before the accounts are closed."""

    @transition(
        state, source=GrantState.ACTIVE, target=GrantState.COMPLETED, who=may_oversee, label="Complete the grant",
        guards=[facts.milestones_settled, facts.payments_accounted, facts.reports_accepted], locks=family_and_line,
        act="fund.services.stopping.complete_grant", order=30, style="primary", explain=True, ask_note=True,
    )  # fmt: skip
    def complete(self) -> None:
        """End as planned."""

    @transition(
        state, source=GrantState.ACTIVE, target=GrantState.SUSPENDED, who=may_hold_back, label="Suspend the grant",
        locks=family, act="fund.services.stopping.suspend", order=71, style="warning", require_note=True,
    )  # fmt: skip
    def suspend(self) -> None:
        """Stop payments and deadlines' consequences for now, with a reason."""

    @transition(
        state, source=GrantState.SUSPENDED, target=GrantState.ACTIVE, who=may_hold_back, label="End the suspension",
        locks=family, act="fund.services.stopping.resume", order=72, require_note=True,
    )  # fmt: skip
    def resume(self) -> None:
        """Let it go on."""

    @transition(
        state, source=(GrantState.ACTIVE, GrantState.SUSPENDED, GrantState.STOPPING), target=GrantState.TERMINATED,
        who=may_waive, label="End the grant", locks=family_and_line, act="fund.services.stopping.terminate", order=90,
        style="warning", require_note=True,
    )  # fmt: skip
    def terminate(self, reason: str) -> None:
        """End it against the team's will, with a reason."""
        self.stop_reason = reason

    @property
    def offer_is_open(self) -> bool:
        """Tell whether the offer can be signed now."""
        return self.state == GrantState.OFFERED and clock.now() < self.offer_expires_at


class Signature(models.Model):
    """Who signed which exact text; never changed."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="signatures")
    part = models.CharField(max_length=8, choices=SignaturePart)
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="As the person wrote it on that day.")
    agreement_sha256 = models.CharField(max_length=64)
    second_factor = models.BooleanField(null=True, help_text="None: signed before this was kept.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "part"], name="signature_once"),
            models.CheckConstraint(condition=Q(part__in=SignaturePart.values), name="signature_part_known"),
        ]
