"""The funding line: who of a list is funded, between whom lots decide, and who is not.

Down the list while money lasts, by the rule of the call. Proposals that the list does not tell apart
stand or fall together: where the money does not reach for all of them, lots are drawn between them, never an id. In a
call whose lots are bound to rank intervals the groups come from `ranks`; the rule is that of Heyard et al. (2022).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Literal, get_args

Rule = Literal["stop", "skip"]
RULES: tuple[Rule, ...] = get_args(Rule)
FUND, DRAW, AFTER, DECLINE = "fund", "draw", "after", "decline"


@dataclass(frozen=True)
class Asked:
    """One proposal of the list: its id and what it asks for, in chhetrum (more than 0)."""

    id: str
    cost: int


@dataclass(frozen=True)
class Standing:
    """One proposal: what it asks for in chhetrum, its exact total, and whether it reaches the thresholds."""

    id: str
    cost: int
    total: Fraction
    meets: bool


@dataclass(frozen=True)
class Line:
    """The fate of each proposal by id, and what is left for the draw (else at all), in chhetrum.

    "after" is funded only where money is left when the lots are drawn.
    """

    fates: Mapping[str, str]
    left: int

    def of(self, fate: str) -> list[str]:
        """Return the ids with one fate, in the order of the list."""
        return [name for name, found in self.fates.items() if found == fate]


def down_the_list(asked: Sequence[Asked], budget: int, rule: Rule) -> list[bool]:
    """Return for each of the list whether it is funded.

    "stop": nothing below the first that does not fit. "skip": that one is passed over, the next that fits is funded.
    """
    left, ended = budget, False
    funded: list[bool] = []
    for row in asked:
        fits = row.cost <= left and not ended
        ended = ended or (rule == "stop" and not fits)
        funded.append(fits)
        left -= row.cost if fits else 0
    return funded


def line_of_totals(standings: Sequence[Standing], budget: int, rule: Rule) -> Line:
    """Return the line where lots decide between exactly equal totals only."""
    listed = sorted((row for row in standings if row.meets), key=lambda row: (-row.total, row.id))
    ties = [list(group) for _, group in groupby(listed, key=lambda row: row.total)]
    return _whole(standings, *_down(ties, budget, rule))


def line_of_groups(
    standings: Sequence[Standing], order: Sequence[str], groups: Mapping[str, str], budget: int, rule: Rule
) -> Line:
    """Return the line where lots decide between all that their rank intervals do not tell from it.

    `order` holds the ids by expected rank, `groups` the fund, draw or decline of each. Those to fund come first, one by
    one; what is left is for the draw.
    """
    by_id = {row.id: row for row in standings if row.meets}
    listed = [by_id[name] for name in order if name in by_id]
    sure = [[row] for row in listed if groups[row.id] == FUND]
    drawn = [row for row in listed if groups[row.id] == DRAW]
    return _whole(standings, *_down([*sure, drawn] if drawn else sure, budget, rule))


def _down(groups: Sequence[Sequence[Standing]], budget: int, rule: Rule) -> tuple[dict[str, str], int]:
    fates: dict[str, str] = {}
    left, ended, drawing = budget, False, False
    for group in groups:
        cost = sum(row.cost for row in group)
        if ended:
            fate = DECLINE
        elif drawing:
            fate = AFTER
        elif cost <= left:
            fate, left = FUND, left - cost
        elif min(row.cost for row in group) > left:
            fate, ended = DECLINE, rule == "stop"
        else:
            fate, drawing, ended = DRAW, True, rule == "stop"
        fates |= {row.id: fate for row in group}
    return fates, left


def _whole(standings: Sequence[Standing], fates: dict[str, str], left: int) -> Line:
    rest = sorted((row for row in standings if row.id not in fates), key=lambda row: (-row.total, row.id))
    return Line(fates | {row.id: DECLINE for row in rest}, left)


@dataclass(frozen=True)
class Drawn:
    """What the lots decided: the funded of the draw in its order, those after them, the reserve list, what is left."""

    funded: tuple[str, ...]
    after: tuple[str, ...]
    reserve: tuple[str, ...]
    left: int


def after_lots(line: Line, lots: Sequence[str], cost: Callable[[str], int], rule: Rule) -> Drawn:
    """Return who is funded once the draw group stands in the order of its lots.

    The order is funded down while money lasts, by the rule of the call; the rest of the draw is the reserve list.
    """
    asked = [Asked(name, cost(name)) for name in (*lots, *line.of(AFTER))]
    paid = down_the_list(asked, line.left, rule)
    funded = [row.id for row, yes in zip(asked, paid, strict=True) if yes]
    inside = set(lots)
    return Drawn(
        tuple(name for name in funded if name in inside), tuple(name for name in funded if name not in inside),
        tuple(name for name in lots if name not in funded), line.left - sum(map(cost, funded)),
    )  # fmt: skip


def fates_after(line: Line, drawn: Drawn) -> dict[str, str]:
    """Return the fate of each proposal once the lots are drawn: inside the money or not."""
    paid = {*drawn.funded, *drawn.after}
    open_still = [*line.of(DRAW), *line.of(AFTER)]
    return {**line.fates, **{name: FUND if name in paid else DECLINE for name in open_still}}
