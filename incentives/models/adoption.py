"""A result, or an idea that was declined, taken up by another agency: signed, tried, checked outside both."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Role
from people.models import Involvement
from people.policies import in_force
from people.queries import agencies_for, blocked_cases, role_names

from .. import guards, policies
from ..enums import AdoptionState, Verdict

S = AdoptionState
OFFICES = {Role.SECRETARIAT, Role.HEAD, Role.AUDITOR}
CHECKED_THERE = (S.REACHED, S.NOT_REACHED, S.REVOKED)


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    """Adoptions by what one may see."""

    def visible_to(self, user: Any) -> "AdoptionQuerySet":
        """Return both sides' own, those of one's agency to its approver, what waits for a check, all to the offices."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
        seen = Q(lead=user) | Q(asked_by=user) | Q(outcome__case__in=mine) | Q(idea__case__in=mine)
        seen |= Q(agency__in=agencies_for(user, Role.SPONSOR))
        roles = role_names(user)
        if Role.VERIFIER in roles:
            seen |= Q(state=S.CLAIMED) | Q(verified_by=user)
        found = self if roles & OFFICES else self.filter(seen)
        blocked = blocked_cases(user)
        return found.exclude(outcome__case__in=blocked).exclude(idea__case__in=blocked)


class Adoption(LifecycleModel):
    """One agency repeats a result, or takes up an idea; figures are plain numbers in `unit`."""

    outcome = models.ForeignKey("incentives.Outcome", null=True, on_delete=models.PROTECT, related_name="adoptions")
    idea = models.ForeignKey("proposals.Proposal", null=True, on_delete=models.PROTECT, related_name="adoptions")
    case = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("people.Agency", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="adoptions")
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    title = models.CharField(max_length=150, blank=True, help_text="What the adopting agency calls it.")
    words = models.TextField(max_length=2000, blank=True)
    indicator = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=50, blank=True)
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    signed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    endline = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    evidence = models.TextField(max_length=3000, blank=True)
    claimed_at = models.DateTimeField(null=True)
    verified_endline = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    how_checked = models.TextField(max_length=2000, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    verified_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)
    state = StateField(choices=AdoptionState, default=AdoptionState.ASKED)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            state_constraint(AdoptionState, "adoption_state_known"),
            models.CheckConstraint(
                condition=Q(outcome=None, idea__isnull=False) | Q(outcome__isnull=False, idea=None),
                name="adoption_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.ASKED, S.DECLINED, S.ENDED]) | Q(baseline__isnull=False, target__isnull=False),
                name="adoption_has_measure",
            ),
            models.CheckConstraint(condition=~Q(target=F("baseline")), name="adoption_target_differs"),
            models.CheckConstraint(
                condition=~Q(state__in=[S.SIGNED, S.CLAIMED, *CHECKED_THERE])
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="adoption_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CHECKED_THERE)
                | Q(verified_by__isnull=False, verified_at__isnull=False) & ~Q(verdict=""),
                name="adoption_verdict_has_person",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("lead")), name="adoption_signed_by_another"
            ),
            models.UniqueConstraint(
                fields=["outcome", "agency"], condition=~Q(state=S.DECLINED), name="adoption_once_per_agency"
            ),
            models.UniqueConstraint(
                fields=["idea", "agency"], condition=~Q(state=S.DECLINED), name="adoption_of_idea_once_per_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.name}” at {self.agency.name}"

    @property
    def origin(self) -> Any:
        """Return what was taken up: the result, or the proposal; its case is that of the team credited."""
        return self.outcome if self.idea is None else self.idea

    @property
    def name(self) -> str:
        """Return what the adopting agency calls it, or the title of what was taken up."""
        return self.title or (self.outcome.grant.title if self.outcome else self.idea.title if self.idea else "")

    def get_absolute_url(self) -> str:
        """Return the page of the adoption."""
        return reverse("adoption", args=[self.pk])

    @transition(
        state, source=S.ASKED, target=S.PLANNED, who=policies.may_try, label="Yes: write down what we try",
        guards=[guards.result_stands],
        act="incentives.services.adoptions.plan_adoption", page="plan/", style="primary", order=10,
    )  # fmt: skip
    def plan_adoption(self, **said: Any) -> None:
        """Write down the measure before anything is tried."""
        self.title, self.words, self.indicator = said["title"], said["words"], said["indicator"]
        self.unit, self.baseline, self.target = said["unit"], said["baseline"], said["target"]

    @transition(
        state, source=S.PLANNED, target=S.SIGNED, who=policies.may_sign_adoption, label="Sign: our agency tries it",
        guards=[guards.result_stands],
        act="incentives.services.adoptions.sign_adoption", style="primary", order=10,
    )  # fmt: skip
    def sign_adoption(self, *, person: Any, at: datetime) -> None:
        """Sign the adoption record for the agency; the day counts."""
        self.signed_by, self.signed_at = person, at

    @transition(
        state, source=(S.ASKED, S.PLANNED), target=S.DECLINED, who=policies.is_adopter | policies.may_sign_adoption,
        label="No, we do not", ask_note=True, order=30,
    )  # fmt: skip
    def leave_it(self) -> None:
        """Say that the agency does not take it up."""

    @transition(
        state, source=S.SIGNED, target=S.CLAIMED, who=policies.may_try, label="Say what was reached",
        guards=[guards.result_stands],
        act="incentives.services.adoptions.claim_adoption", page="claim/", style="primary", order=10,
    )  # fmt: skip
    def claim_adoption(self, *, endline: Any, evidence: str, at: datetime) -> None:
        """Say what was reached, with what shows it."""
        self.endline, self.evidence, self.claimed_at = endline, evidence, at

    def _found(self, *, endline: Any, how: str, verdict: str, person: Any, at: datetime) -> None:
        self.verified_endline, self.how_checked, self.verdict = endline, how, verdict
        self.verified_by, self.verified_at = person, at

    @transition(
        state, source=S.CLAIMED, target=S.REACHED, who=policies.may_check_adoption, label="Record the check",
        guards=[guards.result_stands],
        act="incentives.services.adoptions.check_adoption", page="check/", style="primary", order=10,
    )  # fmt: skip
    def find_reached(self, **found: Any) -> None:
        """Find the target reached, or at least half of the way."""
        self._found(**found)

    @transition(
        state, source=S.CLAIMED, target=S.NOT_REACHED, who=policies.may_check_adoption,
        label="Record the check: not reached", act="incentives.services.adoptions.check_adoption", page="check/",
        order=11, guards=[guards.result_stands],
    )  # fmt: skip
    def find_not_reached(self, **found: Any) -> None:
        """Find the target not reached."""
        self._found(**found)

    @transition(
        state, source=(S.ASKED, S.PLANNED, S.SIGNED, S.CLAIMED), target=S.ENDED, who=policies.may_act_as_system,
        label="End it with the result", act="incentives.services.adoptions.end_with_result", order=95,
    )  # fmt: skip
    def end_with_result(self) -> None:
        """Go no further, because the result that it repeats was revoked."""

    @transition(
        state, source=S.REACHED, target=S.REVOKED, who=policies.may_revoke_adoption, label="Revoke it",
        act="incentives.services.adoptions.revoke_adoption", require_note=True, style="warning", order=90,
    )  # fmt: skip
    def revoke_adoption(self) -> None:
        """Take it back, because it proved false; it is shown as revoked."""
