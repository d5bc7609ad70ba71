"""How numbers of people are told so that nobody can be recognised in them, also not by subtracting one from another.

A figure under LEAST, nought among them, is never told; every other one is rounded to the nearest STEP. Rounding alone
still gives a small figure away where the rounded sum lies at the very edge of what its parts allow, so the ranges
that all told figures leave are worked out, and whatever would narrow a small one is hidden as well.
"""

from collections.abc import Iterable, Mapping, Sequence

LEAST = 5  # people; a smaller group could be recognised
STEP = 5
FEW = f"fewer than {LEAST}"
HIDDEN = "hidden"
HOW = (
    "A figure under five, nought among them, reads “fewer than 5”, every other figure is rounded to the nearest five, "
    "and where a small one could still be worked out from others, those read “hidden”."
)
WITHOUT_END = 10**9
Key = tuple[str, str]  # table and row, or row and column
Sum = tuple[Key, Sequence[Key]]  # a whole and its parts; the whole need not be among what is told
Range = tuple[int, int]


def told(figures: Mapping[Key, int], sums: Sequence[Sum] = ()) -> dict[Key, str]:
    """Return each figure as people read it; `sums` say which figures make up which other."""
    closed: set[Key] = set()
    while more := _to_close(figures, sums, closed):
        closed |= more
    return {key: HIDDEN if key in closed else _words(figure) for key, figure in figures.items()}


def _words(figure: int) -> str:
    return FEW if figure < LEAST else str(_rounded(figure))


def _rounded(figure: int) -> int:
    return (figure + STEP // 2) // STEP * STEP


def _range(figure: int) -> Range:
    """Return between which numbers a figure lies for whoever reads it."""
    if figure < LEAST:
        return 0, LEAST - 1
    return max(LEAST, _rounded(figure) - STEP // 2), _rounded(figure) + STEP // 2


def _to_close(figures: Mapping[Key, int], sums: Sequence[Sum], closed: set[Key]) -> set[Key]:
    """Return what to hide as well: the figures beside and below one that is narrowed, or else all of them."""
    ranges = _worked_out(figures, sums, closed)
    narrowed = {key for key, figure in figures.items() if figure < LEAST and _is_narrowed(ranges[key])}
    beside = {part for _, parts in sums if narrowed.intersection(parts) for part in _below(parts, sums)}
    beside.intersection_update(figures)
    return beside - closed or (set(figures) - closed if narrowed else set())


def _is_narrowed(found: Range) -> bool:
    return found[0] > 0 or found[1] < LEAST - 1


def _below(keys: Iterable[Key], sums: Sequence[Sum]) -> set[Key]:
    """Return the keys and the parts of each of them."""
    found = set(keys)
    return found | {part for whole, parts in sums if whole in found for part in parts}


def _worked_out(figures: Mapping[Key, int], sums: Sequence[Sum], closed: set[Key]) -> dict[Key, Range]:
    """Return the range that all told figures together leave to each."""
    ranges = {key: _range(figure) for key, figure in figures.items() if key not in closed}
    for whole, parts in sums:
        for key in (whole, *parts):
            ranges.setdefault(key, (0, WITHOUT_END))
    before: dict[Key, Range] = {}
    while ranges != before:
        before = dict(ranges)
        for whole, parts in sums:
            _narrow(ranges, whole, parts)
    return {key: ranges.get(key, (0, WITHOUT_END)) for key in figures}


def _narrow(ranges: dict[Key, Range], whole: Key, parts: Sequence[Key]) -> None:
    """Take out of the range of a whole and of each part what the others rule out."""
    low, high = (sum(ranges[part][end] for part in parts) for end in (0, 1))
    ranges[whole] = max(ranges[whole][0], low), min(ranges[whole][1], high)
    least, most = ranges[whole]
    for part in parts:
        first, last = ranges[part]
        ranges[part] = max(first, least - (high - last)), min(last, most - (low - first))
