"""How much hangs on one review: what it weighs in its proposal's merit, and what would be without it.

The variances stay as they were fitted: the question is how the list leans on one voice, not how it would be fitted
anew. By the identity of deleted residuals leaving a score out is the same as replacing it by what the others let expect
of it, so nothing is solved a second time.
"""

from dataclasses import dataclass

import numpy as np

from .fit import Fit, fit
from .projection import LEAST, projection_of
from .scores import Ints, Scores

ROWS = 500  # of which the merits of all proposals are in memory at once
EQUAL = 1e-9  # merits so near stand on one place


@dataclass(frozen=True)
class Without:
    """One review left out: `weight` is by how much the merit rises with its score, the others are what would be."""

    row: int
    weight: float
    merit: float
    place: int


def without_each(scores: Scores, fitted: Fit | None = None) -> list[Without]:
    """Return for each score, in the order of its rows, what would be without it.

    A proposal with one review is left out, since without it nothing would be known of it; nothing is returned where the
    scores leave no chance. `fitted` saves fitting them again.
    """
    fitted = fitted or fit(scores)
    if fitted.v_residual <= 0:
        return []
    found, at = [], projection_of(scores, fitted)
    told: Ints = np.flatnonzero((scores.reviews[scores.proposal] > 1) & (at.left > LEAST))
    for start in range(0, len(told), ROWS):
        rows = told[start : start + ROWS]
        own = scores.proposal[rows]
        weights = at.follows(rows, own)
        merits = at.merits[:, None] - weights * (at.rest[rows] / at.left[rows])
        column = np.arange(len(rows))
        mine = merits[own, column]
        places = 1 + (merits > mine + EQUAL).sum(axis=0)
        found += [
            Without(int(row), float(weights[own[k], k]), float(mine[k]), int(places[k])) for k, row in enumerate(rows)
        ]
    return found
