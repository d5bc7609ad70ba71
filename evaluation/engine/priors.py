"""The prior of the Swiss rule: a fixed mean, a known spread of severities, the other deviations integrated over.

Heyard et al., "Rethinking the funding line at the Swiss National Science Foundation" (2022): the mean is that of the
proposals' means; severity ~ N(0, 0.5^2); the deviations tau of merit, sigma and tau_a are uniform on (0, 2). The last
two enter through s^2 = sigma^2 + tau_a^2 only, so that two dimensions are left, integrated by Gauss and Legendre.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.polynomial.legendre import leggauss

from .fit import NOTHING, Design, Fit, System, design_of
from .posterior import DRAWS, Posterior, posterior_of
from .scores import Floats, Ints, Scores

SEVERITY = 0.5  # the deviation of severity, in the unit of the scores
WIDEST = 2.0  # of the three uniform deviations
NODES = 24  # of each axis and each smooth piece of it
FAR = 20.0  # natural logarithm below the highest at which a node counts no more
NARROWED = 2  # how often the grid is drawn closer round what counts
SCALE = 6.0  # the widest scale of grades for which the prior was made


@dataclass(frozen=True)
class Node:
    """One pair of deviations and its share of the posterior."""

    tau: float
    s: float
    share: float


def density(s: Floats) -> Floats:
    """Return the density of s = sqrt(sigma^2 + tau_a^2) on (0, 2 sqrt 2), both uniform on (0, 2)."""
    angle = np.pi / 2 - 2 * np.arccos(np.minimum(1.0, WIDEST / np.maximum(s, WIDEST)))
    found: Floats = s * angle / WIDEST**2
    return found


def _points(low: float, high: float) -> tuple[Floats, Floats]:
    at, weight = leggauss(NODES)
    return (high - low) / 2 * at + (high + low) / 2, (high - low) / 2 * weight


def _system(design: Design, tau: float, s: float) -> System:
    return System(design, tau / s, SEVERITY / s)


def _log_likelihood(design: Design, tau: float, s: float) -> float:
    """Return the log likelihood of the centred scores, but for a constant."""
    system = _system(design, tau, s)
    return -0.5 * float(2 * len(design.y) * np.log(s) + system.log_determinant() + system.residual(0.0) / s**2)


def nodes_of(design: Design) -> list[Node]:
    """Return the nodes that count, their shares summing to 1."""
    taus, spreads = (0.0, WIDEST), (0.0, WIDEST * np.sqrt(2))
    for _ in range(NARROWED + 1):
        across = _points(*taus)
        edges = sorted({spreads[0], spreads[1], *([WIDEST] if spreads[0] < WIDEST < spreads[1] else [])})
        pieces = [_points(low, high) for low, high in pairwise(edges)]
        down = tuple(np.concatenate(part) for part in zip(*pieces, strict=True))
        logs = np.array([[_log_likelihood(design, tau, s) for s in down[0]] for tau in across[0]])
        logs += np.log(across[1])[:, None] + np.log(down[1] * density(down[0]))[None, :]
        counts = logs > logs.max() - FAR
        taus, spreads = (_around(axis, found, ends) for axis, found, ends in (
            (across[0], counts.any(axis=1), taus), (down[0], counts.any(axis=0), spreads)
        ))  # fmt: skip
    weights = np.where(counts, np.exp(logs - logs.max()), 0.0)
    weights /= weights.sum()
    return [Node(float(across[0][i]), float(down[0][j]), float(weights[i, j])) for i, j in np.argwhere(counts).tolist()]


def _around(axis: Floats, counts: np.ndarray, ends: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of the part of the axis that counts, one node wider."""
    inside = np.flatnonzero(counts)
    low = axis[inside[0] - 1] if inside[0] > 0 else ends[0]
    high = axis[inside[-1] + 1] if inside[-1] + 1 < len(axis) else ends[1]
    return float(low), float(high)


class Mixture:
    """The merits under all nodes together; each node's posterior is made anew when asked for, to spare memory.

    All is reckoned from the centre of the scores, which is added to `mean` alone: far from 0 the difference of two
    squares, and of two merits, would lose its digits.
    """

    def __init__(self, design: Design, nodes: list[Node]) -> None:
        self.design, self.nodes = replace(design, centre=0.0), nodes
        size = len(design.reviews)
        middle, square, self.severity = np.zeros(size), np.zeros(size), np.zeros(len(design.loads))
        self._expected = np.zeros(size)
        for node in nodes:
            system = _system(self.design, node.tau, node.s)
            posterior = posterior_of(system, node.s, mean=0.0)
            middle += node.share * posterior.mean
            square += node.share * (posterior.variance + posterior.mean**2)
            self.severity += node.share * system.g2 * system.effects(0.0)[1]
            self._expected += node.share * posterior.expected_ranks()
        self.variance: Floats = np.maximum(square - middle**2, 0.0)
        self.mean: Floats = design.centre + middle

    def expected_ranks(self) -> Floats:
        """Return the expected ranks (n), averaged over the nodes."""
        return self._expected

    def drawn_merits(self, rows: Ints, columns: Ints, generator: np.random.Generator) -> Iterator[Floats]:
        """Yield DRAWS draws, of each node as many as chance gives it, measured from the centre of the scores."""
        counts = generator.multinomial(DRAWS, [node.share for node in self.nodes])
        for node, count in zip(self.nodes, counts.tolist(), strict=True):
            if count:
                posterior = posterior_of(_system(self.design, node.tau, node.s), node.s, mean=0.0)
                yield posterior.drawn(rows, columns, count, generator)


def integrated(scores: Scores) -> tuple[Fit, float, Floats, Mixture | Posterior]:
    """Return (means of the variances, mean, severities, merits) under the prior."""
    base = float(scores.score[0])  # what the scores differ by is reckoned exactly
    mu = base + float(replace(scores, score=scores.score - base).raw_means.mean())
    design = design_of(scores, mu)
    warnings = []
    if float(np.ptp(scores.score)) > SCALE:
        warnings.append("This prior was made for grades from 1 to 6: on a wider scale use the default one.")
    if float(design.y @ design.y) <= NOTHING * max(mu**2, 1) * len(design.y):
        said = "All scores are equal: nothing tells the proposals apart."
        size, reviewers = len(design.reviews), len(design.loads)
        nothing = Posterior(np.full(size, mu), np.zeros(size), np.zeros((size, reviewers)))
        return Fit(0, 0, 0, 0, 0, None, (said,)), mu, np.zeros(reviewers), nothing
    nodes = nodes_of(design)
    merits = Mixture(design, nodes)
    tau = sum(node.share * node.tau**2 for node in nodes)
    s = sum(node.share * node.s**2 for node in nodes)
    fitted = Fit(np.sqrt(tau / s), SEVERITY / np.sqrt(s), tau, SEVERITY**2, s, None, tuple(warnings))
    return fitted, mu, merits.severity, merits
