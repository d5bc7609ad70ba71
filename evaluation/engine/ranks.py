"""Merit, expected ranks, rank intervals and the draw group, from the fitted model.

The draw group is
the rule of Heyard et al., "Rethinking the funding line at the Swiss National Science Foundation" (2022).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .fit import Fit, System, design_of, fit
from .posterior import DRAWS, TOLERANCE, posterior_of
from .priors import integrated
from .scores import Floats, Ints, Scores

QUANTILES = (0.05, 0.25, 0.75, 0.95)
DECIMALS = 6
REML, SNSF = PRIORS = ("reml", "snsf")
FUND, DRAW, DECLINE = "fund", "draw", "decline"


class BadPlaces(ValueError):
    """There is no such number of places."""


class Merits(Protocol):
    """What the ranking needs to know of the n merits, whichever prior they come from."""

    @property
    def mean(self) -> Floats:
        """Return the merits (n)."""

    @property
    def variance(self) -> Floats:
        """Return the variance of each merit (n)."""

    def expected_ranks(self) -> Floats:
        """Return the expected ranks (n)."""

    def drawn_merits(self, rows: Ints, columns: Ints, generator: np.random.Generator) -> Iterator[Floats]:
        """Yield blocks of draws (k x n), DRAWS in all."""


def drawn_ranks(merits: Merits, proposals: list[str], reviewers: list[str], seed: int) -> NDArray[np.int32]:
    """Return DRAWS x n ranks, 1 the best, drawn in the order of the digests, so that no label enters.

    Merits that a draw finds equal take their places by chance: where nothing tells proposals apart, each place is open.
    """
    generator = np.random.default_rng(seed)
    rows, columns = np.argsort(proposals, kind="stable"), np.argsort(reviewers, kind="stable")
    found = np.empty((DRAWS, len(rows)), np.int32)
    counted, start = np.arange(1, len(rows) + 1, dtype=np.int32)[None, :], 0
    for block in merits.drawn_merits(rows, columns, generator):
        ranks = np.empty(block.shape, np.int32)
        np.put_along_axis(ranks, _order_of(block, generator), counted, axis=1)
        found[start : start + len(block), rows] = ranks
        start += len(block)
    return found


def _order_of(block: Floats, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return the columns of each row from the largest value to the smallest, equal ones in an order of their own."""
    order = np.argsort(-block, axis=1, kind="stable")
    ordered = np.take_along_axis(block, order, axis=1)
    if not (ordered[:, 1:] == ordered[:, :-1]).any():
        return order
    mixed = generator.permuted(np.tile(np.arange(block.shape[1]), (len(block), 1)), axis=1)
    inside = np.argsort(-np.take_along_axis(block, mixed, axis=1), axis=1, kind="stable")
    found: NDArray[np.intp] = np.take_along_axis(mixed, inside, axis=1)
    return found


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
    posterior: Merits
    prior: str = REML

    @cached_property
    def expected(self) -> Floats:
        """Return the expected rank of each proposal (n)."""
        return averaged(self.posterior.expected_ranks(), self._alike)

    @cached_property
    def _alike(self) -> list[str]:
        """Return by proposal what equals share: the digest of their scores, or all where nothing tells them apart."""
        nothing = self.prior == REML and self.fitted.v_proposal == 0
        return [""] * len(self.scores.proposals) if nothing else self._digests[0]

    @cached_property
    def _digests(self) -> tuple[list[str], list[str]]:
        return self.scores.digests()

    def as_json(self) -> dict[str, Any]:
        """Return all figures, rounded to six decimals, the best proposal first."""
        ranks = drawn_ranks(self.posterior, *self._digests, self.seed)
        quantiles = averaged(np.quantile(ranks, QUANTILES, axis=0), self._alike)
        top = averaged((ranks <= self.places).mean(axis=0), self._alike)
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
            "proposals": rows, "warnings": list(fitted.warnings), "seed": self.seed, "prior": self.prior,
        }  # fmt: skip


def _rounded(value: Any) -> float:
    return round(float(value), DECIMALS) + 0.0  # never a negative zero


def rank(scores: Scores, places: int, seed: int = 1, prior: str = REML) -> Ranking:
    """Return the ranking of the scores for `places` places.

    Raises BadPlaces unless 1 <= places <= number of proposals. `seed` is that of the rank intervals. `prior` is
    "reml" (variances estimated from the scores) or "snsf" (those of the Swiss rule, see `priors`).
    """
    if not 1 <= places <= len(scores.proposals):
        raise BadPlaces(f"places: {places} is not between 1 and {len(scores.proposals)}, the number of proposals")
    if prior == SNSF:
        fitted, mu, severity, merits = integrated(scores)
        return Ranking(scores, places, seed, fitted, mu, severity, merits, SNSF)
    fitted = fit(scores)
    system = System(design_of(scores), fitted.g1, fitted.g2)
    _, low = system.effects(system.mean)
    mu = system.design.centre + system.mean
    posterior = posterior_of(system, np.sqrt(fitted.v_residual))
    return Ranking(scores, places, seed, fitted, mu, fitted.g2 * low, posterior)
