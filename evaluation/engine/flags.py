"""Reviews that somebody should look at. A flag means "look", never "fault": nothing is dropped or changed by it.

Residuals are studentised within the mixed model: with P the projection off the mean in the metric of V, the residual
e = v_e P y has variance v_e^2 P, so t = (P y)_i / sqrt(P_ii); the two-sided p of a row is Holm-corrected over all rows
(Holm 1979). Drift is Spearman's correlation of a reviewer's residuals with the order in which they were handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from scipy.stats import spearmanr

from .fit import fit
from .projection import projection_of
from .scores import Floats, Scores

LEVEL = 0.05
FAR = 3.0  # |t|
FEWEST = 6  # reviews of one reviewer in which a drift can be told


@dataclass(frozen=True)
class Far:
    """A score that lies far from what its proposal and reviewer let expect; `row` is its position in the scores."""

    row: int
    t: float
    p: float


@dataclass(frozen=True)
class Drift:
    """A reviewer whose scores rise or fall in the order in which they were handed in."""

    reviewer: str
    correlation: float
    p: float


def holm(values: Sequence[float]) -> list[float]:
    """Return the Holm-corrected p of each p, in their order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        found[place] = highest
    return found


def residuals(scores: Scores) -> tuple[Floats, Floats]:
    """Return the residual and the studentised residual of each score; zeros where the scores leave no chance."""
    fitted, count = fit(scores), len(scores.score)
    if fitted.v_residual <= 0:
        return np.zeros(count), np.zeros(count)
    found = projection_of(scores, fitted)
    return found.rest, found.rest / np.sqrt(fitted.v_residual * found.left)


def far_scores(scores: Scores) -> list[Far]:
    """Return the scores beyond three standard deviations whose corrected p is below 5 %, the farthest first."""
    _, t = residuals(scores)
    corrected = holm([erfc(abs(value) / sqrt(2)) for value in t])
    rows = [Far(i, float(t[i]), p) for i, p in enumerate(corrected) if abs(t[i]) > FAR and p < LEVEL]
    return sorted(rows, key=lambda row: (-abs(row.t), row.row))


def drifts(scores: Scores, order: Sequence[int]) -> list[Drift]:
    """Return the reviewers who drift: corrected p below 5 %; `order` counts each score within its reviewer's."""
    rest, _ = residuals(scores)
    when, found = np.asarray(order, float), []
    for place, name in enumerate(scores.reviewers):
        mine = scores.reviewer == place
        if mine.sum() >= FEWEST and np.ptp(rest[mine]) > 0 and np.ptp(when[mine]) > 0:
            said = spearmanr(rest[mine], when[mine])
            found.append(Drift(name, float(said.statistic), float(said.pvalue)))
    corrected = holm([row.p for row in found])
    return [Drift(row.reviewer, row.correlation, p) for row, p in zip(found, corrected, strict=True) if p < LEVEL]
