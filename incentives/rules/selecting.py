"""The best selection of contributions under every limit, exactly.

A greedy order is wrong here: it lets one more contribution lower the count. The problem splits in two.

1. *Places.* Limits in numbers (two F1 in a window) ask which contributions get a place. Those of one code, year
   and kind of stage differ only in size, so the largest are enough to look at: some hundred choices.
2. *Points.* For given places the remaining limits are caps on sums (Spark, code and year, year). Amounts under such
   caps form a polymatroid: the most results R and the most of everything T are reached together, and the count is
   min(T, R + 2R/3).

Among equal counts, places go to the earliest claims, and then points do; within a year results before supporting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from operator import add

Slot = tuple[str, int]  # a code with its fiscal year, or with 0 for the whole window
Offer = tuple[int, ...]  # tenths per year: other results, then Spark results, then supporting


@dataclass(frozen=True)
class Item:
    """A contribution with what the limits ask of it; `slot` is limited in numbers, `purse` in points."""

    key: str
    tenths: int
    year: int
    counts_on: date
    is_result: bool
    is_spark: bool
    slot: Slot | None = None
    purse: Slot | None = None

    @property
    def order(self) -> tuple[int, bool, date, str]:
        """Return the order of claims: year, results first, date, key."""
        return self.year, not self.is_result, self.counts_on, self.key


@dataclass(frozen=True)
class Caps:
    """What is left of each cap while amounts are being fixed, and what is fixed already."""

    years: dict[int, int]
    spark: int
    numbers: dict[Slot, int]
    purses: dict[Slot, int]
    times: int
    over: int
    results: int = 0
    total: int = 0

    @property
    def supporting(self) -> int:
        """Return the tenths of supporting contributions fixed so far."""
        return self.total - self.results

    def room(self, item: Item) -> int:
        """Return how much of the item fits."""
        rooms = [item.tenths, self.years[item.year]]
        rooms += [self.spark] if item.is_spark else []
        rooms += [self.purses[item.purse]] if item.purse else []
        return min(rooms)

    def less(self, item: Item, tenths: int) -> "Caps":
        """Return the caps once `tenths` of the item are fixed."""
        purses = {**self.purses, item.purse: self.purses[item.purse] - tenths} if item.purse else self.purses
        return replace(
            self,
            years={**self.years, item.year: self.years[item.year] - tenths},
            purses=purses,
            spark=self.spark - tenths * item.is_spark,
            results=self.results + tenths * item.is_result,
            total=self.total + tenths,
        )

    def carried(self, results: int) -> int:
        """Return how many tenths of supporting contributions the results carry, floored to a tenth."""
        return results * self.times // self.over


def offer_of(items: Iterable[Item], caps: Caps) -> Offer:
    """Return what the items offer per year and kind, after the limits in points."""
    years, purses = list(caps.years), dict(caps.purses)
    offer = [0] * (3 * len(years))
    for item in items:
        tenths = item.tenths
        if item.purse:
            tenths = min(tenths, purses[item.purse])
            purses[item.purse] -= tenths
        kind = 1 if item.is_spark else 0 if item.is_result else 2
        offer[kind * len(years) + years.index(item.year)] += tenths
    return tuple(offer)


def _most(caps: Caps, plain: Iterable[int], sparks: Iterable[int]) -> int:
    """Return the most that fits under the year caps and the one Spark cap: Sparks fill what the others leave."""
    filled = rest = 0
    for cap, offer, spark in zip(caps.years.values(), plain, sparks, strict=True):
        taken = min(cap, offer)
        filled += taken
        rest += min(cap - taken, spark)
    return filled + min(caps.spark, rest)


def best(caps: Caps, offer: Offer) -> int:
    """Return the highest count of an offer whose places are given, beside what is fixed."""
    size = len(caps.years)
    plain, sparks, supporting = offer[:size], offer[size : 2 * size], offer[2 * size :]
    results = caps.results + _most(caps, plain, sparks)
    total = caps.total + _most(caps, map(add, plain, supporting), sparks)
    return min(total, results + caps.carried(results))


def _plus(offers: Iterable[Offer]) -> Offer:
    return tuple(map(sum, zip(*offers, strict=True)))


class Places:
    """Who gets a place under the limits in numbers."""

    def __init__(self, caps: Caps, items: Sequence[Item]) -> None:
        self._caps = caps
        self._slots: dict[Slot, list[Item]] = {}
        for item in items:
            if item.slot:
                self._slots.setdefault(item.slot, []).append(item)
        self._free = offer_of((item for item in items if not item.slot), caps)

    def _offers(self, slot: Slot, placed: Sequence[Item]) -> set[Offer]:
        """Return what one limit's places can offer beside those placed: of each group its largest, no place empty."""
        taken = [item for item in placed if item.slot == slot]
        groups: dict[tuple[int, bool], list[Item]] = {}
        for item in self._slots[slot]:
            if item not in taken:
                groups.setdefault((item.year, item.is_spark), []).append(item)
        ranked = [sorted(group, key=lambda item: -item.tenths) for group in groups.values()]
        left = min(self._caps.numbers[slot] - len(taken), sum(map(len, ranked)))
        return {offer_of([*taken, *fill], self._caps) for fill in _fills(ranked, left)}

    def highest(self, placed: Sequence[Item] = (), enough: int | None = None) -> int:
        """Return the highest count with a place for all of `placed`; stop early once it is `enough`."""
        found = -1
        for parts in self._promising([self._offers(slot, placed) for slot in self._slots], enough):
            found = max(found, best(self._caps, _plus([self._free, *parts])))
            if enough is not None and found >= enough:
                break
        return found

    def _promising(self, choices: list[set[Offer]], enough: int | None) -> Iterator[tuple[Offer, ...]]:
        """Yield the combinations, without each first half that no second half can bring to `enough`."""
        contested = sorted(choices, key=len, reverse=True)
        first, second = [_sums(half, self._free) for half in (contested[:2], contested[2:])]
        hope = tuple(map(max, zip(*second, strict=True)))
        for one in first:
            if enough is None or best(self._caps, _plus([self._free, one, hope])) >= enough:
                yield from ((one, two) for two in second)

    def given(self) -> list[Item]:
        """Return the placed items: the earliest claims of all that reach the highest count."""
        goal = self.highest()
        placed = [i for slot, items in self._slots.items() if len(items) <= self._caps.numbers[slot] for i in items]
        rest = {item for items in self._slots.values() for item in items} - set(placed)
        for item in sorted(rest, key=lambda item: item.order):
            full = sum(other.slot == item.slot for other in placed) >= self._caps.numbers[item.slot or ("", 0)]
            if not full and self.highest([*placed, item], goal) >= goal:
                placed.append(item)
        return placed


def _sums(choices: Sequence[Iterable[Offer]], like: Offer) -> set[Offer]:
    """Return every sum of one offer of each choice."""
    return {_plus([(0,) * len(like), *parts]) for parts in product(*choices)}


def _fills(groups: Sequence[Sequence[Item]], left: int) -> Iterator[list[Item]]:
    """Yield every way to take `left` items from the fronts of the groups."""
    if not groups:
        if left == 0:
            yield []
        return
    for number in range(min(left, len(groups[0])) + 1):
        for rest in _fills(groups[1:], left - number):
            yield [*groups[0][:number], *rest]


def amounts(caps: Caps, items: Sequence[Item]) -> tuple[dict[str, int], Caps]:
    """Return tenths per item that reach the highest count, earliest claims first, and what the caps have left."""
    goal = best(caps, offer_of(items, caps))
    fixed: dict[str, int] = {}
    for place, item in enumerate(items):
        low, high, rest = 0, caps.room(item), items[place + 1 :]
        middle = high  # mostly all that fits; else halve towards the most that lets the rest reach the goal
        while low < high:
            left = caps.less(item, middle)
            remainder = replace(item, tenths=item.tenths - middle)  # "at least" is what can be halved, not "exactly"
            low, high = (middle, high) if best(left, offer_of([remainder, *rest], left)) >= goal else (low, middle - 1)
            middle = (low + high + 1) // 2
        fixed[item.key] = low
        caps = caps.less(item, low)
    return fixed, caps


def select(caps: Caps, items: Sequence[Item]) -> tuple[dict[str, int], Caps]:
    """Return tenths per item with a place (the others are not named), and what the caps have left."""
    ordered = sorted(items, key=lambda item: item.order)
    placed = set(Places(caps, ordered).given())
    return amounts(caps, [item for item in ordered if not item.slot or item in placed])
