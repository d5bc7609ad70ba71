"""What the board put off: deferred, or on the reserve list until there is money; part of the table of a proposal."""

from datetime import date, datetime
from typing import Any

from django.db import models

from lifecycle.fields import LifecycleModel
from lifecycle.transitions import transition

from .. import guards, policies
from ..enums import ProposalState as S
from ..locks import line_and_call_of


class Reserved(LifecycleModel):
    """Base of a proposal: back from a deferral; onto the reserve list, telling it, up from it, off it by the clock."""

    released_at: Any
    answer_by: Any
    deferred_until = models.DateField(
        null=True, blank=True, help_text="The day that the board named to look at it again."
    )
    waits_for = models.BigIntegerField(null=True, blank=True, help_text="Chhetrum it waits for on the reserve list.")
    reserved_until = models.DateField(
        null=True, blank=True, help_text="Last day on the reserve list; counted from the day the team was told."
    )

    class Meta:
        abstract = True

    @transition(
        "state", source=S.DECISION_PENDING, target=S.DEFERRED, who=policies.may_decide_full, label="Defer",
        needs=["judging_stands", "no_majority_or_defer"], act="evaluation.services.decide.defer", page="defer/",
        order=30,
    )  # fmt: skip
    def defer(self, *, until: date) -> None:
        """Decide later, once: on the day `until` or after it."""
        self.deferred_until = until

    @transition(
        "state", source=S.DEFERRED, target=S.DECISION_PENDING, who=policies.may_run, label="Bring back to the board",
        guards=[guards.day_has_come], order=10, style="primary", explain=True,
    )  # fmt: skip
    def bring_back(self) -> None:
        """Put a deferred proposal on the sheet again, as the day that the board named has come."""
        self.deferred_until = None

    @transition(
        "state", source=S.DECISION_PENDING, target=S.RESERVED, who=policies.may_decide_full,
        label="Put on the reserve list", needs=["judging_stands", "majority_reserves"], locks=line_and_call_of,
        act="evaluation.services.decide.reserve", order=25,
    )  # fmt: skip
    def put_in_reserve(self, *, amount: int) -> None:
        """Decide to fund it if money becomes free: `amount` chhetrum."""
        self.waits_for, self.reserved_until = amount, None

    @transition(
        "state", source=S.RESERVED, target=S.RESERVED, who=policies.may_begin, label="Release the batch",
        guards=[guards.team_is_real, guards.reserve_not_told], act="evaluation.services.release.release", order=10,
        style="primary",
    )  # fmt: skip
    def tell_reserve(self, *, at: datetime, until: date) -> None:
        """Tell the team, together with the whole batch; its time on the list is counted from now."""
        self.released_at, self.reserved_until = at, until

    @transition(
        "state", source=S.RESERVED, target=S.DECISION_PENDING, who=policies.may_run, label="Call up from reserve",
        guards=[guards.reserve_in_time], needs=["turn_on_reserve"], locks=line_and_call_of,
        act="evaluation.services.reserve.call_up", order=20, style="primary", explain=True,
    )  # fmt: skip
    def call_up(self, *, answer_by: date | None) -> None:
        """Put it before the board, as money is free; the team reads that it is being judged until it is told again."""
        self.released_at, self.reserved_until, self.answer_by = None, None, answer_by

    @transition(
        "state", source=S.RESERVED, target=S.DECLINED, who=policies.may_lapse, label="End its time on the reserve list",
        guards=[guards.reserve_is_over], act="evaluation.services.reserve.end", order=95,
    )  # fmt: skip
    def leave_reserve(self, *, at: datetime) -> None:
        """End it: no money became free in its time. The team is told at once."""
        self.released_at = at
