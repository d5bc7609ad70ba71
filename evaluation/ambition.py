"""The ambition class of a proposal: the median of the reviewers' chance marks."""

from collections.abc import Sequence

from .enums import Chance

ORDER = [Chance.BOLD, Chance.OPEN, Chance.LIKELY]


def ambition_of(marks: Sequence[str]) -> str:
    """Return the median mark; where two middle marks differ, `open`: the median is then neither high nor low."""
    ranked = sorted(ORDER.index(Chance(mark)) for mark in marks)
    if not ranked:
        return Chance.OPEN
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return ORDER[low] if low == high else Chance.OPEN
