import numpy as np
import pytest
from scipy.linalg import inv

from evaluation.engine.fit import System, design_of, fit
from evaluation.engine.scores import scores_of
from evaluation.engine.stability import without_each

from .test_flags import panel


def merits(rows, g1, g2, names):
    """Return the merit of each name at given variances, solved anew."""
    scores = scores_of(rows)
    system = System(design_of(scores), g1, g2)
    top, _ = system.effects(system.mean)
    found = dict(zip(scores.proposals, system.design.centre + system.mean + g1 * top, strict=True))
    return np.array([found[name] for name in names])


def test_leaving_a_review_out_equals_solving_without_it():
    rows = panel({("p4", "r5"): -9.0})
    scores = scores_of(rows)
    fitted, names = fit(scores), scores.proposals
    found = without_each(scores)
    assert [row.row for row in found] == list(range(len(rows)))
    for one in found:
        rest = merits(rows[: one.row] + rows[one.row + 1 :], fitted.g1, fitted.g2, names)
        own = names.index(rows[one.row][0])
        assert one.merit == pytest.approx(rest[own], abs=1e-7)
        assert one.place == 1 + sum(rest > rest[own] + 1e-9)


def test_weight_is_what_the_merit_rises_with_the_score():
    rows = panel()
    scores = scores_of(rows)
    fitted, names = fit(scores), scores.proposals
    before = merits(rows, fitted.g1, fitted.g2, names)
    for one in without_each(scores)[::7]:
        higher = [(p, r, y + (k == one.row)) for k, (p, r, y) in enumerate(rows)]
        own = names.index(rows[one.row][0])
        assert one.weight == pytest.approx(merits(higher, fitted.g1, fitted.g2, names)[own] - before[own], abs=1e-7)


def test_weights_of_a_balanced_panel_are_those_of_the_formula():
    """Complete panels: theta_i = b (mean_i - mean), b = n g1^2 / (1 + n g1^2); the mean is the plain one."""
    chance, n, k = np.random.default_rng(5), 9, 3
    merit = chance.normal(0, 8, n)
    scores = scores_of([(f"p{p}", f"r{r}", 60 + merit[p] + chance.normal(0, 3)) for p in range(n) for r in range(k)])
    g1 = fit(scores).g1
    b = k * g1**2 / (1 + k * g1**2)
    # the severity takes its part of each reviewer's mean, equally for all: what is left is the textbook weight
    v = (
        np.eye(n * k)
        + g1**2 * np.kron(np.eye(n), np.ones((k, k)))
        + fit(scores).g2 ** 2 * np.kron(np.ones((n, n)), np.eye(k))
    )
    one, whole = np.ones(n * k), inv(v)
    weight = g1**2 * np.kron(np.eye(n), np.ones(k)) @ whole
    weight = weight + np.outer(np.ones(n) - weight @ one, one @ whole) / (one @ whole @ one)
    found = without_each(scores)
    assert [row.weight for row in found] == pytest.approx([weight[row.row // k, row.row] for row in found], abs=1e-7)
    assert sum(row.weight for row in found[:k]) == pytest.approx(b + (1 - b) / n, abs=1e-6)


def test_one_review_alone_and_scores_without_chance_say_nothing():
    assert without_each(scores_of([("a", "x", 60.0)])) == []
    assert without_each(scores_of([(p, r, 60.0) for p in "ab" for r in "xy"])) == []
    alone = [*panel(), ("lone", "r0", 70.0)]
    assert len(without_each(scores_of(alone))) == len(alone) - 1
