"""A proposal, its written sections and its team."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS
from people.models import Involvement
from people.policies import in_force
from people.queries import blocked_cases

from ..enums import MemberState, ProposalState, SectionKey
from ..policies import may_lead


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by what one may see."""

    def visible_to(self, user: Any) -> "ProposalQuerySet":
        """Return the proposals of the person's teams, without those a conflict keeps them out of."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        return self.filter(case__in=mine).exclude(case__in=blocked_cases(user))


class Proposal(LifecycleModel):
    """One proposal; `case` ties everything that follows from it together."""

    case = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(max_length=150)
    call = models.ForeignKey("fund.Call", null=True, on_delete=models.PROTECT, related_name="proposals")
    lead_agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    state = StateField(choices=ProposalState, default=ProposalState.DRAFT)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [state_constraint(ProposalState, "proposal_state_known")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the proposal's page."""
        return reverse("proposal_detail", args=[self.case])

    @transition(
        state, source=ProposalState.DRAFT, target=ProposalState.WITHDRAWN, who=may_lead, label="Withdraw",
        order=90, ask_note=True,
    )  # fmt: skip
    def withdraw(self) -> None:
        """End the proposal at the team's own wish."""


class Section(models.Model):
    """The answers of one section; `version` is compared in the UPDATE, so no save is lost."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=10, choices=SectionKey)
    version = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    edited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "key"], name="section_once"),
            models.CheckConstraint(condition=Q(key__in=SectionKey.values), name="section_key_known"),
        ]


class Member(models.Model):
    """A person asked into the team; joining takes one tap of their own."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=MemberState, default=MemberState.INVITED)
    invited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="member_once"),
            models.CheckConstraint(condition=Q(status__in=MemberState.values), name="member_status_known"),
        ]
