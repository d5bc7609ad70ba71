"""What a grant consists of: milestones, reports, field notes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.policies import is_system

from .. import money_guards as facts
from ..enums import MilestoneState, ReportState
from ..locks import family
from ..policies import may_oversee, may_waive, may_work
from .grant import Grant
from .once import RecordedOnce


class PartQuerySet(models.QuerySet[Any]):
    """Parts of grants: whoever sees the grant sees them."""

    def visible_to(self, user: Any) -> "PartQuerySet":
        """Return the parts of the grants that the user sees."""
        return self.filter(grant__in=Grant.objects.visible_to(user))


class GrantPart(LifecycleModel):
    """Base of milestones, payments and reports: the case is the grant's."""

    grant: models.ForeignKey[Grant, Grant]

    class Meta:
        abstract = True

    @property
    def case(self) -> UUID:
        """Return the grant's case, which policies read."""
        return self.grant.case

    def get_absolute_url(self) -> str:
        """Return the place on the grant's page."""
        return f"{self.grant.get_absolute_url()}#{self._meta.model_name}-{self.pk}"


class Milestone(GrantPart):
    """One promised step with its day and its share of the money in whole percent."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    share = models.PositiveSmallIntegerField()
    evidence = models.TextField(max_length=4000, blank=True)
    submitted_at = models.DateTimeField(null=True)
    state = StateField(choices=MilestoneState, default=MilestoneState.PLANNED)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["state"], name="milestone_state")]
        constraints = [
            state_constraint(MilestoneState, "milestone_state_known"),
            models.UniqueConstraint(fields=["grant", "position"], name="milestone_position_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=100), name="milestone_share_percent"),
        ]

    def __str__(self) -> str:
        return f"Milestone {self.position}: {self.title}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether its day has passed and the team has not handed it in."""
        waiting = (MilestoneState.PLANNED, MilestoneState.IN_PROGRESS, MilestoneState.RETURNED)
        return self.state in waiting and self.due_on < clock.today()

    @transition(
        state, source=MilestoneState.PLANNED, target=MilestoneState.IN_PROGRESS, who=is_system, label="Begin",
        guards=[facts.grant_is_active],
    )  # fmt: skip
    def begin(self) -> None:
        """Make it the step the team works on."""

    @transition(
        state, source=(MilestoneState.IN_PROGRESS, MilestoneState.RETURNED), target=MilestoneState.SUBMITTED,
        who=may_work, label="Hand in the milestone", guards=[facts.grant_is_active], locks=family,
        act="fund.services.delivery.submit_milestone", order=10, style="primary",
    )  # fmt: skip
    def submit(self, evidence: str, at: datetime) -> None:
        """Hand in with what shows that it is done."""
        self.evidence, self.submitted_at = evidence, at

    @transition(
        state, source=MilestoneState.SUBMITTED, target=MilestoneState.ACCEPTED, who=may_oversee,
        label="Accept the milestone", guards=[facts.grant_is_active], locks=family,
        act="fund.services.delivery.accept_milestone", order=20, style="primary", ask_note=True,
    )  # fmt: skip
    def accept(self) -> None:
        """Agree that it is reached."""

    @transition(
        state, source=MilestoneState.SUBMITTED, target=MilestoneState.RETURNED, who=may_oversee,
        label="Return the milestone to the team", guards=[facts.grant_is_active], locks=family,
        act="fund.services.delivery.return_milestone", order=30, ask_note=True,
    )  # fmt: skip
    def send_back(self) -> None:
        """Ask for more, with a reason."""

    @transition(
        state, source=MilestoneState.SUBMITTED, target=MilestoneState.NOT_MET, who=may_oversee,
        label="Record that the milestone was not reached", guards=[facts.grant_is_active], locks=family,
        act="fund.services.delivery.miss_milestone", order=40, style="warning", ask_note=True,
    )  # fmt: skip
    def mark_not_met(self) -> None:
        """State that it was not reached; its payment is cancelled."""

    @transition(
        state, source=(MilestoneState.PLANNED, MilestoneState.IN_PROGRESS), target=MilestoneState.WAIVED,
        who=may_waive, label="Waive the milestone", guards=[facts.grant_is_active], locks=family,
        act="fund.services.delivery.waive_milestone", order=50, ask_note=True,
    )  # fmt: skip
    def waive(self) -> None:
        """Do without it."""


class Report(GrantPart):
    """One page for a milestone, or for a quarter of the year: what was done, what was measured, what is next."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reports")
    milestone = models.OneToOneField(Milestone, null=True, on_delete=models.PROTECT, related_name="report")
    quarter = models.PositiveSmallIntegerField(null=True, help_text="Counted from 1 over the grant; none: a milestone.")
    covers_from = models.DateField(null=True)
    covers_until = models.DateField(null=True, help_text="The last day of the quarter.")
    due_on = models.DateField()
    done = models.TextField(max_length=2000, blank=True)
    measured = models.TextField(max_length=2000, blank=True)
    next_steps = models.TextField(max_length=2000, blank=True)
    submitted_at = models.DateTimeField(null=True)
    state = StateField(choices=ReportState, default=ReportState.OPEN)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["state"], name="report_state")]
        constraints = [
            state_constraint(ReportState, "report_state_known"),
            models.UniqueConstraint(fields=["grant", "quarter"], name="report_quarter_once"),
            models.CheckConstraint(
                condition=Q(milestone__isnull=False, quarter=None, covers_from=None, covers_until=None)
                | Q(milestone=None, quarter__gt=0, covers_from__isnull=False, covers_until__gte=F("covers_from")),
                name="report_on_milestone_or_quarter",
            ),
        ]

    def __str__(self) -> str:
        if self.milestone:
            return f"Report on milestone {self.milestone.position}"
        return f"Quarterly report, {self.covers_from:%-d %B} to {self.covers_until:%-d %B %Y}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether its day has passed and it is not handed in."""
        return self.state in (ReportState.OPEN, ReportState.RETURNED) and self.due_on < clock.today()

    @transition(
        state, source=ReportState.SCHEDULED, target=ReportState.OPEN, who=is_system, label="Open the report",
        guards=[facts.grant_is_running, facts.quarter_is_over],
    )  # fmt: skip
    def fall_due(self) -> None:
        """Let the team write it: the quarter is over."""

    @transition(
        state, source=(ReportState.SCHEDULED, ReportState.OPEN), target=ReportState.SKIPPED,
        who=may_oversee | is_system, label="Do without this report", locks=family,
        act="fund.services.quarters.skip_report", order=50, require_note=True,
    )  # fmt: skip
    def pass_over(self) -> None:
        """Not ask for it, with a reason that the team reads."""

    @transition(
        state, source=(ReportState.OPEN, ReportState.RETURNED), target=ReportState.SUBMITTED, who=may_work,
        label="Hand in the report", guards=[facts.grant_is_running], locks=family,
        act="fund.services.delivery.submit_report", order=10, style="primary",
    )  # fmt: skip
    def submit(self, done: str, measured: str, next_steps: str, at: datetime) -> None:
        """Hand in the page."""
        self.done, self.measured, self.next_steps, self.submitted_at = done, measured, next_steps, at

    @transition(
        state, source=ReportState.SUBMITTED, target=ReportState.ACCEPTED, who=may_oversee, label="Accept the report",
        locks=family, order=20, style="primary", ask_note=True,
    )  # fmt: skip
    def accept(self) -> None:
        """Agree that it says enough."""

    @transition(
        state, source=ReportState.SUBMITTED, target=ReportState.RETURNED, who=may_oversee,
        label="Return the report to the team", locks=family, act="fund.services.delivery.return_report", order=30,
        ask_note=True,
    )  # fmt: skip
    def send_back(self) -> None:
        """Ask for more, with a reason."""


class FieldNote(RecordedOnce):
    """Who did what on which day: the record of work. Never changed; a mistake is a further note."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="notes")
    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    happened_on = models.DateField()
    text = models.TextField(max_length=2000)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_on", "-pk"]

    @property
    def written_on(self) -> date:
        """Return the day on which it was written."""
        return timezone.localtime(self.written_at).date()
