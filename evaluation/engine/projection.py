"""What one score weighs in the fitted model: residuals, leverages, and how each merit follows each score.

With P the projection off the mean in the metric of the covariance V, the residual e = v_e P y has variance v_e^2 P, so
the leverage of row i is 1 - v_e P_ii, and what the others let expect of it lies e_i / (v_e P_ii) below it (Cook and
Weisberg 1982). Proposals are eliminated, so that only the reviewers' block (and the mean) is inverted.
"""

from dataclasses import dataclass

import numpy as np

from .fit import Fit
from .scores import Floats, Ints, Scores

LEAST = 1e-12  # of 1 - leverage: below it the row alone says what it says


@dataclass(frozen=True)
class Projection:
    """The rows of the scores in a model whose variances are given; `left` is 1 - leverage of each row."""

    rest: Floats
    left: Floats
    inverse: Floats  # of the block of mean and reviewers
    off: Floats  # rows x (1 + R): mean and reviewer of each row after elimination
    by_proposal: Floats  # n x (1 + R)
    shrink: Floats  # n: g1^2 / (1 + g1^2 reviews)
    merits: Floats

    def follows(self, rows: Ints, proposal: Ints) -> Floats:
        """Return n x rows: by how much each merit rises with the score of each of these rows, whose proposals are."""
        low = self.inverse @ self.off[rows].T
        own = -self.by_proposal @ low
        own[proposal, np.arange(len(rows))] += 1
        found: Floats = low[0] + self.shrink[:, None] * own
        return found


def projection_of(scores: Scores, fitted: Fit) -> Projection:
    """Return the projection of the scores at the fitted variances."""
    g1, g2, count = fitted.g1, fitted.g2, len(scores.score)
    width = 1 + len(scores.reviewers)
    own = np.zeros((count, width))  # the mean's and the reviewer's column of each row
    own[:, 0] = 1
    own[np.arange(count), 1 + scores.reviewer] = g2
    by_proposal = np.zeros((len(scores.proposals), width))
    np.add.at(by_proposal, scores.proposal, own)
    shrink: Floats = g1**2 / (1 + g1**2 * scores.reviews.astype(np.float64))
    block = own.T @ own - (shrink[:, None] * by_proposal).T @ by_proposal
    block[np.arange(1, width), np.arange(1, width)] += 1
    inverse = np.linalg.inv(block)
    centre = float(scores.score.mean())
    y = scores.score - centre
    sums = np.bincount(scores.proposal, y, len(scores.proposals))
    low = inverse @ (own.T @ y - by_proposal.T @ (shrink * sums))
    theta = shrink * (sums - by_proposal @ low)
    off = own - (shrink[:, None] * by_proposal)[scores.proposal]
    leverage = shrink[scores.proposal] + np.einsum("ij,jk,ik->i", off, inverse, off, optimize=True)
    return Projection(
        y - own @ low - theta[scores.proposal], np.clip(1 - leverage, LEAST, None), np.asarray(inverse, np.float64),
        off, by_proposal, shrink, np.asarray(centre + low[0] + theta, np.float64),
    )  # fmt: skip
