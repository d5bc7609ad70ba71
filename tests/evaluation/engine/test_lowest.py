"""The restricted likelihood's highest place, where few scores give it several: against a search that shares no code."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from evaluation.engine.fit import fit
from evaluation.engine.scores import scores_of

MANY_RATIOS = np.concatenate([[0], np.geomspace(0.02, 3000, 26)])
FAR_APART = [("p0", "r2", -2.48), ("p0", "r0", 1.86), ("p1", "r2", 5.88), ("p1", "r1", -9.09), ("p2", "r2", -5.18),
             ("p2", "r0", -1.45)]  # fmt: skip
IN_PERCENT = [("p0", "r0", 72), ("p0", "r2", 75.5), ("p1", "r2", 61.5), ("p1", "r0", 57), ("p2", "r0", 65),
              ("p2", "r1", 60.5)]  # fmt: skip


def criterion_of(rows):
    """Return the criterion as a function of g1 and g2 (arrays), from the plain covariance of all scores."""
    _, proposal = np.unique([row[0] for row in rows], return_inverse=True)
    _, reviewer = np.unique([row[1] for row in rows], return_inverse=True)
    y = np.array([row[2] for row in rows]) - np.mean([row[2] for row in rows])
    same_proposal, same_reviewer = (np.equal.outer(side, side).astype(float) for side in (proposal, reviewer))
    n = len(y)

    def criterion(g1, g2):
        squares = (np.minimum(np.abs(g), 3000)[..., None, None] ** 2 for g in (np.asarray(g1), np.asarray(g2)))
        one, two = squares
        covariance = np.eye(n) + one * same_proposal + two * same_reviewer
        solved = np.linalg.solve(
            covariance, np.broadcast_to(np.stack([y, np.ones(n)], axis=-1), (*covariance.shape[:-1], 2))
        )
        weight = solved[..., 1].sum(axis=-1)
        rest = (y * solved[..., 0]).sum(axis=-1) - solved[..., 0].sum(axis=-1) ** 2 / weight
        scatter = (n - 1) * (1 + np.log(2 * np.pi * np.maximum(rest, 1e-300) / (n - 1)))
        return np.linalg.slogdet(covariance)[1] + np.log(weight) + scatter

    return criterion


def lowest_of(rows):
    """Return the lowest criterion of a dense grid, every valley of it searched further without slopes."""
    criterion = criterion_of(rows)
    levels = criterion(*np.meshgrid(MANY_RATIOS, MANY_RATIOS, indexing="ij"))
    around, size = np.pad(levels, 1, constant_values=np.inf), len(MANY_RATIOS)
    valleys = levels <= np.min([around[i : i + size, j : j + size] for i in range(3) for j in range(3)], axis=0)
    best = levels.min()
    for i, j in np.argwhere(valleys):
        start = np.log(np.maximum([MANY_RATIOS[i], MANY_RATIOS[j]], 1e-4))
        found = minimize(lambda g: float(criterion(*np.exp(g))), start, method="Nelder-Mead",
                         options={"xatol": 1e-7, "fatol": 1e-9})  # fmt: skip
        best = min(best, found.fun)
    return best


def tiny(seed):
    """Return rows of three to five proposals with two reviews each, the deviations of any size to each other."""
    draw = np.random.default_rng(seed)
    proposals, reviewers, step = draw.integers(3, 6), draw.integers(3, 5), draw.choice([0.01, 0.5])
    merit, severity, chance = draw.choice([1, 5, 20], 3)
    level = [draw.normal(0, merit, proposals), draw.normal(0, severity, reviewers)]
    return [
        (f"p{p}", f"r{r}", float(round((level[0][p] + level[1][r] + draw.normal(0, chance)) / step) * step))
        for p in range(proposals) for r in draw.choice(reviewers, 2, replace=False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "variances", "criterion"),
    [(FAR_APART, (33.4827, 99.7871, 0.09375), 31.640015), (IN_PERCENT, (52.5532, 17.5568, 0.25342), 30.090482)],
)
def test_of_two_valleys_the_lower_one_is_found(monkeypatch, rows, variances, criterion):
    fitted = fit(scores_of(rows))
    assert (fitted.v_proposal, fitted.v_reviewer, fitted.v_residual) == pytest.approx(variances, rel=1e-4)
    assert fitted.criterion == pytest.approx(criterion, abs=1e-6)
    assert fit(replace(scores_of(rows), from_two_starts=True)).criterion > criterion + 0.5  # as runs of before
    monkeypatch.setattr("evaluation.engine.fit._valleys", lambda *args: [])  # negative control
    assert fit(scores_of(rows)).criterion > criterion + 0.5


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_no_search_finds_a_lower_criterion_than_the_fit(seed):
    for each in range(seed, seed + 6):
        rows = tiny(each)
        fitted = fit(scores_of(rows))
        if fitted.criterion is not None:
            assert fitted.criterion <= lowest_of(rows) + 1e-6, each


def test_order_of_the_rows_finds_the_same_valley():
    for rows in (FAR_APART, IN_PERCENT):
        one, other = fit(scores_of(rows)), fit(scores_of(rows[::-1]))
        assert (one.g1, one.g2) == pytest.approx((other.g1, other.g2), rel=1e-6)
