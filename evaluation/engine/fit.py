"""The mixed model of scores, y = mu + theta(proposal) + lambda(reviewer) + e, fitted by REML.

Bates, Maechler, Bolker and Walker, "Fitting linear mixed-effects models using lme4", J. Stat. Softw. 67 (2015), whose
criterion it is. Proposals are eliminated (their block is diagonal); only a matrix of the size of the reviewers is
factored.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import cho_solve, cholesky
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse.linalg import splu

from .scores import Floats, Scores

STARTS = ((1.0, 1.0), (0.25, 0.25))
RATIOS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)  # of both effects, where a search may begin as well
FEW, MANY = 100, 10_000  # scores from which every second ratio is enough, and none: many scores have one valley only
BASINS = 4  # of the lowest valleys of that grid that are searched
WIDEST = 1e4  # a standard deviation ten thousand times the residual one is as good as infinite
DENSE = 2500  # reviewers up to which the dense factor is the faster one
NEAR = 1.0  # of the criterion: how far above the lowest the border may be to be searched
NOTHING = 1e-26  # a share of the scores' squares that is rounding
BESIDE = 1e-4  # a ratio at which the slope by its square is as good as that at 0
ROUNDS = 4  # how often a search that ended at 0 is led inward again


@dataclass(frozen=True)
class Design:
    """What of the scores the model needs: counts and sums, the scores measured from their mean."""

    scores: Scores
    incidence: sparse.csr_array  # n x R, 1 where reviewed
    reviews: Floats
    loads: Floats
    centre: float
    y: Floats

    def crossed(self, weights: Floats) -> Any:
        """Return the sparse R x R sum over proposals of their reviewers' pairs, each proposal by its weight (n)."""
        n = self.incidence
        scaled = sparse.csr_array((np.repeat(weights, np.diff(n.indptr)), n.indices, n.indptr), shape=n.shape)
        return n.T @ scaled

    @cached_property
    def sums(self) -> tuple[Floats, Floats]:
        """Return the sums of the centred scores by proposal (n) and by reviewer (R)."""
        s = self.scores
        return (
            np.bincount(s.proposal, self.y, len(s.proposals)).astype(np.float64),
            np.bincount(s.reviewer, self.y, len(s.reviewers)).astype(np.float64),
        )


def design_of(scores: Scores, centre: float | None = None) -> Design:
    """Return the design, centred at the mean of all scores or at `centre`."""
    shape = (len(scores.proposals), len(scores.reviewers))
    ones = np.ones(len(scores.score))
    middle = float(np.mean(scores.score)) if centre is None else centre
    incidence = sparse.csr_array(sparse.coo_array((ones, (scores.proposal, scores.reviewer)), shape=shape))
    return Design(
        scores, incidence, scores.reviews.astype(float), scores.loads.astype(float), middle, scores.score - middle
    )


class System:
    """The equations of the model at g1 = sd_p/sd_e and g2 = sd_r/sd_e, all variances in units of the residual one."""

    def __init__(self, design: Design, g1: float, g2: float) -> None:
        self.design, self.g1, self.g2 = design, g1, g2
        self.first = 1 + g1**2 * design.reviews  # the proposals' block, diagonal (n)
        self.cross = g1 * g2 * design.incidence  # n x R
        self.off = (g1 * g2) ** 2 * design.crossed(1 / self.first)

    @cached_property
    def factor(self) -> Floats:
        """Return the lower Cholesky factor of the reviewers' block after elimination (R x R)."""
        schur = -self.off.toarray()
        schur[np.diag_indices_from(schur)] += 1 + self.g2**2 * self.design.loads
        found: Floats = cholesky(schur, lower=True, overwrite_a=True, check_finite=False)
        return found

    @cached_property
    def _sparse(self) -> Any:
        return splu(sparse.csc_array(sparse.diags_array(1 + self.g2**2 * self.design.loads) - self.off))

    @property
    def _large(self) -> bool:
        return len(self.design.loads) > DENSE

    def log_determinant(self) -> float:
        """Return the log determinant of the whole system."""
        if self._large:
            diagonal = np.abs(self._sparse.U.diagonal())
            return float(np.log(self.first).sum() + np.log(diagonal).sum())
        return float(np.log(self.first).sum() + 2 * np.log(np.diagonal(self.factor)).sum())

    def solve(self, top: Floats, bottom: Floats) -> tuple[Floats, Floats]:
        """Return the solution for one right-hand side in its two parts (n, R)."""
        right = bottom - self.cross.T @ (top / self.first)
        low = self._sparse.solve(right) if self._large else cho_solve((self.factor, True), right)
        return (top - self.cross @ low) / self.first, low

    @cached_property
    def of_ones(self) -> tuple[Floats, Floats]:
        """Return the solution for the column of the mean."""
        return self.solve(self.g1 * self.design.reviews, self.g2 * self.design.loads)

    @cached_property
    def weight_of_mean(self) -> float:
        """Return the information about the mean, in units of one over the residual variance."""
        top, low = self.of_ones
        d = self.design
        return float(len(d.y) - self.g1 * d.reviews @ top - self.g2 * d.loads @ low)

    @cached_property
    def mean(self) -> float:
        """Return the generalised least squares mean of the centred scores."""
        top, low = self.of_ones
        by_proposal, by_reviewer = self.design.sums
        return float((self.design.y.sum() - self.g1 * by_proposal @ top - self.g2 * by_reviewer @ low)
                     / self.weight_of_mean)  # fmt: skip

    def effects(self, mean: float) -> tuple[Floats, Floats]:
        """Return the scaled effects of proposals and reviewers, given the mean."""
        d = self.design
        by_proposal, by_reviewer = d.sums
        return self.solve(self.g1 * (by_proposal - mean * d.reviews), self.g2 * (by_reviewer - mean * d.loads))

    def residual(self, mean: float) -> float:
        """Return the penalised residual sum of squares, given the mean."""
        top, low = self.effects(mean)
        d = self.design
        by_proposal, by_reviewer = d.sums
        y = d.y - mean
        part = self.g1 * top @ (by_proposal - mean * d.reviews) + self.g2 * low @ (by_reviewer - mean * d.loads)
        return max(float(y @ y - part), 0.0)

    def criterion(self) -> float:
        """Return -2 log restricted likelihood with the residual variance profiled out, as lme4 defines it."""
        free = len(self.design.y) - 1
        rest = self.residual(self.mean)
        scatter = free * (1 + np.log(2 * np.pi * rest / free))
        return float(self.log_determinant() + np.log(self.weight_of_mean) + scatter)

    def _traces(self) -> tuple[float, float]:
        """Return the trace of the inverse Schur complement, and of its product with the cross block's own square."""
        square = sparse.coo_array((self.g1 * self.g2) ** 2 * self.design.crossed(1 / self.first**2))
        if self._large:
            columns = square.tocsc()
            size = columns.shape[0]
            both = [0.0, 0.0]
            for start in range(0, size, DENSE):
                part = slice(start, min(start + DENSE, size))
                unit = np.eye(size, part.stop - start, -start)
                inverse = self._sparse.solve(unit)
                both[0] += float(np.trace(inverse[part]))
                both[1] += float((columns[:, part].toarray() * inverse).sum())
            return both[0], both[1]
        inverse = dpotri(self.factor, lower=1)[0]  # its lower triangle
        row, column = np.maximum(*square.coords), np.minimum(*square.coords)
        return float(np.trace(inverse)), float(square.data @ inverse[row, column])

    def slope(self) -> Floats:
        """Return the derivatives of the criterion by g1 and g2.

        With V the covariance and P the projection off the mean, d/dg = 2 g (tr Z'PZ - free |Z'Py|^2 / y'Py), and
        Z'V^-1 x = u / g for the solution u of the system with right-hand side g Z'x (Bates et al. 2015, section 3).
        """
        d, free = self.design, len(self.design.y) - 1
        ones, effects = self.of_ones, self.effects(self.mean)
        rest = self.residual(self.mean)
        inverse, crossed = self._traces()
        traces = (
            float((1 - 1 / self.first).sum()) - crossed,
            len(d.loads) - inverse,
        )
        found = np.zeros(2)
        for k, g in enumerate((self.g1, self.g2)):
            if g > 0:
                by_mean = float(ones[k] @ ones[k]) / self.weight_of_mean
                found[k] = 2 / g * (traces[k] - by_mean - free * float(effects[k] @ effects[k]) / rest)
        return found


@dataclass(frozen=True)
class Fit:
    """Variances in squared units of the scores, and the criterion; None where the scores do not determine it."""

    g1: float
    g2: float
    v_proposal: float
    v_reviewer: float
    v_residual: float
    criterion: float | None
    warnings: tuple[str, ...]


def fit(scores: Scores) -> Fit:
    """Return the REML estimate; what cannot be told from the scores is 0, with a warning in plain words."""
    design = design_of(scores)
    scatter = float(design.y @ design.y)
    if len(design.y) == 1:
        return Fit(0, 0, 0, 0, 0, None, ("There is one review only: nothing can be told from it.",))
    if scatter <= NOTHING * float(scores.score @ scores.score):
        return Fit(0, 0, 0, 0, 0, None, ("All scores are equal: nothing tells the proposals apart.",))
    warnings = []
    bounds = [(0.0, WIDEST), (0.0, WIDEST)]
    if design.reviews.max() == 1:
        bounds[0] = (0.0, 0.0)
        warnings.append("No proposal has two reviews: merit and chance cannot be told apart.")
    if design.loads.max() == 1:
        bounds[1] = (0.0, 0.0)
        warnings.append("No reviewer has two proposals: severity and chance cannot be told apart.")
    g1, g2 = _lowest(design, bounds, valleys=not scores.from_two_starts)
    system = System(design, g1, g2)
    return Fit(g1, g2, *_variances(system), system.criterion(), (*warnings, *_remarks(scores, design, g1, g2)))


def _variances(system: System) -> tuple[float, float, float]:
    """Return the variances of proposals, reviewers and chance.

    Where nothing is left to chance the criterion has no lowest place: the widest ratio stands for it, and an effect
    that is then known as it is has its own variance, as REML has it for values that are seen without error.
    """
    g1, g2 = system.g1, system.g2
    residual = system.residual(system.mean) / (len(system.design.y) - 1)
    if max(g1, g2) < WIDEST / 2:
        return g1**2 * residual, g2**2 * residual, residual
    effects = system.effects(system.mean)
    seen = [float(np.var(g * u, ddof=1)) if g >= WIDEST / 2 else 0.0 for g, u in zip((g1, g2), effects, strict=True)]
    residual = max(seen) / max(g1, g2) ** 2
    return seen[0] or g1**2 * residual, seen[1] or g2**2 * residual, residual


def _lowest(design: Design, bounds: list[tuple[float, float]], *, valleys: bool) -> tuple[float, float]:
    """Return (g1, g2) at the lowest criterion of all starts, and of `valleys`, with 0 allowed and tried."""

    def criterion(g: Floats) -> float:
        return System(design, float(g[0]), float(g[1])).criterion()

    def both(g: Floats) -> tuple[float, Floats]:
        system = System(design, float(g[0]), float(g[1]))
        return system.criterion(), system.slope()

    def search(start: Floats, exactly: bool) -> Floats:
        options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 200} if exactly else {"ftol": 1e-9, "maxiter": 50}
        found: Floats = minimize(both, start, method="L-BFGS-B", jac=True, bounds=bounds, options=options).x
        return found

    starts = [np.clip(start, [low for low, _ in bounds], [high for _, high in bounds]) for start in STARTS]
    ends = [search(start, exactly=False) for start in starts]
    first = min(ends, key=criterion)
    sharp = _sharpened(design, first, bounds)
    ends = [_sharpened(design, search(first, exactly=True), bounds) if sharp is first else sharp]
    for _ in range(ROUNDS):
        inner = _inward(design, ends[-1], bounds)
        if inner is None:
            break
        ends.append(_sharpened(design, search(inner, exactly=True), bounds))
    first = min(ends, key=criterion)
    further = _valleys(design, bounds, first) if valleys else []
    ends += [_sharpened(design, search(place, exactly=True), bounds) for place in further]
    first = min(ends, key=criterion)
    for side in (0, 1):  # the slope by g is nothing at 0, so that no search ends there by itself
        on_side = [(0.0, 0.0) if place == side else bound for place, bound in enumerate(bounds)]
        flat = np.where([place == side for place in (0, 1)], 0.0, first)
        if criterion(flat) < criterion(first) + NEAR:
            found = minimize(both, flat, method="L-BFGS-B", jac=True, bounds=on_side).x
            ends += [_sharpened(design, found, on_side), np.zeros(2)]
    best = min(ends, key=lambda end: (round(criterion(end), 9), tuple(end)))
    return float(best[0]), float(best[1])


def _valleys(design: Design, bounds: list[tuple[float, float]], known: Floats) -> list[Floats]:
    """Return places (g1, g2) from which to search as well: the lowest nodes of a grid below all their neighbours.

    Few scores can have two valleys, and the starts may lie in the higher one. The valley of the `known` end is left
    out; a node at 0 is moved beside it, where the criterion has a slope.
    """
    size = len(design.y)
    ratios = RATIOS if size <= FEW else RATIOS[::2] if size <= MANY else ()
    axes = [[ratio for ratio in ratios if ratio <= highest] for _, highest in bounds]
    levels = np.array([[System(design, g1, g2).criterion() for g2 in axes[1]] for g1 in axes[0]])
    if not levels.size:
        return []
    around = np.pad(levels, 1, constant_values=np.inf)
    rows, columns = levels.shape
    lowest = np.min([around[i : i + rows, j : j + columns] for i in range(3) for j in range(3)], axis=0)
    nodes = [node for node in np.argwhere(levels <= lowest).tolist() if not _beside(axes, node, known)]
    best = sorted(nodes, key=lambda node: (float(levels[*node]), node))[:BASINS]
    edge = [high for _, high in bounds]
    return [np.minimum([max(axis[k], BESIDE) for axis, k in zip(axes, node, strict=True)], edge) for node in best]


def _beside(axes: list[list[float]], node: list[int], end: Floats) -> bool:
    """Tell whether the place `end` lies in a cell of the grid that has the node as a corner."""
    return all(
        axis[max(k - 1, 0)] <= at and (at <= axis[k + 1] if k + 1 < len(axis) else True)
        for axis, k, at in zip(axes, node, end.tolist(), strict=True)
    )


def _inward(design: Design, end: Floats, bounds: list[tuple[float, float]]) -> Floats | None:
    """Return where to search on from an `end` at 0 from which the criterion falls inward; None where it does not.

    By the ratio itself the criterion is level at 0, wherever its lowest place is; by the ratio's square, that is by the
    variance, it is not.
    """
    at_zero = [k for k, (_, highest) in enumerate(bounds) if end[k] < BESIDE and highest > 0]
    beside = np.maximum(end, [BESIDE if k in at_zero else 0.0 for k in (0, 1)])
    falls = System(design, float(beside[0]), float(beside[1])).slope() if at_zero else np.zeros(2)
    for k in sorted(at_zero, key=lambda k: float(falls[k])):
        if falls[k] >= 0:
            continue

        def along(power: float, k: int = k) -> float:
            g1, g2 = (float(np.exp(power)) if place == k else float(end[place]) for place in (0, 1))
            return System(design, g1, g2).criterion()

        lowest = minimize_scalar(along, bounds=(np.log(BESIDE), np.log(WIDEST)), method="bounded")
        if lowest.fun < System(design, float(end[0]), float(end[1])).criterion():
            return np.where(np.arange(2) == k, np.exp(lowest.x), end)
    return None


def _sharpened(design: Design, end: Floats, bounds: list[tuple[float, float]]) -> Floats:
    """Return the place near `end` where the slope is nothing, by Newton's steps over what is inside its bounds.

    The criterion is flat there: comparing its values finds the variances to six digits, its slope to nine.
    """
    free = [k for k, (_, highest) in enumerate(bounds) if 1e-3 < end[k] < highest / 2]
    if not free:
        return end
    found = end.copy()
    for _ in range(2):

        def slope(at: Floats) -> Floats:
            return System(design, float(at[0]), float(at[1])).slope()[free]

        steps = [np.where(np.arange(2) == k, found[k] * 1e-4, 0.0) for k in free]
        bends = np.array([(slope(found + step) - slope(found - step)) / 2 / step.sum() for step in steps])
        moved = found.copy()
        moved[free] -= np.linalg.lstsq(bends, slope(found))[0]
        if not np.allclose(moved, found, rtol=1e-2):
            return end  # too flat for Newton: what the search has found stays
        found = moved
    return found


def _remarks(scores: Scores, design: Design, g1: float, g2: float) -> list[str]:
    said = []
    if g1 == 0 and design.reviews.max() > 1:
        said.append("The reviewers' scores tell nothing about which proposals are better: all are in the draw.")
    if g2 == 0 and design.loads.max() > 1:
        said.append("No difference in severity between reviewers is visible.")
    if max(g1, g2) >= WIDEST / 2:
        said.append("The reviewers agree without any chance difference: the uncertainty shown is too small.")
    if scores.pieces() > 1:
        said.append("The reviewers fall into groups with no proposal in common: severity between groups cannot be told "
                    "from merit.")  # fmt: skip
    if design.reviews.max() > 1 and design.reviews.min() == 1:
        said.append("Some proposals have one review only.")
    if design.loads.max() > 1 and design.loads.min() == 1:
        said.append("Some reviewers have one proposal only: little can be said about their severity.")
    return said
