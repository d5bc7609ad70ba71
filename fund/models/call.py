"""A call: what it says, its dates, and its transition table. Frozen once it left the draft."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from lifecycle import clock
from lifecycle.fields import LifecycleModel, StateField, state_constraint
from lifecycle.transitions import transition
from people.enums import LEAD_PARTS, Role
from people.models import Involvement
from people.policies import in_force
from people.queries import role_names

from .. import guards, policies
from ..enums import HIDDEN, CallKind, CallState, CallTask, FundingRule, LotsRule, Stage
from .call_parts import Extension

GRACE = timedelta(minutes=5)  # hidden, so that a slow line at the last second loses nobody
S = CallState


def closing() -> Coalesce:
    """Return the end as it stands after extensions for all, for use in a query."""
    return Coalesce("extended_to", "closes_at")


class CallQuerySet(models.QuerySet["Call"]):
    """Calls by what one may see."""

    def real(self) -> "CallQuerySet":
        """Leave practice calls out: every list and every figure begins here."""
        return self.filter(practice_of=None)

    def open_now(self) -> "CallQuerySet":
        """Return the calls that take proposals at this moment."""
        now = clock.now()
        found = self.annotate(ends=closing()).filter(state=S.APPROVED, opens_at__lte=now)
        return found.filter(Q(ends=None) | Q(ends__gt=now))

    def opening_later(self) -> "CallQuerySet":
        """Return the approved calls whose opening lies ahead."""
        return self.filter(state=S.APPROVED, opens_at__gt=clock.now())

    def open_to(self, sector: str) -> "CallQuerySet":
        """Return the calls in which agencies of `sector` may lead a proposal."""
        return self.filter(Q(sectors=None) | Q(sectors__sector=sector))

    def over(self) -> "CallQuerySet":
        """Return the calls that take no proposals any more."""
        ended = Q(state=S.APPROVED, ends__lte=clock.now()) | Q(state__in=(S.JUDGING, S.DECIDED, S.SETTLED, S.CANCELLED))
        return self.annotate(ends=closing()).filter(ended)

    def visible_to(self, user: Any) -> "CallQuerySet":
        """Everybody sees calls from their approval on; the office all; the board also urgent ones handed over.

        A practice call is seen only by those who judge in it, and by the office.
        """
        if user is not None and user.is_authenticated:
            roles = role_names(user)
            if roles & set(policies.OFFICE):
                return self
            found = self if roles & set(policies.JUDGES) else self.real()
            if Role.BOARD in roles:
                return found.filter(~Q(state__in=HIDDEN) | Q(state=S.HANDED_OVER, kind=CallKind.URGENT))
            return found.exclude(state__in=HIDDEN)
        return self.real().exclude(state__in=HIDDEN)


class Call(LifecycleModel):
    """A call for proposals; `closes_at` is exclusive and empty only for a rolling call that is not closed yet."""

    reference = models.SlugField(max_length=20, unique=True)
    begun_as = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The opened page it was begun on: sent twice, it begins one."
    )
    title = models.CharField(max_length=150)
    purpose = models.TextField(max_length=4000, blank=True)
    who_can_apply = models.TextField(max_length=2000, blank=True)
    leads_regular = models.TextField(max_length=1000, blank=True, default="")
    leads_contract = models.TextField(max_length=1000, blank=True, default="")
    leads_deputed = models.TextField(max_length=1000, blank=True, default="")
    have_ready = models.TextField(max_length=1000, blank=True, default="")
    minutes_needed = models.PositiveSmallIntegerField(default=40)
    stage = models.CharField(max_length=10, choices=Stage)
    kind = models.CharField(max_length=8, choices=CallKind, default=CallKind.DATED)
    urgent_reason = models.TextField(max_length=1000, blank=True)
    ceiling = models.BigIntegerField(help_text="Chhetrum per proposal.")
    length_weeks = models.PositiveSmallIntegerField(default=26)
    reviews_needed = models.PositiveSmallIntegerField(default=3)
    least_halves = models.PositiveSmallIntegerField(default=6, help_text="Least mean of each criterion, half points.")
    least_total = models.PositiveSmallIntegerField(default=65, help_text="Least total, percent.")
    answer_days = models.PositiveSmallIntegerField(default=30, help_text="Business days.")
    names_hidden = models.BooleanField(default=False, help_text="Reviewers see no names.")
    expected = models.PositiveSmallIntegerField(default=20, help_text="Proposals expected.")
    funding_rule = models.CharField(max_length=4, choices=FundingRule, default=FundingRule.STOP)
    lots_rule = models.CharField(max_length=13, choices=LotsRule, default=LotsRule.EXACT_TIES)
    quorum = models.PositiveSmallIntegerField(default=3, help_text="Votes without a conflict that decide.")
    reserve_months = models.PositiveSmallIntegerField(default=6, help_text="On the reserve list at most.")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    extended_to = models.DateTimeField(null=True, blank=True)
    budget_line = models.ForeignKey(
        "fund.BudgetLine", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    practice_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="practices",
        help_text="The call that this one practises: its proposals are invented, and it counts nowhere.",
    )  # fmt: skip
    tasks_done = models.JSONField(default=list, blank=True, help_text="Set-up tasks marked as completed.")
    state = StateField(choices=CallState, default=S.DRAFT)
    created_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    declared_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="The board member who declared it urgent.",
    )  # fmt: skip
    approved_by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    shortage_reason = models.TextField(max_length=1000, blank=True, help_text="Why it opens with too few people.")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at", "pk"]
        constraints = [
            state_constraint(CallState, "call_state_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="call_stage_known"),
            models.CheckConstraint(condition=Q(kind__in=CallKind.values), name="call_kind_known"),
            models.CheckConstraint(condition=Q(funding_rule__in=FundingRule.values), name="call_funding_rule_known"),
            models.CheckConstraint(condition=Q(lots_rule__in=LotsRule.values), name="call_lots_rule_known"),
            models.CheckConstraint(condition=Q(quorum__gte=3), name="call_three_votes_at_least"),
            models.CheckConstraint(condition=Q(reserve_months__range=(1, 24)), name="call_reserve_at_most_two_years"),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")), name="call_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=False) | Q(kind=CallKind.ROLLING), name="call_without_end_is_rolling"
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__gt=F("closes_at")), name="call_is_only_extended"
            ),
            models.CheckConstraint(condition=Q(ceiling__gt=0), name="call_ceiling_positive"),
            models.CheckConstraint(condition=Q(reviews_needed__gte=2), name="call_two_reviews_at_least"),
            models.CheckConstraint(condition=Q(least_halves__lte=10, least_total__lte=100), name="call_least_range"),
            models.CheckConstraint(condition=Q(answer_days__gt=0, expected__gt=0), name="call_counts_positive"),
            models.CheckConstraint(
                condition=Q(state__in=(*HIDDEN, S.CANCELLED)) | Q(approved_by__isnull=False), name="call_is_approved_by"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("created_by")), name="call_approved_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(kind=CallKind.URGENT) | Q(approved_by=None)
                | Q(declared_by__isnull=False) & ~Q(urgent_reason="") & ~Q(declared_by=F("approved_by")),
                name="call_urgent_by_two",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the call's public page."""
        return reverse("call_detail", args=[self.reference])

    @property
    def ends_at(self) -> datetime | None:
        """Return the exclusive end as it stands for all; None while a rolling call is not closed."""
        return self.extended_to or self.closes_at

    @property
    def is_practice(self) -> bool:
        """Tell whether its proposals are invented and it counts nowhere."""
        return self.practice_of_id is not None

    @property
    def is_open(self) -> bool:
        """Tell whether the public sees the call as open at this moment."""
        now = clock.now()
        return self.state == S.APPROVED and self.opens_at <= now and (self.ends_at is None or now < self.ends_at)

    @property
    def opens_later(self) -> bool:
        """Tell whether the call is approved and its opening lies ahead."""
        return self.state == S.APPROVED and clock.now() < self.opens_at

    def takes(self, sector: str) -> bool:
        """Tell whether agencies of `sector` may lead a proposal."""
        named = {row.sector for row in self.sectors.all()}
        return not named or sector in named

    def open_tasks(self) -> list[CallTask]:
        """Return the tasks of the set-up that nobody has marked as completed, in their order."""
        return [task for task in CallTask if task not in self.tasks_done]

    def _last_moment(self) -> datetime | None:
        """Return the end of all, with every extension of one person and grace; None while there is none."""
        if self.ends_at is None:
            return None
        last = self.extensions.aggregate(until=models.Max("until"))["until"]
        return max(self.ends_at, last or self.ends_at) + GRACE

    def is_past(self) -> bool:
        """Tell whether the end, every extension of one person and grace are past."""
        last = self._last_moment()
        return last is not None and clock.now() >= last

    def receives_until(self) -> datetime | None:
        """Return when the last could send a proposal to this dated call: nothing of it is decided before.

        None for a rolling or an urgent call, which decides while it is open.
        """
        return self._last_moment() if self.kind == CallKind.DATED else None

    def still_receives(self) -> bool:
        """Tell whether somebody can still send a proposal to this dated call, so that nothing of it is decided yet."""
        last = self.receives_until()
        return self.state == S.APPROVED and last is not None and clock.now() < last

    def ends_for(self, case: UUID | None) -> datetime | None:
        """Return the exclusive end for one case: the later of the call's own and what its leads were given."""
        if self.ends_at is None or case is None:
            return self.ends_at
        leads = Involvement.objects.filter(in_force(), case=case, part__in=LEAD_PARTS)
        own = Extension.objects.filter(call=self, person__in=leads.values("person"))
        given = own.aggregate(until=models.Max("until"))["until"]
        return max(self.ends_at, given) if given else self.ends_at

    def in_time(self, case: UUID | None = None) -> bool:
        """Tell whether what arrived now is in time: before the end for this case plus grace, by arrival.

        A rolling call has no end before the head closes it. Decide with the call's row locked: extending locks it too.
        """
        if self.state != S.APPROVED or clock.arrival() < self.opens_at:
            return False
        ends = self.ends_for(case)
        return ends is None or clock.arrival() < ends + GRACE

    def is_over_for(self, case: UUID | None) -> bool:
        """Tell whether the call was cancelled, or end and grace for this case are past."""
        ends = self.ends_for(case)
        return self.state == S.CANCELLED or (ends is not None and clock.now() >= ends + GRACE)

    @transition(
        state, source=S.DRAFT, target=S.HANDED_OVER, who=policies.may_set_up, label="Hand over to the head",
        guards=[guards.set_up_is_whole, guards.weights_sum, guards.closes_later],
        act="fund.services.calls.hand_over", page="set-up/check/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def hand_over(self) -> None:
        """Freeze the version that the head is asked to approve."""

    @transition(
        state, source=S.HANDED_OVER, target=S.DRAFT, who=policies.may_approve, label="Return it for changes",
        require_note=True, act="fund.services.calls.give_back", order=20,
    )  # fmt: skip
    def give_back(self) -> None:
        """Let the secretariat change it; the head says what."""
        self.declared_by = None

    @transition(
        state, source=S.HANDED_OVER, target=S.DRAFT, who=policies.may_recall, label="Take it back and change it",
        order=30,
    )  # fmt: skip
    def recall(self) -> None:
        """Take it back before the head has decided."""
        self.declared_by = None

    @transition(
        state, source=S.HANDED_OVER, target=S.HANDED_OVER, who=policies.may_declare_urgent,
        label="Declare that it is urgent", guards=[guards.is_urgent, guards.is_undeclared],
        act="fund.services.calls.declare_urgent", order=15, style="primary",
    )  # fmt: skip
    def declare_urgent(self, *, member: Any) -> None:
        """Stand, as one board member, for the reason why it is urgent."""
        self.declared_by = member

    @transition(
        state, source=S.HANDED_OVER, target=S.APPROVED, who=policies.may_approve, label="Approve the call",
        guards=[guards.weights_sum, guards.closes_later, guards.urgency_is_declared],
        act="fund.services.calls.approve", page="people/", order=10, style="primary", explain=True,
    )  # fmt: skip
    def approve(self, *, approver: Any, shortage: str) -> None:
        """Open the call at its date."""
        self.approved_by, self.shortage_reason = approver, shortage

    @transition(
        state, source=S.APPROVED, target=S.APPROVED, who=policies.may_close, label="Close the rolling call",
        guards=[guards.is_without_end], act="fund.services.calls.close", order=80, style="warning", ask_note=True,
    )  # fmt: skip
    def set_end(self, *, at: datetime) -> None:
        """Give a rolling call its end."""
        self.closes_at = at

    @transition(
        state, source=S.APPROVED, target=S.JUDGING, who=policies.may_run_call, label="Begin the judging",
        guards=[guards.nobody_can_submit], order=20,
    )  # fmt: skip
    def judge(self) -> None:
        """Say that nothing more can arrive."""

    @transition(
        state, source=S.JUDGING, target=S.DECIDED, who=policies.may_run_call, label="Say that all is decided",
        needs=["call_decided"], order=20, explain=True,
    )  # fmt: skip
    def settle_decisions(self) -> None:
        """Every proposal has its answer."""

    @transition(
        state, source=S.DECIDED, target=S.SETTLED, who=policies.may_run_call, label="Settle the call",
        needs=["call_settled"], order=20, explain=True,
    )  # fmt: skip
    def settle(self) -> None:
        """Every grant of the call has ended."""

    @transition(
        state, source=(S.DRAFT, S.HANDED_OVER, S.APPROVED, S.JUDGING), target=S.CANCELLED, who=policies.may_cancel,
        label="Cancel the call", order=90, style="warning", require_note=True,
    )  # fmt: skip
    def cancel(self) -> None:
        """End the call without a decision; what is not decided lapses with a message."""

    @transition(
        state, source=S.DRAFT, target=S.JUDGING, who=policies.may_set_up, label="Begin the practice",
        guards=[guards.is_practice], order=95,
    )  # fmt: skip
    def begin_practice(self) -> None:
        """Let the judging be tried on invented proposals; who made it stands for its approval: it counts nowhere."""

    @transition(
        state, source=(S.JUDGING, S.DECIDED), target=S.CANCELLED, who=policies.may_set_up,
        label="Close the practice", guards=[guards.is_practice], order=95, style="warning",
    )  # fmt: skip
    def close_practice(self) -> None:
        """End it: it leaves the list of practice calls."""


class Criterion(models.Model):
    """One criterion with its weight in whole percent and what each score means."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    weight = models.PositiveSmallIntegerField()
    anchors = models.JSONField(default=list, help_text="Six sentences, for 0 to 5.")

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["call", "position"], name="criterion_position_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=100), name="criterion_weight_percent"),
        ]
