from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.engine.line import AFTER, DECLINE, DRAW, FUND, Standing, after_lots, line_of_groups, line_of_totals


def standings(*rows):
    """Rows of (total, cost) or (total, cost, meets), named a, b, c …"""
    return [
        Standing(chr(ord("a") + n), row[1], Fraction(row[0]), row[2] if len(row) > 2 else True)
        for n, row in enumerate(rows)
    ]


def fates(line):
    return "".join({FUND: "F", DRAW: "D", AFTER: "A", DECLINE: "-"}[line.fates[key]] for key in sorted(line.fates))


@pytest.mark.parametrize(
    ("rows", "budget", "rule", "expected", "left"),
    [
        (((90, 5), (80, 5), (70, 5)), 10, "stop", "FF-", 0),
        (((90, 5), (80, 6), (70, 5)), 10, "stop", "F--", 5),
        (((90, 5), (80, 6), (70, 5)), 10, "skip", "F-F", 0),
        (((90, 5), (80, 5), (80, 5)), 10, "stop", "FDD", 5),
        (((80, 5), (80, 5)), 10, "stop", "FF", 0),
        (((90, 5), (80, 5), (80, 5), (70, 1)), 10, "stop", "FDD-", 5),
        (((90, 5), (80, 5), (80, 5), (70, 1)), 11, "skip", "FDDA", 6),
        (((90, 5), (80, 6), (80, 6), (70, 5)), 10, "skip", "F--F", 0),  # neither of the equal ones fits: no lots
        (((90, 5, False), (80, 5)), 5, "stop", "-F", 0),
        (((90, 5),), 0, "stop", "-", 0),
    ],
)
def test_line_by_hand(rows, budget, rule, expected, left):
    line = line_of_totals(standings(*rows), budget, rule)
    assert (fates(line), line.left) == (expected, left)


def test_groups_of_intervals_fund_the_sure_first_and_draw_for_what_is_left():
    rows = standings((70, 4), (90, 4), (80, 4), (60, 4), (95, 4, False))
    groups = {"a": DRAW, "b": FUND, "c": DRAW, "d": DECLINE, "e": FUND}
    line = line_of_groups(rows, ["e", "b", "c", "a", "d"], groups, 8, "stop")
    assert (fates(line), line.left) == ("DFD--", 4)
    assert fates(line_of_groups(rows, ["e", "b", "c", "a", "d"], groups, 12, "stop")) == "FFF--"


def test_lots_fund_down_their_order_and_the_rest_is_the_reserve():
    line = line_of_totals(standings((90, 5), (80, 5), (80, 3), (80, 2), (70, 1)), 11, "skip")
    assert (fates(line), line.left) == ("FDDDA", 6)
    costs = {"a": 5, "b": 5, "c": 3, "d": 2, "e": 1}
    drawn = after_lots(line, ["c", "b", "d"], costs.__getitem__, "skip")
    assert (drawn.funded, drawn.after, drawn.reserve, drawn.left) == (("c", "d"), ("e",), ("b",), 0)
    stopped = after_lots(line_of_totals(standings((80, 5), (80, 3), (80, 2)), 6, "stop"), ["b", "a", "c"],
                         {"a": 5, "b": 3, "c": 2}.__getitem__, "stop")  # fmt: skip
    assert (stopped.funded, stopped.reserve, stopped.left) == (("b",), ("a", "c"), 3)


ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), st.booleans()), min_size=1, max_size=6)


@given(ROWS, st.integers(0, 15), st.sampled_from(["stop", "skip"]))
def test_line_never_overspends_nor_tells_equals_apart_and_ignores_the_order(rows, budget, rule):
    found = standings(*rows)
    line, costs = line_of_totals(found, budget, rule), {row.id: row.cost for row in found}
    assert sum(costs[name] for name in line.of(FUND)) + line.left == budget
    for one, other in permutations(found, 2):
        if one.meets and other.meets and one.total == other.total:
            assert line.fates[one.id] == line.fates[other.id]
        if rule == "stop" and one.meets and one.total > other.total and line.fates[other.id] == FUND:
            assert line.fates[one.id] == FUND
    for order in permutations(line.of(DRAW)):
        drawn = after_lots(line, order, costs.__getitem__, rule)
        assert drawn.left >= 0
        assert len(drawn.reserve) < max(1, len(order)) or rule == "stop"
    assert dict(line_of_totals(found[::-1], budget, rule).fates) == dict(line.fates)
