"""The Spark lane: what the same state machine asks of a small idea, and what it does not."""

from typing import Any

from fund.enums import Stage

from .enums import EligibilityRule, SectionKey

SMALL = (SectionKey.SPARK, SectionKey.BUDGET)
FULL = tuple(key for key in SectionKey if key != SectionKey.SPARK)
SMALL_RULES = (EligibilityRule.PURPOSE, EligibilityRule.BUDGET, EligibilityRule.NOT_FUNDED)


def is_spark(proposal: Any) -> bool:
    """Tell whether the proposal is a small idea: its call gives Sparks."""
    return bool(proposal.call is not None and proposal.call.stage == Stage.SPARK)


def is_practice(proposal: Any) -> bool:
    """Tell whether the proposal is an invented one of a practice call."""
    return bool(proposal.call is not None and proposal.call.is_practice)


def keys_of(proposal: Any) -> tuple[SectionKey, ...]:
    """Return the standard sections that the proposal consists of, in the order of the form."""
    return keys_in(proposal.call)


def keys_in(call: Any) -> tuple[SectionKey, ...]:
    """Return the standard sections of a proposal to `call`, which may be None."""
    return SMALL if call is not None and call.stage == Stage.SPARK else FULL


def answer_page(proposal: Any) -> str:
    """Return the page, under the proposal's own, on which an agency's approver answers."""
    return "agency/" if is_spark(proposal) else "endorse/"


def rules_of(proposal: Any) -> tuple[EligibilityRule, ...]:
    """Return the rules of its first check; a small idea has the light one."""
    return SMALL_RULES if is_spark(proposal) else tuple(EligibilityRule)
