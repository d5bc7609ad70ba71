"""A proposal and its transition table."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Part, Role
from people.models import Involvement
from people.policies import holds, in_force
from people.queries import agencies_for, blocked_cases

from .. import guards, policies
from ..enums import ProposalState
from .parts import Partner

S = ProposalState
SEES_SUBMITTED = holds(Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)


def call_of(proposal: "Proposal") -> list[models.Model | None]:
    """Return the call, whose row is locked while its deadline decides."""
    return [proposal.call]


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by what one may see."""

    def visible_to(self, user: Any) -> "ProposalQuerySet":
        """Return what the person may read, without cases that a conflict keeps them out of.

        The team and those involved by their part see theirs; an agency's approver those that its agency is asked
        about; the secretariat and auditors all that were submitted.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=(*TEAM_PARTS, Part.SPONSOR))
        asked = Partner.objects.filter(agency__in=agencies_for(user, Role.SPONSOR)).values("proposal")
        seen = Q(case__in=mine.values("case")) | Q(pk__in=asked, versions__isnull=False) & ~Q(state=S.DRAFT)
        if SEES_SUBMITTED(None, user):
            seen |= Q(submitted_at__isnull=False)
        return self.filter(pk__in=self.model._base_manager.filter(seen).values("pk")).exclude(
            case__in=blocked_cases(user)
        )


class Proposal(LifecycleModel):
    """One proposal; `case` ties everything that follows from it together."""

    case = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(max_length=150)
    call = models.ForeignKey("fund.Call", null=True, on_delete=models.PROTECT, related_name="proposals")
    lead_agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Order of submission to the call.")
    reference = models.CharField(max_length=30, null=True, blank=True, unique=True)
    state = StateField(choices=ProposalState, default=ProposalState.DRAFT)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        constraints = [
            state_constraint(ProposalState, "proposal_state_known"),
            models.UniqueConstraint(fields=["call", "number"], name="proposal_number_once"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, number=None, reference=None)
                | Q(submitted_at__isnull=False, number__isnull=False, reference__isnull=False),
                name="proposal_submitted_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the proposal's page."""
        return reverse("proposal_detail", args=[self.case])

    @transition(
        state, source=S.DRAFT, target=S.AWAITING_ENDORSEMENT, who=policies.may_lead,
        label="Ask the agencies to agree", guards=[
            guards.answers_complete, guards.everyone_joined, guards.two_sectors, guards.working_members,
            guards.days_named, guards.within_ceiling, guards.in_time,
        ],
        act="proposals.services.endorsing.ask", page="check/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def ask_agencies(self) -> None:
        """Freeze the version and ask every agency's approver."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.DRAFT, who=policies.may_endorse, label="Return to the team",
        act="proposals.services.endorsing.give_back", require_note=True, page="endorse/", order=30,
    )  # fmt: skip
    def return_to_team(self) -> None:
        """Let the team change it; the approver says what has to change."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.DRAFT, who=policies.may_lead, label="Recall and change it",
        order=40,
    )  # fmt: skip
    def recall(self) -> None:
        """Take it back for changes; agreements stand only if nothing changes."""

    @transition(
        state, source=S.AWAITING_ENDORSEMENT, target=S.SUBMITTED, who=policies.may_lead, label="Submit",
        guards=[guards.every_agency_agreed, guards.in_time], locks=call_of,
        act="proposals.services.submitting.submit", page="submit/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def submit(self, *, number: int, reference: str, at: datetime) -> None:
        """Enter the call with a reference number."""
        self.number, self.reference, self.submitted_at = number, reference, at

    @transition(
        state, source=(S.DRAFT, S.AWAITING_ENDORSEMENT), target=S.LAPSED, who=policies.may_lapse, label="Lapse",
        guards=[guards.call_is_over], act="proposals.services.submitting.lapse", order=95,
    )  # fmt: skip
    def lapse(self) -> None:
        """End what was not submitted when its call was over."""

    @transition(
        state, source=S.SUBMITTED, target=S.SCREENING, who=policies.may_claim, label="Take the first check",
        act="proposals.services.screening.claim", order=10, style="primary",
    )  # fmt: skip
    def claim(self) -> None:
        """One officer takes the first check."""

    @transition(
        state, source=S.SCREENING, target=S.ELIGIBLE, who=policies.may_screen, label="Pass to the reviewers",
        guards=[guards.every_rule_checked, guards.every_rule_met], order=10, style="primary", explain=True,
    )  # fmt: skip
    def find_eligible(self) -> None:
        """Every rule is met."""

    @transition(
        state, source=S.SCREENING, target=S.INELIGIBLE, who=policies.may_refuse, label="Confirm: rule not met",
        guards=[guards.every_rule_checked, guards.a_rule_failed], act="proposals.services.screening.confirm_ineligible",
        require_note=True, order=20, style="warning",
    )  # fmt: skip
    def find_ineligible(self) -> None:
        """Refuse it: a rule is not met, and a second person confirms that."""

    @transition(
        state, source=(S.DRAFT, S.AWAITING_ENDORSEMENT, S.SUBMITTED, S.SCREENING, S.ELIGIBLE), target=S.WITHDRAWN,
        who=policies.may_lead, label="Withdraw", order=90, ask_note=True,
    )  # fmt: skip
    def withdraw(self) -> None:
        """End the proposal at the team's own wish."""
