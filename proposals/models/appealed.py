"""What follows a refusal: it is told, and an upheld appeal leads back; part of the transition table of a proposal."""

from datetime import date, datetime
from typing import Any

from lifecycle.fields import LifecycleModel
from lifecycle.transitions import transition

from .. import guards, policies
from ..enums import ProposalState as S


class Appealed(LifecycleModel):
    """Base of a proposal: telling a refusal, and back from it. The old decision and all rows under it stay."""

    released_at: Any
    answer_by: Any

    class Meta:
        abstract = True

    @transition(
        "state", source=S.DECLINED, target=S.DECLINED, who=policies.may_begin, label="Release the batch",
        guards=[guards.team_is_real, guards.refusal_not_told], act="evaluation.services.release.release", order=10,
        style="primary",
    )  # fmt: skip
    def tell_refusal(self, *, at: datetime) -> None:
        """Tell the team, together with the whole batch; where all were declined it is the only way to tell them."""
        self.released_at = at

    @transition(
        "state", source=S.DECLINED, target=S.DECISION_PENDING, who=policies.may_uphold,
        label="Have it decided again: appeal upheld", needs=["appeal_upheld"],
        act="evaluation.services.appeals.reopen", page="appeal/", order=97,
    )  # fmt: skip
    def decide_again(self, *, answer_by: date | None) -> None:
        """Put it before the board anew; the team reads that it is being judged until it is told again."""
        self.released_at, self.answer_by = None, answer_by

    @transition(
        "state", source=S.INELIGIBLE, target=S.SCREENING, who=policies.may_uphold,
        label="Have it checked again: appeal upheld", needs=["appeal_upheld"],
        act="evaluation.services.appeals.reopen", page="appeal/", order=97,
    )  # fmt: skip
    def check_again(self, *, answer_by: date | None) -> None:
        """Take the first check anew."""
        self.released_at, self.answer_by = None, answer_by
