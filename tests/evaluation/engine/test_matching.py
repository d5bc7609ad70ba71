"""Assignments against the best of all, and what is said when there is none."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from evaluation.engine.demands import Demand, Rule
from evaluation.engine.matching import Infeasible, assign

CASES = 500


def demand_of(scores, need, low, high, forbidden=(), rules=()):
    table = np.array(scores, float)
    allowed = np.ones(table.shape, bool)
    for p, r in forbidden:
        allowed[p, r] = False
    proposals, reviewers = table.shape
    return Demand(table, allowed, np.broadcast_to(need, proposals), np.broadcast_to(low, reviewers),
                  np.broadcast_to(high, reviewers), tuple(rules))  # fmt: skip


def totals(demand):
    """Return (sum, worst) of every assignment there is."""
    proposals, reviewers = demand.scores.shape
    choices = [
        [c for c in combinations(np.flatnonzero(demand.allowed[p]).tolist(), int(demand.need[p])) if all(
            rule.least <= len(set(c) & set(rule.reviewers)) <= (9 if rule.most is None else rule.most)
            for rule in demand.rules if p in rule.proposals
        )]
        for p in range(proposals)
    ]  # fmt: skip
    found = []
    for chosen in product(*choices):
        loads = np.bincount([r for row in chosen for r in row], minlength=reviewers)
        if (loads >= demand.low).all() and (loads <= demand.high).all():
            sums = [sum(demand.scores[p, r] for r in row) for p, row in enumerate(chosen)]
            found.append((sum(sums), min(sums)))
    return found


def some_case(generator, with_rules):
    proposals, reviewers = int(generator.integers(1, 5)), int(generator.integers(1, 5))
    scores = generator.integers(0, 12, (proposals, reviewers)) / 2
    forbidden = [pair for pair in np.ndindex(proposals, reviewers) if generator.random() < 0.15]
    need = generator.integers(1, min(3, reviewers + 1), proposals)
    low = generator.integers(0, 2, reviewers)
    rules = [Rule("half", tuple(range(proposals)), tuple(range(0, reviewers, 2)), 1, 1)] if with_rules else []
    return demand_of(scores, need, low, low + generator.integers(1, 4, reviewers), forbidden, rules)


@pytest.mark.parametrize("with_rules", [False, True])
def test_best_of_all_is_found_on_random_small_cases(with_rules):
    generator = np.random.default_rng(20261127)
    possible = 0
    for _ in range(CASES if not with_rules else CASES // 4):
        demand = some_case(generator, with_rules)
        every = totals(demand)
        if not every:
            with pytest.raises(Infeasible) as refused:
                assign(demand)
            assert refused.value.shortfalls
            continue
        possible += 1
        found = assign(demand)
        assert found.total == pytest.approx(max(total for total, _ in every))
        fair = assign(demand, maximin=True)
        worst = max(worst for _, worst in every)
        assert (fair.worst, fair.gap) == (pytest.approx(worst), 0)
        assert fair.total == pytest.approx(max(total for total, least in every if least >= worst - 1e-9))
    assert possible > 30


@pytest.mark.parametrize("unit", [1e-7, 1e-5, 1e6, 1e8])
def test_scores_of_any_unit_are_assigned_as_well(unit):
    generator = np.random.default_rng(20261130)
    for _ in range(40):
        demand = some_case(generator, with_rules=False)
        demand = replace(demand, scores=generator.random(demand.scores.shape) * unit)
        every = totals(demand)
        if every:
            assert assign(demand).total == pytest.approx(max(total for total, _ in every), rel=1e-9)


def test_filling_the_least_loads_first_would_not_be_the_best():
    found = assign(demand_of([[10, 6, 4], [10, 4, 3], [5, 0, 2]], 2, 1, 3))
    assert found.total == 37
    assert all(len(set(row)) == 2 for row in found.reviewers)


@pytest.mark.parametrize(
    ("scores", "plain", "floor"),
    [([[1, 0, 0.25], [1, 0, 0.25], [1, 0.24, 0.5]], 1.5, 0.24),
     ([[0, 0.01, 0], [0.04, 0.05, 0.10], [0.10, 0, 1]], None, 0.01)],
)  # fmt: skip
def test_worst_proposal_is_raised_first_when_asked(scores, plain, floor):
    demand = demand_of(scores, 1, 0, 1)
    if plain is not None:
        assert assign(demand).total == pytest.approx(plain)
        assert assign(demand).worst == 0
    fair = assign(demand, maximin=True)
    assert (fair.worst, fair.gap) == (pytest.approx(floor), 0)


def test_same_assignment_whatever_the_order_of_rows():
    generator = np.random.default_rng(5)
    table = generator.integers(0, 3, (12, 8)).astype(float)
    names = [f"IF-{n}" for n in range(12)], [f"r{n}" for n in range(8)]

    def chosen(rows, columns):
        demand = Demand(table[np.ix_(rows, columns)], np.ones((12, 8), bool), np.full(12, 2), np.zeros(8, int),
                        np.full(8, 4), (), tuple(names[0][p] for p in rows), tuple(names[1][r] for r in columns),
                        "call")  # fmt: skip
        found = assign(demand).reviewers
        return {(demand.proposals[p], demand.reviewers[r]) for p, row in enumerate(found) for r in row}

    first = chosen(list(range(12)), list(range(8)))
    for _ in range(5):
        assert chosen(generator.permutation(12).tolist(), generator.permutation(8).tolist()) == first


def test_pairs_outside_the_first_are_taken_in_when_they_improve_the_total(monkeypatch):
    generator = np.random.default_rng(11)
    table = generator.random((40, 12)) + np.linspace(0, 2, 12)
    demand = demand_of(table, 2, 2, 9)
    whole = assign(demand)
    monkeypatch.setattr("evaluation.engine.matching.FIRST", 1)
    assert assign(demand) == whole


@pytest.mark.parametrize(
    ("demand", "words"),
    [(demand_of([[1, 1, 1]], 3, 0, 3, [(0, 0), (0, 1)]), "Proposal 0 needs 3, only 1 reviewer without a conflict"),
     (demand_of([[1], [1]], 1, 0, 1), "needs 1, only 0 reviewers with room left"),
     (demand_of([[1, 1]], 1, 1, 2), "must have 1 proposal, only 0 are left"),
     (demand_of([[1, 1]], 1, 0, 2, [], [Rule("one", (0,), (0,), 1), Rule("other", (0,), (1,), 1)]), "the rule “one”")],
)  # fmt: skip
def test_impossible_says_who_is_short(demand, words):
    with pytest.raises(Infeasible, match=words):
        assign(demand)
