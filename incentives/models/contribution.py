"""Who did how much of one case, agreed by each holder before anybody verifies."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Role
from people.models import Involvement
from people.policies import holds, in_force
from people.queries import blocked_cases

from .. import guards, policies
from ..enums import ContributionState

S = ContributionState


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Contributions by what one may see."""

    def visible_to(self, user: Any) -> "ContributionQuerySet":
        """Return own teams' rows; to the head those in dispute or to be given anew; to an auditor all."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        seen = Q(grant__case__in=mine)
        if holds(Role.HEAD)(None, user):
            seen |= Q(state=S.DISPUTED) | Q(pk__in=self.to_recount().values("pk"))
        if holds(Role.AUDITOR)(None, user):
            seen = Q()
        return self.filter(seen).exclude(grant__case__in=blocked_cases(user))

    def to_recount(self) -> "ContributionQuerySet":
        """Return those whose points a second look found counted wrongly, and which still stand."""
        upheld = apps.get_model("incentives", "Contest").objects.to_carry_out()
        return self.filter(grant__outcome__in=upheld.values("outcome"))


def contests_of(contribution: Any) -> list[models.Model | None]:
    """Return the second looks that a new count carries out."""
    return list(contribution.grant.outcome.contests.to_carry_out())


class Contribution(LifecycleModel):
    """The shares of one grant; `code` is set when it is verified."""

    grant = models.OneToOneField("fund.Grant", on_delete=models.PROTECT, related_name="contribution")
    code = models.CharField(max_length=4, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="How often the shares were written down.")
    state = StateField(choices=ContributionState, default=ContributionState.PROPOSED)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        constraints = [
            state_constraint(ContributionState, "contribution_state_known"),
            models.CheckConstraint(condition=~Q(state=S.VERIFIED) | ~Q(code=""), name="contribution_verified_has_code"),
        ]

    def __str__(self) -> str:
        return f"Who did how much of “{self.grant.title}”"

    @property
    def case(self) -> UUID:
        """Return the grant's case, which policies read."""
        return self.grant.case

    def get_absolute_url(self) -> str:
        """Return the page of the shares."""
        return reverse("shares", args=[self.grant.case])

    @transition(
        state, source=(S.PROPOSED, S.SHARES_OPEN, S.SHARES_AGREED), target=S.SHARES_OPEN, who=policies.may_lead,
        label="Write down who did how much", guards=[guards.claim_is_open],
        act="incentives.services.contributions.open_shares",
    )  # fmt: skip
    def open_shares(self) -> None:
        """Ask every holder."""

    @transition(
        state, source=S.SHARES_OPEN, target=S.SHARES_AGREED, who=policies.may_share, label="Close the agreement",
        guards=[guards.every_holder_agreed], act="incentives.services.contributions.agree",
    )  # fmt: skip
    def agree_shares(self) -> None:
        """Note that every holder has agreed."""

    @transition(
        state, source=S.SHARES_OPEN, target=S.DISPUTED, who=policies.may_share, label="Disagree",
        require_note=True, act="incentives.services.contributions.dispute", order=60,
    )  # fmt: skip
    def dispute(self) -> None:
        """Say that one does not agree."""

    @transition(
        state, source=S.DISPUTED, target=S.SHARES_AGREED, who=policies.may_settle, label="Settle the shares",
        require_note=True, act="incentives.services.contributions.settle",
    )  # fmt: skip
    def settle(self) -> None:
        """Decide in the place of the team."""

    @transition(
        state, source=(S.SHARES_AGREED, S.REVERSED, S.VOID), target=S.VERIFIED, who=policies.may_act_as_system,
        label="Verify",
    )  # fmt: skip
    def verify(self, *, code: str) -> None:
        """Follow the verified result or the accepted learning, also where a second check finds what earned nothing."""
        self.code = code

    @transition(
        state, source=S.VERIFIED, target=S.VERIFIED, who=policies.may_settle, label="Give the points anew",
        guards=[guards.found_wrongly_counted], require_note=True, locks=contests_of,
        act="incentives.services.recounting.recount",
    )  # fmt: skip
    def recount(self) -> None:
        """Carry out a second look that was upheld: what stood is taken back and given by other shares."""

    @transition(
        state, source=S.VERIFIED, target=S.REVERSED, who=policies.may_act_as_system, label="Take back",
    )  # fmt: skip
    def reverse(self) -> None:
        """Follow points that were taken back."""

    @transition(
        state, source=(S.SHARES_AGREED, S.REVERSED), target=S.VOID, who=policies.may_act_as_system, label="Void",
    )  # fmt: skip
    def void(self) -> None:
        """Earn nothing."""


class WorkConfirmation(models.Model):
    """That a member confirms the recorded work of another, who leads people of the team; never changed."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="confirmations")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "person"], name="work_confirmed_once"),
            models.CheckConstraint(condition=~Q(by=F("person")), name="work_confirmed_by_another"),
        ]


class Share(models.Model):
    """One person's whole percent, and whether they agreed to it."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="shares")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    percent = models.PositiveSmallIntegerField()
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "person"], name="share_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="share_percent_range"),  # the policy says more
        ]
