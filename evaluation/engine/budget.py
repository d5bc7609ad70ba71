"""Choosing within the budget: down the list of merit while money lasts, with floors for balance where a call has them.

Never the dearest pile of points for the money: a knapsack on merit refuses strong, expensive proposals for many cheap
ones. A floor (so many of a sector, so many of a dzongkhag) is met with the fewest departures from the plain list; of
equally few, the one that keeps to the list from the top. Exact: the integer programme is solved by HiGHS, and what it
says of money is checked in whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from .line import RULES, Asked, Rule, down_the_list

IMPOSSIBLE = 2  # the status of `scipy.optimize.milp` for a programme without a solution


class BadBudget(ValueError):
    """The list cannot be funded as asked; the message names what is wrong."""


class FloorsTooHigh(BadBudget):
    """No choice meets all floors within the budget; the message names the floors."""


@dataclass(frozen=True)
class Floor:
    """At least `least` of `members` (ids) are funded."""

    name: str
    least: int
    members: frozenset[str]


@dataclass(frozen=True)
class Departure:
    """A proposal that is funded (or not) otherwise than the plain list says, and the floors that ask for it."""

    id: str
    funded: bool
    floors: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """The funded ids in the order of the list, what is left of the budget in chhetrum, and every departure."""

    funded: tuple[str, ...]
    left: int
    departures: tuple[Departure, ...] = ()


def choose(asked: Sequence[Asked], budget: int, rule: Rule, floors: Sequence[Floor] = ()) -> Chosen:
    """Return who of the list, best first, is funded within `budget` chhetrum.

    Raises BadBudget for an id that is there twice, a cost or a budget that is not positive, an unknown rule and a
    member of a floor that is not on the list; FloorsTooHigh where no choice meets the floors.
    """
    _refuse_nonsense(asked, budget, rule, floors)
    plain = down_the_list(asked, budget, rule)
    final = plain if _met(asked, plain, floors) else _Programme(asked, budget, floors, plain).solve()
    short = [floor for floor in floors if not _met(asked, plain, [floor])]
    departures = tuple(
        Departure(row.id, now, tuple(floor.name for floor in short if not now or row.id in floor.members))
        for row, was, now in zip(asked, plain, final, strict=True)
        if was != now
    )
    spent = sum(row.cost for row, yes in zip(asked, final, strict=True) if yes)
    return Chosen(tuple(row.id for row, yes in zip(asked, final, strict=True) if yes), budget - spent, departures)


def _refuse_nonsense(asked: Sequence[Asked], budget: int, rule: Rule, floors: Sequence[Floor]) -> None:
    ids: set[str] = set()
    if rule not in RULES:
        raise BadBudget(f"rule: {rule} is none of {', '.join(RULES)}")
    if budget <= 0:
        raise BadBudget("budget: not more than 0")
    for row in asked:
        if row.id in ids:
            raise BadBudget(f"list: {row.id} is there twice")
        ids.add(row.id)
        if row.cost <= 0:
            raise BadBudget(f"list: the cost of {row.id} is not more than 0")
    for floor in floors:
        if strange := sorted(floor.members - ids):
            raise BadBudget(f"floor {floor.name}: {strange[0]} is not on the list")


def _met(asked: Sequence[Asked], funded: Sequence[bool], floors: Sequence[Floor]) -> bool:
    have = {row.id for row, yes in zip(asked, funded, strict=True) if yes}
    return all(len(have & floor.members) >= floor.least for floor in floors)


class _Programme:
    """x = 1 for who is funded; as few x as possible differ from the plain list."""

    def __init__(self, asked: Sequence[Asked], budget: int, floors: Sequence[Floor], plain: Sequence[bool]) -> None:
        self.asked, self.budget, self.floors = asked, budget, floors
        self.plain = np.array(plain, dtype=float)
        self.sign = 1 - 2 * self.plain  # what one departure adds: +1 for who comes in, -1 for who goes out
        costs = np.array([row.cost for row in asked], dtype=float)
        self.rules = [LinearConstraint(costs / budget, -np.inf, 1)]
        for floor in floors:
            members = np.array([row.id in floor.members for row in asked], dtype=float)
            self.rules.append(LinearConstraint(members, floor.least, np.inf))
        self.low, self.high = np.zeros(len(asked)), np.ones(len(asked))

    def solve(self) -> list[bool]:
        """Return the choice: fewest departures, and of these the best of the list first."""
        found = self._best()
        if found is None:
            names = ", ".join(floor.name for floor in self.floors)
            raise FloorsTooHigh(f"floors: within the budget no choice meets {names}")
        fewest = self._departures(found)
        self.rules.append(LinearConstraint(self.sign, -np.inf, fewest - self.plain.sum()))
        for place in range(len(self.asked)):
            if not found[place]:
                self.low[place] = 1
                better = self._best()
                self.low[place] = 0
                found = found if better is None else better
            self.low[place] = self.high[place] = float(found[place])
        return [bool(yes) for yes in found]

    def _departures(self, funded: np.ndarray) -> int:
        return int(np.count_nonzero(funded != self.plain))

    def _best(self) -> np.ndarray | None:
        """Solve with what is fixed by now; a choice that overspends by a rounding is cut off and solved again."""
        while True:
            done = milp(self.sign, integrality=np.ones(len(self.asked)), bounds=Bounds(self.low, self.high),
                        constraints=self.rules, options={"mip_rel_gap": 0})  # fmt: skip
            if done.status == IMPOSSIBLE:
                return None
            if done.x is None:
                raise BadBudget(f"floors: no choice was found: {done.message}")
            funded: np.ndarray = np.round(done.x)
            if sum(row.cost for row, yes in zip(self.asked, funded, strict=True) if yes) <= self.budget:
                return funded
            self.rules.append(LinearConstraint(funded, -np.inf, funded.sum() - 1))
