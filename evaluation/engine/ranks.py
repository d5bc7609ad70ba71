"""Merit, expected ranks, rank intervals and the draw group, from the fitted model.

Expected ranks follow Laird and Louis, "Empirical Bayes ranking methods", J. Educ. Stat. 14 (1989); the draw group is
the rule of Heyard et al., "Rethinking the funding line at the Swiss National Science Foundation" (2022).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr

from .fit import Fit, System, design_of, fit
from .scores import Floats, Scores

DRAWS = 20_000
BLOCK = 1000  # proposals of which all pairs are in memory at once
TOLERANCE = 1e-9
QUANTILES = (0.05, 0.25, 0.75, 0.95)
DECIMALS = 6
FUND, DRAW, DECLINE = "fund", "draw", "decline"


class BadPlaces(ValueError):
    """There is no such number of places."""


@dataclass(frozen=True)
class Posterior:
    """What is known of the n merits: their means, and their covariance as diag(`own`) + `shared` @ `shared`.T."""

    mean: Floats
    own: Floats
    shared: Floats  # n x (R + 1)

    @property
    def variance(self) -> Floats:
        """Return the variance of each merit (n)."""
        found: Floats = self.own + np.einsum("ij,ij->i", self.shared, self.shared)
        return found

    def expected_ranks(self) -> Floats:
        """Return 1 + the sum over the others of the probability that they are better (n); the sum is n(n+1)/2."""
        n, variance = len(self.mean), self.variance
        ranks = np.ones(n)
        for start in range(0, n, BLOCK):
            end = min(start + BLOCK, n)
            rest = slice(start, n)
            spread = variance[start:end, None] + variance[None, rest] - 2 * self.shared[start:end] @ self.shared[rest].T
            gap = self.mean[None, rest] - self.mean[start:end, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                better = ndtr(gap / np.sqrt(np.maximum(spread, 0)))
            certain = spread <= TOLERANCE**2
            better[certain] = (1 + np.sign(gap[certain])) / 2
            inside = better[:, : end - start]
            np.fill_diagonal(inside, 0)
            ranks[start:end] += better.sum(axis=1)
            ranks[end:] += (1 - better[:, end - start :]).sum(axis=0)
        return ranks

    def drawn_ranks(self, proposals: list[str], reviewers: list[str], seed: int) -> np.ndarray[Any, Any]:
        """Return DRAWS x n ranks, 1 the best, drawn in the order of the digests, so that no label enters."""
        generator = np.random.default_rng(seed)
        rows, columns = np.argsort(proposals, kind="stable"), np.argsort(reviewers, kind="stable")
        shared = np.hstack([self.shared[:, columns], self.shared[:, [-1]]])[rows]
        merits = self.mean[rows] + generator.standard_normal((DRAWS, len(rows))) * np.sqrt(self.own[rows])
        merits += generator.standard_normal((DRAWS, shared.shape[1])) @ shared.T
        order = np.argsort(-merits, axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(1, len(rows) + 1)[None, :], axis=1)
        found = np.empty_like(ranks)
        found[:, rows] = ranks
        return found


def posterior_of(system: System, fitted: Fit) -> Posterior:
    """Return merits and their covariance given the variances, the mean integrated over (Henderson's equations)."""
    mean = system.mean
    top, _ = system.effects(mean)
    scale = np.sqrt(fitted.v_residual)
    across = (system.cross / system.first[:, None]).toarray()
    shared = solve_triangular(system.factor, across.T, lower=True, overwrite_b=True).T
    of_mean = system.of_ones[0] / np.sqrt(system.weight_of_mean)
    merits = system.design.centre + mean + system.g1 * top
    everything = np.hstack([shared, of_mean[:, None]]) * (system.g1 * scale)
    return Posterior(merits, (system.g1 * scale) ** 2 / system.first, everything)


def averaged(values: Floats, digests: list[str]) -> Floats:
    """Return the values with those of identical digests replaced by their mean, along the last axis."""
    _, place, count = np.unique(digests, return_inverse=True, return_counts=True)
    rows = [np.bincount(place, row, len(count)) / count for row in np.atleast_2d(values)]
    found: Floats = np.array(rows)[:, place].reshape(values.shape)
    return found


def groups_of(expected: Floats, low: Floats, high: Floats, places: int) -> tuple[float, list[str]]:
    """Return the line, which is the `places`-th best expected rank, and each proposal's group.

    Both quartiles better than the line: fund; both worse: decline; else, and on the line itself: draw.
    """
    line = float(np.sort(expected)[places - 1])
    on = np.abs(expected - line) <= TOLERANCE
    fund, decline = (high < line - TOLERANCE) & ~on, (low > line + TOLERANCE) & ~on
    groups = np.where(fund, FUND, np.where(decline, DECLINE, DRAW)).tolist()
    if groups.count(FUND) + groups.count(DRAW) == places:
        groups = [FUND if group == DRAW else group for group in groups]
    return line, groups


@dataclass(frozen=True)
class Ranking:
    """A ranking of n proposals for `places` places, and all that it was computed from."""

    scores: Scores
    places: int
    seed: int
    fitted: Fit
    mu: float
    severity: Floats
    posterior: Posterior

    @cached_property
    def expected(self) -> Floats:
        """Return the expected rank of each proposal (n)."""
        return averaged(self.posterior.expected_ranks(), self._digests[0])

    @cached_property
    def _digests(self) -> tuple[list[str], list[str]]:
        return self.scores.digests()

    def as_json(self) -> dict[str, Any]:
        """Return all figures, rounded to six decimals, the best proposal first."""
        digests = self._digests[0]
        ranks = self.posterior.drawn_ranks(*self._digests, self.seed)
        quantiles = averaged(np.quantile(ranks, QUANTILES, axis=0), digests)
        top = averaged((ranks <= self.places).mean(axis=0), digests)
        line, groups = groups_of(self.expected, quantiles[1], quantiles[2], self.places)
        count, fitted, rounded = self.scores.reviews, self.fitted, _rounded
        errors = np.sqrt(self.posterior.variance)
        rows = [
            {
                "id": name, "n": int(count[i]), "raw_mean": rounded(self.scores.raw_means[i]),
                "merit": rounded(self.posterior.mean[i]), "standard_error": rounded(errors[i]),
                "expected_rank": rounded(self.expected[i]),
                **{f"rank_q{int(100 * q):02d}": rounded(quantiles[k, i]) for k, q in enumerate(QUANTILES)},
                "p_top": rounded(top[i]), "group": groups[i],
            }
            for i, name in enumerate(self.scores.proposals)
        ]  # fmt: skip
        rows.sort(key=lambda row: (row["expected_rank"], row["id"]))
        total = fitted.v_proposal + fitted.v_reviewer + fitted.v_residual
        panel = fitted.v_proposal + (fitted.v_reviewer + fitted.v_residual) / float(np.mean(count))
        return {
            "mu": rounded(self.mu),
            "variance": {
                "proposal": rounded(fitted.v_proposal), "reviewer": rounded(fitted.v_reviewer),
                "residual": rounded(fitted.v_residual),
            },
            "reml_criterion": None if fitted.criterion is None else rounded(fitted.criterion),
            "places": self.places, "line": rounded(line),
            "draw_places": self.places - groups.count(FUND) if DRAW in groups else 0,
            "icc": {
                "single": rounded(fitted.v_proposal / total) if total else None,
                "panel": rounded(fitted.v_proposal / panel) if total else None,
            },
            "reviewers": [
                {"id": name, "severity": rounded(value)}
                for name, value in sorted(zip(self.scores.reviewers, self.severity.tolist(), strict=True))
            ],
            "proposals": rows, "warnings": list(fitted.warnings), "seed": self.seed,
        }  # fmt: skip


def _rounded(value: Any) -> float:
    return round(float(value), DECIMALS) + 0.0  # never a negative zero


def rank(scores: Scores, places: int, seed: int = 1) -> Ranking:
    """Return the ranking of the scores for `places` places.

    Raises BadPlaces unless 1 <= places <= number of proposals. `seed` is that of the rank intervals.
    """
    if not 1 <= places <= len(scores.proposals):
        raise BadPlaces(f"places: {places} is not between 1 and {len(scores.proposals)}, the number of proposals")
    fitted = fit(scores)
    system = System(design_of(scores), fitted.g1, fitted.g2)
    _, low = system.effects(system.mean)
    severity = fitted.g2 * low
    return Ranking(
        scores, places, seed, fitted, system.design.centre + system.mean, severity, posterior_of(system, fitted)
    )
