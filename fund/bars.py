"""Bars of budget lines: allocated, set aside, paid out and spent, drawn one inside the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .models import BudgetLine

HEIGHTS = {"allocated": 28, "set-aside": 20, "paid-out": 12, "spent": 4}  # pixels; each holds the one after it
TALLEST = 28


@dataclass(frozen=True)
class Bar:
    """One rectangle: its words and amount in chhetrum, and where it stands; `width` in percent of the drawing."""

    kind: str
    words: str
    amount: int
    width: str
    y: int
    height: int


def bars_of(lines: Iterable[BudgetLine]) -> list[tuple[BudgetLine, list[Bar]]]:
    """Return each line with its four bars, to a scale of its own, so that a small line can be read beside a large."""
    return [(line, list(_bars(line, line.allocated, line.open_commitments))) for line in lines]


def public_bars(lines: Iterable[BudgetLine], told: Mapping[int, int]) -> dict[int, list[Bar]]:
    """Return line -> its bars as the public sees them: what is for the year, and `told` of what is set aside."""
    return {line.pk: list(_bars(line, max(line.allocated_for_year, 0), told[line.pk])) for line in lines}


def _bars(line: BudgetLine, allocated: int, set_aside: int) -> Iterable[Bar]:
    scale = max(allocated, set_aside) or 1
    amounts = {
        "allocated": ("Allocated", allocated), "set-aside": ("Set aside", set_aside),
        "paid-out": ("Paid out", line.disbursed), "spent": ("Spent", line.spent),
    }  # fmt: skip
    for kind, (words, amount) in amounts.items():
        height = HEIGHTS[kind]
        yield Bar(kind, words, amount, f"{min(amount * 100 / scale, 100):.2f}", (TALLEST - height) // 2, height)
