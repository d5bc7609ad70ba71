"""The promised result of a grant, claimed by the team and checked by another agency."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Part, Role
from people.models import Involvement
from people.policies import holds, in_force
from people.queries import agencies_for, blocked_cases, snapshot_of

from .. import guards, policies
from ..enums import Confidence, OutcomeState, Verdict

S = OutcomeState
VERIFIED = (S.VERIFIED_MET, S.VERIFIED_PARTIAL, S.VERIFIED_NOT_MET, S.UNVERIFIABLE)
CHECKED = (*VERIFIED, S.PUBLISHED)
CHECKED_ANEW = (S.CLAIMED, S.CONTESTED, S.VERIFYING)
SEES_ALL = holds(Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)
RECORD_VERDICT = "incentives.services.outcomes.record_verdict"


def contribution_of(row: Any) -> list[models.Model | None]:
    """Return the contribution of the same grant: its shares decide and follow."""
    return [row.grant.contribution]


def all_that_follows(outcome: Any) -> list[models.Model | None]:
    """Return what goes with a result that is revoked: its contribution, and what other agencies made of it."""
    return [*contribution_of(outcome), *outcome.adoptions.all()]


class OfCaseQuerySet(models.QuerySet[Any]):
    """Rows of a case, seen by the team, the offices, and by role from other agencies."""

    def of_case_visible_to(self, user: Any, role: Role, part: Part, states: tuple[str, ...]) -> "OfCaseQuerySet":
        """Return own teams' rows, all for the offices, and to holders of `role` what is in `states` elsewhere."""
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Involvement.objects.filter(in_force(), person=user, part__in=(*TEAM_PARTS, Part.SPONSOR, part))
        seen = Q(case__in=mine.values("case"))
        if SEES_ALL(None, user):
            seen = Q()
        elif holds(role)(None, user):
            post = snapshot_of(user)
            own = Involvement.objects.filter(agency=post.agency if post else None, part__in=TEAM_PARTS)
            seen |= Q(state__in=states) & ~Q(case__in=own.values("case"))
        return self.filter(seen).exclude(case__in=blocked_cases(user))


class OutcomeQuerySet(OfCaseQuerySet):
    """Outcomes by what one may see."""

    def visible_to(self, user: Any) -> "OutcomeQuerySet":
        """Return what the person may read; an approver also what their agency is said to use.

        What was published stays to be read by everybody, while it is looked at again and when it is revoked.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        used = Q(used_by__in=agencies_for(user, Role.SPONSOR))
        told = (used | Q(was_published=True)) & ~Q(case__in=blocked_cases(user))
        return self.filter(Q(pk__in=self.by_part(user).values("pk")) | told)

    def by_part(self, user: Any) -> "OutcomeQuerySet":
        """Return what is the person's by their part or office; to verifiers what waits for a check elsewhere."""
        seen = self.of_case_visible_to(user, Role.VERIFIER, Part.VERIFIER, (S.CLAIMED, S.CONTESTED))
        return self.filter(pk__in=seen.values("pk"))


class Outcome(LifecycleModel):
    """One promised measure, frozen at award; figures are plain numbers in `unit`."""

    grant = models.OneToOneField("fund.Grant", on_delete=models.PROTECT, related_name="outcome")
    stage = models.CharField(max_length=10)
    ambition = models.CharField(max_length=10)
    hypothesis = models.TextField()
    indicator = models.CharField(max_length=200)
    unit = models.CharField(max_length=50)
    baseline = models.DecimalField(max_digits=18, decimal_places=4)
    target = models.DecimalField(max_digits=18, decimal_places=4)
    source = models.CharField(max_length=200)
    method = models.TextField()
    stop_rule = models.TextField()
    case = models.UUIDField(unique=True, editable=False)
    claimed_endline = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    evidence = models.TextField(max_length=4000, blank=True)
    evidence_file = models.ForeignKey(
        "documents.StoredFile", null=True, on_delete=models.PROTECT, related_name="+", help_text="What shows it."
    )
    claimed_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey("people.Agency", null=True, on_delete=models.PROTECT, related_name="+")
    use_confirmed_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    use_confirmed_at = models.DateTimeField(null=True)
    verified_endline = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    check_by = models.DateField(null=True, help_text="By when somebody takes the check, or answers.")
    checks = models.PositiveSmallIntegerField(default=0, help_text="How often it was checked.")
    people_served = models.TextField(max_length=2000, blank=True, help_text="What people served said, from Build up.")
    how_checked = models.TextField(max_length=2000, blank=True)
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    verified_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)
    revoked_upon = models.ForeignKey(
        "incentives.IntegrityHold", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="The integrity case after which it was revoked.",
    )  # fmt: skip
    was_published = models.BooleanField(default=False, help_text="Others than its team and the offices have read it.")
    state = StateField(choices=OutcomeState, default=OutcomeState.PRE_REGISTERED)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            state_constraint(OutcomeState, "outcome_state_known"),
            models.CheckConstraint(condition=~Q(target=F("baseline")), name="outcome_target_differs"),
            models.CheckConstraint(
                condition=~Q(state__in=VERIFIED) | Q(verified_by__isnull=False, verified_at__isnull=False)
                & ~Q(verdict=""), name="outcome_verdict_has_person",
            ),
            models.CheckConstraint(
                condition=Q(use_confirmed_by=None, use_confirmed_at=None)
                | Q(use_confirmed_by__isnull=False, use_confirmed_at__isnull=False, used_by__isnull=False),
                name="outcome_use_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.CLAIMED, S.VERIFYING, S.CONTESTED]) | Q(check_by__isnull=False),
                name="outcome_check_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REVOKED) | Q(revoked_upon__isnull=False), name="outcome_revoked_after_a_case"
            ),
        ]  # fmt: skip

    @property
    def looked_at_again(self) -> bool:
        """Tell whether it was checked before and another check is not recorded yet."""
        return self.state in CHECKED_ANEW and self.verdict != ""

    def __str__(self) -> str:
        return f"Result of “{self.grant.title}”"

    def get_absolute_url(self) -> str:
        """Return the result's page."""
        return reverse("outcome_detail", args=[self.case])

    @transition(
        state, source=S.PRE_REGISTERED, target=S.CLAIMED, who=policies.may_lead, label="Claim the result",
        guards=[guards.grant_is_running, guards.shares_are_agreed], locks=contribution_of,
        act="incentives.services.outcomes.claim", page="claim/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def claim(self, *, endline: Any, evidence: str, used_by: Any, at: datetime, file: Any, check_by: date) -> None:
        """Say what was reached, with the evidence."""
        self.evidence_file, self.check_by = file, check_by
        self.claimed_endline, self.evidence, self.used_by, self.claimed_at = endline, evidence, used_by, at

    @transition(
        state, source=(S.CLAIMED, S.CONTESTED), target=S.VERIFYING, who=policies.may_take_check,
        label="Take the check", act="incentives.services.outcomes.take", order=10, style="primary",
    )  # fmt: skip
    def begin_verifying(self, *, check_by: date) -> None:
        """One verifier of another agency takes it; not the one of an earlier check, nor one who was late."""
        self.check_by = check_by

    @transition(
        state, source=S.VERIFYING, target=S.CLAIMED, who=policies.may_act_as_system, label="Ask another verifier",
        guards=[guards.check_is_late], act="incentives.services.outcomes.reassign",
    )  # fmt: skip
    def reassign(self, *, check_by: date) -> None:
        """Give it free after 20 business days without an answer."""
        self.check_by = check_by

    def _set_verdict(
        self, verdict: Verdict, *, endline: Any, how: str, confidence: str, verifier: Any, at: datetime, served: str
    ) -> None:
        self.people_served, self.checks = served, self.checks + 1
        self.verdict, self.verified_endline, self.how_checked = verdict, endline, how
        self.confidence, self.verified_by, self.verified_at = confidence, verifier, at

    @transition(
        state, source=S.VERIFYING, target=S.VERIFIED_MET, who=policies.may_record_check,
        label="Record the check: reached", locks=contribution_of, act=RECORD_VERDICT, page="verify/", order=10,
        style="primary",
    )  # fmt: skip
    def verify_met(self, **found: Any) -> None:
        """Find the target reached."""
        self._set_verdict(Verdict.MET, **found)

    @transition(
        state, source=S.VERIFYING, target=S.VERIFIED_PARTIAL, who=policies.may_record_check,
        label="Record the check: half of the way", locks=contribution_of, act=RECORD_VERDICT, page="verify/", order=11,
    )  # fmt: skip
    def verify_partial(self, **found: Any) -> None:
        """Find at least half of the way gone."""
        self._set_verdict(Verdict.PARTIAL, **found)

    @transition(
        state, source=S.VERIFYING, target=S.VERIFIED_NOT_MET, who=policies.may_record_check,
        label="Record the check: not reached", locks=contribution_of, act=RECORD_VERDICT, page="verify/", order=12,
    )  # fmt: skip
    def verify_not_met(self, **found: Any) -> None:
        """Find the target not reached."""
        self._set_verdict(Verdict.NOT_MET, **found)

    @transition(
        state, source=S.VERIFYING, target=S.UNVERIFIABLE, who=policies.may_record_check,
        label="Record the check: cannot be checked", locks=contribution_of, act=RECORD_VERDICT, page="verify/",
        order=13,
    )  # fmt: skip
    def find_unverifiable(self, **found: Any) -> None:
        """Find that nobody can check it."""
        self._set_verdict(Verdict.UNVERIFIABLE, **found)

    @transition(
        state, source=VERIFIED, target=S.PUBLISHED, who=policies.may_lead | policies.may_act_as_system,
        label="Publish the result", order=30, guards=[guards.is_not_held],
    )  # fmt: skip
    def publish(self) -> None:
        """Let everybody read it: the lead agrees, or 30 days have passed."""
        self.was_published = True

    @transition(
        state, source=CHECKED, target=S.CONTESTED, who=policies.may_act_as_system, label="Open the check again",
        act="incentives.services.contests.open_again",
    )  # fmt: skip
    def reopen(self) -> None:
        """Follow a second look that was upheld, or upheld in part."""

    @transition(
        state, source=(*CHECKED, S.CLOSED_UNCLAIMED), target=S.REVOKED, who=policies.may_settle,
        label="Revoke the result",
        style="warning", order=90, require_note=True, locks=all_that_follows, guards=[guards.is_held],
        act="incentives.services.outcomes.revoke",
    )  # fmt: skip
    def revoke(self, *, upon: Any) -> None:
        """Take it back after an integrity case, a failure without a claim too; shown as revoked, never removed."""
        self.revoked_upon = upon

    @transition(
        state, source=S.PRE_REGISTERED, target=S.CLOSED_UNCLAIMED, who=policies.may_act_as_system,
        label="Close without a claim", order=90,
    )  # fmt: skip
    def close_unclaimed(self) -> None:
        """End it with a grant that stopped early."""
