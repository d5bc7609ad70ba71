"""What the audit found on a grant, a payment or a budget line, and what the office that it names answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import TEAM_PARTS, Role
from people.models import Involvement, User
from people.policies import in_force
from people.queries import blocked_cases, role_names

from ..enums import FindingKind, FindingOffice, FindingState
from ..policies import is_asked, may_audit
from .grant import Grant
from .ledger import BudgetLine
from .once import RecordedOnce
from .tranche import Tranche

SEE_ALL = {Role.AUDITOR, Role.HEAD, Role.BOARD}
OFFICE_OF = {
    Role.MAKER: FindingOffice.FINANCE, Role.CHECKER: FindingOffice.FINANCE, Role.SECRETARIAT: FindingOffice.SECRETARIAT
}  # fmt: skip
OPEN_FINDINGS = (FindingState.RAISED, FindingState.ESCALATED)


class FindingQuerySet(models.QuerySet["Finding"]):
    """Findings by what one may see."""

    def visible_to(self, user: Any, roles: frozenset[str] | None = None) -> "FindingQuerySet":
        """Return all to auditors, head and board; to others those of their office or team; none past a conflict.

        `roles` saves asking again.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        roles = frozenset(role_names(user)) if roles is None else roles
        if not roles.isdisjoint(SEE_ALL):
            seen = Q()
        else:
            teams = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS).values("case")
            seen = Q(office=FindingOffice.TEAM, grant__case__in=teams)
            seen |= Q(office__in={OFFICE_OF[Role(role)] for role in roles if role in OFFICE_OF})
        kept_out = Grant.objects.filter(case__in=blocked_cases(user)).values("pk")
        return self.filter(seen).exclude(grant__in=kept_out)


class Finding(RecordedOnce, LifecycleModel):
    """One finding: on a grant, on a payment of it, or on a budget line."""

    grant = models.ForeignKey(Grant, null=True, on_delete=models.PROTECT, related_name="findings")
    tranche = models.ForeignKey(Tranche, null=True, on_delete=models.PROTECT, related_name="findings")
    line = models.ForeignKey(BudgetLine, null=True, on_delete=models.PROTECT, related_name="findings")
    office = models.CharField(max_length=11, choices=FindingOffice, help_text="Who answers.")
    kind = models.CharField(max_length=8, choices=FindingKind, default=FindingKind.OTHER)
    title = models.CharField(max_length=150)
    text = models.TextField(max_length=4000)
    raised_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    due_on = models.DateField(help_text="The last day to answer.")
    answer = models.TextField(max_length=4000, blank=True, help_text="The newest; earlier ones are in the trail.")
    answered_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    refuted = models.BooleanField(default=False, help_text="Closed because it proved wrong.")
    state = StateField(choices=FindingState, default=FindingState.RAISED)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["-raised_at", "-id"], name="finding_newest")]
        constraints = [
            state_constraint(FindingState, "finding_state_known"),
            models.CheckConstraint(condition=Q(office__in=FindingOffice.values), name="finding_office_known"),
            models.CheckConstraint(
                condition=Q(grant__isnull=False, line=None) | Q(grant=None, tranche=None, line__isnull=False),
                name="finding_on_grant_or_line",
            ),
            models.CheckConstraint(
                condition=~Q(office=FindingOffice.TEAM) | Q(grant__isnull=False), name="finding_team_has_grant"
            ),
            models.CheckConstraint(condition=~Q(answered_by=F("raised_by")), name="finding_two_people"),
            models.CheckConstraint(
                condition=Q(kind=FindingKind.OTHER) | Q(kind__in=FindingKind.values, grant__isnull=False),
                name="finding_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(refuted=False) | Q(state=FindingState.CLOSED), name="finding_refuted_is_closed"
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.ANSWERED) | Q(answered_by__isnull=False),
                name="finding_answer_has_author",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the finding's page."""
        return reverse("finding", args=[self.pk])

    @property
    def case(self) -> UUID | None:
        """Return the grant's case, which policies read; none on a budget line."""
        return self.grant.case if self.grant else None

    @property
    def is_marked(self) -> bool:
        """Tell whether it says that the work was not in good faith."""
        return self.kind != FindingKind.OTHER

    @property
    def is_overdue(self) -> bool:
        """Tell whether an answer is late."""
        return self.state in OPEN_FINDINGS and self.due_on < clock.today()

    @transition(
        state, source=(FindingState.RAISED, FindingState.ESCALATED), target=FindingState.ANSWERED, who=is_asked,
        label="Answer the finding", act="fund.services.findings.answer_finding", order=10, style="primary",
        page="answer/",
    )  # fmt: skip
    def put_answer(self, answer: str, answered_by: User, at: datetime) -> None:
        """State what was done or why it is right."""
        self.answer, self.answered_by, self.answered_at = answer, answered_by, at

    @transition(
        state, source=FindingState.ANSWERED, target=FindingState.CLOSED, who=may_audit, label="Accept the answer",
        act="fund.services.findings.accept_answer", order=20, style="primary", ask_note=True,
    )  # fmt: skip
    def accept_answer(self) -> None:
        """End: the answer is enough."""

    @transition(
        state, source=FindingState.ANSWERED, target=FindingState.RAISED, who=may_audit, label="Ask again",
        act="fund.services.findings.ask_again", order=30, require_note=True,
    )  # fmt: skip
    def ask_again(self, due_on: date) -> None:
        """Reopen it: the answer is not enough."""
        self.due_on = due_on

    @transition(
        state, source=(FindingState.RAISED, FindingState.ANSWERED), target=FindingState.ESCALATED, who=may_audit,
        label="Take it to the head of secretariat", act="fund.services.findings.escalate_finding", order=40,
        style="warning", require_note=True,
    )  # fmt: skip
    def take_higher(self, due_on: date) -> None:
        """Let the head of secretariat answer."""
        self.due_on = due_on

    @transition(
        state, source=(FindingState.RAISED, FindingState.ANSWERED, FindingState.ESCALATED), target=FindingState.CLOSED,
        who=may_audit, label="Close it: it proved wrong", act="fund.services.findings.drop_finding", order=45,
        require_note=True,
    )  # fmt: skip
    def drop(self) -> None:
        """End it: what it says was not so, with the reason."""
        self.refuted = True

    @transition(
        state, source=FindingState.ESCALATED, target=FindingState.CLOSED, who=may_audit,
        label="Close without a further answer", act="fund.services.findings.close_finding", order=50,
        require_note=True,
    )  # fmt: skip
    def close_higher(self) -> None:
        """End it, with a reason."""
