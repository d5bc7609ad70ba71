"""The record: policy versions as data, point events and evaluations that are only ever added."""

import json
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.policies import is_system

from .. import guards, policies
from ..enums import PolicyState
from ..rules.loading import load
from ..rules.policy import Policy

S = PolicyState


class PolicyQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions: everybody signed in reads them, drafts too, because a draft is what people are consulted about."""

    def visible_to(self, user: Any) -> "PolicyQuerySet":
        """Return what one may read."""
        return self if user is not None and user.is_authenticated else self.none()

    def standing(self) -> "PolicyQuerySet":
        """Return those that were not withdrawn."""
        return self.exclude(state=S.WITHDRAWN)


class PolicyVersion(LifecycleModel):
    """One version of the rule set; `valid_from` is the first day that counts under it."""

    name = models.SlugField(max_length=30, unique=True, allow_unicode=False)
    data = models.TextField(help_text="Canonical JSON; never changed after the draft.")
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="Exclusive; set when a later version takes over.")
    first_approver = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    second_approver = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    state = StateField(choices=PolicyState, default=PolicyState.DRAFT)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            state_constraint(PolicyState, "policy_state_known"),
            models.UniqueConstraint(fields=["state"], condition=Q(state=S.IN_FORCE), name="policy_one_in_force"),
            models.UniqueConstraint(
                fields=["valid_from"], condition=~Q(state=S.WITHDRAWN), name="policy_one_begins_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="policy_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(second_approver=None) | ~Q(first_approver=F("second_approver")),
                name="policy_two_approvers",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.CONSULTED, S.WITHDRAWN])
                | Q(first_approver__isnull=False, second_approver__isnull=False),
                name="policy_holds_only_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the version's page."""
        return reverse("policy_detail", args=[self.name])

    @property
    def rules(self) -> Policy:
        """Return the rules as the pure functions take them."""
        return load(json.loads(self.data))

    @transition(
        state, source=S.DRAFT, target=S.CONSULTED, who=policies.is_rcsc, label="Approve after consultation",
        guards=[guards.not_back_dated], order=10, style="primary", ask_note=True,
        act="incentives.services.versions.consult",
    )  # fmt: skip
    def consult(self, *, person: Any) -> None:
        """Approve as the first of two people, after the consultation."""
        self.first_approver = person

    @transition(
        state, source=S.CONSULTED, target=S.APPROVED, who=policies.is_second_rcsc, label="Approve as second person",
        guards=[guards.not_back_dated], order=10, style="primary", act="incentives.services.versions.approve",
    )  # fmt: skip
    def approve(self, *, person: Any, at: datetime) -> None:
        """Approve as the second of two people."""
        self.second_approver, self.approved_at = person, at

    @transition(
        state, source=(S.DRAFT, S.CONSULTED, S.APPROVED), target=S.WITHDRAWN, who=policies.is_rcsc,
        label="Withdraw it", require_note=True, style="warning", order=80,
        act="incentives.services.versions.withdraw_version",
    )  # fmt: skip
    def withdraw_version(self) -> None:
        """Take back what does not hold yet; its day is free for another."""

    @transition(
        state, source=S.APPROVED, target=S.IN_FORCE, who=is_system, label="Take effect",
        guards=[guards.day_has_come], act="incentives.services.versions.take_effect",
    )  # fmt: skip
    def take_effect(self) -> None:
        """Hold from its first day."""

    @transition(
        state, source=S.IN_FORCE, target=S.SUSPENDED, who=policies.is_rcsc, label="Suspend it", require_note=True,
        style="warning", order=90, act="incentives.services.versions.suspend_policy",
    )  # fmt: skip
    def suspend_policy(self) -> None:
        """Stop checking anybody against it; what is earned meanwhile keeps this version."""

    @transition(
        state, source=S.SUSPENDED, target=S.IN_FORCE, who=policies.is_rcsc, label="Let it hold again",
        require_note=True, style="primary", order=10, act="incentives.services.versions.resume_policy",
    )  # fmt: skip
    def resume_policy(self) -> None:
        """Check people against it again; what was earned meanwhile counts as it stands."""

    @transition(
        state, source=(S.IN_FORCE, S.SUSPENDED), target=S.SUPERSEDED, who=is_system, label="Give way",
        act="incentives.services.versions.take_effect",
    )  # fmt: skip
    def give_way(self, *, until: date) -> None:
        """End on the day before a later version's first."""
        self.valid_until = until


class PointEvent(models.Model):
    """Points of one person for one contribution, in tenths; append-only, a mistake is reversed."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="point_events")
    case = models.UUIDField(db_index=True)
    code = models.CharField(max_length=4)
    tenths = models.IntegerField()
    stage = models.CharField(max_length=10, blank=True)
    counts_on = models.DateField()
    verified_on = models.DateField()
    source = models.CharField(max_length=120)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    steps = models.JSONField(help_text="[label, figure, how] per line of the arithmetic.")
    basis = models.JSONField(default=dict, help_text="What they were worked out from, so that a draft can be tried.")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversal")
    at = models.DateTimeField()

    class Meta:
        ordering = ["counts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "person", "code"], name="point_event_once"),
            models.CheckConstraint(
                condition=Q(reverses=None, tenths__gte=0) | Q(reverses__isnull=False, tenths__lte=0),
                name="point_event_sign",
            ),
            models.CheckConstraint(condition=Q(verified_on__gte=F("counts_on")), name="point_event_dates_in_order"),
        ]


class Simulation(models.Model):
    """What a draft would change, in numbers of people by group; no small figure is stored."""

    draft = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="simulations")
    against = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    people = models.PositiveIntegerField()
    result = models.JSONField(help_text="Name of a table -> rows of [group, cells].")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]


class EligibilityRun(models.Model):
    """One evaluation with its inputs and result as text; append-only, re-runs to the same bytes."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="eligibility_runs")
    day = models.DateField()
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    inputs = models.TextField(help_text="Canonical JSON.")
    result = models.TextField(help_text="Canonical JSON.")
    sha256 = models.CharField(max_length=64, help_text="Of the result.")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
