"""The two steps of a proposal that only an upheld appeal opens; part of its transition table."""

from datetime import date
from typing import Any

from lifecycle.fields import LifecycleModel
from lifecycle.transitions import transition

from .. import policies
from ..enums import ProposalState as S


class Appealed(LifecycleModel):
    """Base of a proposal: back from a result that was told. The old decision and all rows under it stay."""

    released_at: Any
    answer_by: Any

    class Meta:
        abstract = True

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
