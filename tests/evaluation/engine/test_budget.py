"""Stop, skip and floors, against every possible choice of short lists."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.engine.budget import Asked, BadBudget, Chosen, Departure, Floor, FloorsTooHigh, choose, down_the_list

LIST = [Asked("a", 40), Asked("b", 70), Asked("c", 30), Asked("d", 20)]


@pytest.mark.parametrize(
    ("rule", "funded", "left"), [("stop", ("a",), 60), ("skip", ("a", "c", "d"), 10)]
)  # fmt: skip
def test_the_rule_of_the_call_says_what_follows_one_that_does_not_fit(rule, funded, left):
    assert choose(LIST, 100, rule) == Chosen(funded, left)


def test_a_strong_expensive_one_is_not_passed_over_for_many_cheap_ones():
    rows = [Asked("strong", 100), *(Asked(f"cheap {n}", 20) for n in range(5))]
    assert choose(rows, 100, "skip").funded == ("strong",)


def test_a_floor_is_met_with_the_fewest_departures_and_each_is_named():
    found = choose(LIST, 100, "skip", [Floor("east", 1, frozenset("b"))])
    assert found.funded == ("b", "c")
    assert found.departures == (
        Departure("a", False, ("east",)), Departure("b", True, ("east",)), Departure("d", False, ("east",)),
    )  # fmt: skip


def test_floors_that_the_list_meets_change_nothing():
    assert choose(LIST, 100, "skip", [Floor("any", 2, frozenset("acd"))]) == choose(LIST, 100, "skip")


def test_floors_that_cannot_be_met_are_named():
    with pytest.raises(FloorsTooHigh, match="no choice meets east, west"):
        choose(LIST, 100, "skip", [Floor("east", 2, frozenset("ab")), Floor("west", 1, frozenset("c"))])


@pytest.mark.parametrize(
    ("rows", "budget", "rule", "floors", "words"),
    [
        ([*LIST, Asked("a", 1)], 100, "stop", [], "list: a is there twice"),
        ([Asked("z", 0)], 100, "stop", [], "list: the cost of z is not more than 0"),
        (LIST, 0, "stop", [], "budget: not more than 0"),
        (LIST, 1, "best", [], "rule: best is none of stop, skip"),
        (LIST, 1, "stop", [Floor("east", 1, frozenset("q"))], "floor east: q is not on the list"),
    ],
)
def test_nonsense_is_refused_by_name(rows, budget, rule, floors, words):
    with pytest.raises(BadBudget, match=words):
        choose(rows, budget, rule, floors)


def test_money_is_exact_to_the_chhetrum():
    rows = [Asked("a", 10**12), Asked("b", 10**12), Asked("c", 10**12 + 1)]
    floors = [Floor("c", 1, frozenset("c")), Floor("two", 2, frozenset("abc"))]
    assert choose(rows, 2 * 10**12 + 1, "stop", floors).left == 0
    with pytest.raises(FloorsTooHigh):
        choose(rows, 2 * 10**12, "stop", floors)


rows_of = st.lists(st.integers(1, 9), min_size=1, max_size=7).map(
    lambda costs: [Asked(str(n), cost) for n, cost in enumerate(costs)]
)


@given(rows_of, st.integers(1, 25), st.sampled_from(["stop", "skip"]), st.data())
def test_choice_is_that_of_all_possible_ones(rows, budget, rule, data):
    ids = [row.id for row in rows]
    floors = [
        Floor(f"f{n}", data.draw(st.integers(0, 3)), frozenset(data.draw(st.sets(st.sampled_from(ids)))))
        for n in range(data.draw(st.integers(0, 2)))
    ]
    plain = down_the_list(rows, budget, rule)

    def allowed(choice):
        have = {key for key, yes in zip(ids, choice, strict=True) if yes}
        spent = sum(row.cost for row in rows if row.id in have)
        return spent <= budget and all(len(have & floor.members) >= floor.least for floor in floors)

    every = [choice for choice in product([True, False], repeat=len(rows)) if allowed(choice)]
    if not every:
        with pytest.raises(FloorsTooHigh):
            choose(rows, budget, rule, floors)
        return
    best = min(every, key=lambda c: (sum(x != y for x, y in zip(c, plain, strict=True)), [not x for x in c]))
    assert choose(rows, budget, rule, floors).funded == tuple(key for key, yes in zip(ids, best, strict=True) if yes)
