"""What is known of the merits once the scores are seen: means, covariance, expected ranks, draws.

Expected ranks follow Laird and Louis, "Empirical Bayes ranking methods", J. Educ. Stat. 14 (1989).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr

from .fit import System
from .scores import Floats, Ints

DRAWS = 20_000
BLOCK = 1000  # proposals of which all pairs, and draws of which all merits, are in memory at once
TOLERANCE = 1e-9  # of ranks
ROUNDING = 1e-12  # what sums of variances lose, by their size


@dataclass(frozen=True)
class Posterior:
    """What is known of the n merits: their means, and their covariance as diag(`own`) + `shared` @ `shared`.T."""

    mean: Floats
    own: Floats
    shared: Floats  # n x R, and a column more where the mean is estimated

    @property
    def variance(self) -> Floats:
        """Return the variance of each merit (n)."""
        found: Floats = self.own + np.einsum("ij,ij->i", self.shared, self.shared)
        return found

    def expected_ranks(self) -> Floats:
        """Return 1 + the sum over the others of the probability that they are better (n); the sum is n(n+1)/2."""
        n, variance = len(self.mean), self.variance
        ranks, level = np.ones(n), 8 * np.finfo(float).eps * np.abs(self.mean).max(initial=0)
        for start in range(0, n, BLOCK):
            end = min(start + BLOCK, n)
            rest = slice(start, n)
            both = variance[start:end, None] + variance[None, rest]
            spread = both - 2 * self.shared[start:end] @ self.shared[rest].T
            gap = self.mean[None, rest] - self.mean[start:end, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                better = ndtr(gap / np.sqrt(np.maximum(spread, 0)))
            certain = spread <= ROUNDING * both  # of merits that vary only together, in whatever unit
            better[certain] = (1 + np.sign(np.where(np.abs(gap[certain]) <= level, 0, gap[certain]))) / 2
            inside = better[:, : end - start]
            np.fill_diagonal(inside, 0)
            ranks[start:end] += better.sum(axis=1)
            ranks[end:] += (1 - better[:, end - start :]).sum(axis=0)
        return ranks

    def drawn(self, rows: Ints, columns: Ints, count: int, generator: np.random.Generator) -> Floats:
        """Return `count` x n draws of the merits, in the order of `rows` (proposals) and `columns` (reviewers)."""
        shared = np.hstack([self.shared[:, columns], self.shared[:, len(columns) :]])[rows]
        merits = self.mean[rows] + generator.standard_normal((count, len(rows))) * np.sqrt(self.own[rows])
        found: Floats = merits + generator.standard_normal((count, shared.shape[1])) @ shared.T
        return found

    def drawn_merits(self, rows: Ints, columns: Ints, generator: np.random.Generator) -> Iterator[Floats]:
        """Yield the DRAWS draws in blocks."""
        for start in range(0, DRAWS, BLOCK):
            yield self.drawn(rows, columns, min(BLOCK, DRAWS - start), generator)


def posterior_of(system: System, scale: float, mean: float | None = None) -> Posterior:
    """Return merits and their covariance given the variances (Henderson's equations), `scale` the residual deviation.

    The mean of the centred scores is estimated and its uncertainty integrated over, unless it is given.
    """
    at = system.mean if mean is None else mean
    top, _ = system.effects(at)
    across = (system.cross.multiply(1 / system.first[:, None])).toarray()
    shared = solve_triangular(system.factor, across.T, lower=True, overwrite_b=True, check_finite=False).T
    if mean is None:
        of_mean = system.of_ones[0] / np.sqrt(system.weight_of_mean)
        shared = np.hstack([shared, of_mean[:, None]])
    merits = system.design.centre + at + system.g1 * top
    return Posterior(
        merits, (system.g1 * scale) ** 2 / system.first, np.ascontiguousarray(shared) * (system.g1 * scale)
    )
