"""Who reviews what: the assignment of the largest total, exact, the same on every run, or what makes it impossible.

A transport problem, solved by HiGHS over the pairs that can matter: those outside are priced by the duals and taken in
until none could improve the total (column generation), so that the result is that of all pairs. Among equally good
ones the tie-break by hash decides (see `demands`). Side rules and the max-min floor make it a mixed-integer programme.
"""

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from .demands import Demand, Pairs, Rows, Shortfall, pairs_of, rows_of, ties_of
from .scores import Floats

FIRST = 12  # pairs of each proposal that are tried first, beside those it needs
NEAR = 8  # pairs of each proposal, the cheapest by their price, among which a whole assignment is looked for first
SMALL = 1e-9  # in units of the largest score
SECONDS = 60.0  # for the floor of the max-min


class Infeasible(Exception):
    """No assignment meets the demand; `shortfalls` say who is short and by how much."""

    def __init__(self, shortfalls: list[Shortfall]) -> None:
        super().__init__("; ".join(map(str, shortfalls)))
        self.shortfalls = shortfalls


@dataclass(frozen=True)
class Assignment:
    """Reviewers of each proposal, their total, the worst proposal's total, and how far the floor may be from the best.

    `gap` is 0 where the floor is proven, or was not asked for.
    """

    reviewers: list[list[int]]
    total: float
    worst: float
    gap: float = 0.0


def assign(demand: Demand, *, maximin: bool = False, seconds: float = SECONDS) -> Assignment:
    """Return the best assignment of the demand's P proposals to its R reviewers.

    Raises Infeasible. `maximin` raises the worst proposal's total first (within `seconds`), the sum under that floor
    second.
    """
    if alone := demand.short_alone():
        raise Infeasible(alone)
    given, unit = demand.scores, _unit(demand)
    demand = replace(demand, scores=given / unit)
    everything = pairs_of(demand)
    floor, gap = None, 0.0
    found = _largest(demand, everything, None)
    if maximin:
        floor, gap = _floor(demand, everything, found, seconds)
        found = _largest(demand, everything, floor)
    chosen: list[list[int]] = [[] for _ in range(len(demand.scores))]
    for p, r in zip(found.proposal.tolist(), found.reviewer.tolist(), strict=True):
        chosen[p].append(r)
    score = given[found.proposal, found.reviewer]
    sums = np.bincount(found.proposal, score, len(chosen))
    return Assignment([sorted(row) for row in chosen], float(score.sum()), float(sums.min()), gap * unit)


def _unit(demand: Demand) -> float:
    """Return the power of two below the largest score: in its units the solver's tolerances are small, and exact."""
    largest = float(np.abs(demand.scores[demand.allowed]).max(initial=0.0))
    return float(2.0 ** np.floor(np.log2(largest))) if largest > 0 else 1.0


def _largest(demand: Demand, everything: Pairs, floor: float | None) -> Pairs:
    """Return the pairs of the largest total, ties broken."""
    best = _leading(demand, everything)
    whole = len(best.score) == len(everything.score)
    while True:
        relaxed = _relaxed(demand, best, floor)
        if relaxed is None:
            if whole:
                raise Infeasible(shortfalls(demand, everything))
            best, whole = everything, True
            continue
        duals, bound = relaxed
        spare = _spare(demand, everything, duals, floor)
        inside = everything.within(best)
        if whole or not (spare[~inside] < -_tolerance(demand)).any():
            break
        best = everything.take(inside | (spare < _tolerance(demand)))
    if demand.rules or floor is not None:  # then the best may lie off the relaxation, but not far
        inside &= everything.ranks_by_proposal(-spare) < NEAR + demand.need[everything.proposal]
    return _whole(demand, everything, spare, bound, inside, floor)


def _whole(
    demand: Demand, everything: Pairs, spare: Floats, bound: float, inside: np.ndarray, floor: float | None
) -> Pairs:
    """Return the best whole assignment: pairs whose price exceeds the distance to the bound cannot be in it."""
    found = _solved(demand, everything.take(inside), floor)
    if found is None:
        found = _solved(demand, everything, floor)
    if found is None:
        raise Infeasible(shortfalls(demand, everything))
    distance = max(bound - float(found.score.sum()), 0.0) + _tolerance(demand)
    near = spare <= distance
    if distance > 2 * _tolerance(demand) and (near & ~inside).any():
        better = _solved(demand, everything.take(near), floor)
        found = found if better is None else better
        near = spare <= max(bound - float(found.score.sum()), 0.0) + _tolerance(demand)
    return _first_of_equals(demand, everything.take(near | everything.within(found)), found, floor)


def _first_of_equals(demand: Demand, near: Pairs, found: Pairs, floor: float | None) -> Pairs:
    """Return, of all assignments with this total, the one with the smallest sum of hashes."""
    if len(near.score) == len(found.score):
        return found
    rows = rows_of(demand, near, floor)
    total = sparse.csr_array(near.score[None, :])
    same = LinearConstraint(total, float(found.score.sum()) - _tolerance(demand), np.inf)
    chosen = _programme(ties_of(demand, near), rows, [same])
    return found if chosen is None else near.take(chosen)


def _leading(demand: Demand, everything: Pairs) -> Pairs:
    """Return the pairs tried first: the best of each proposal, of each reviewer who must have some, of each rule."""
    ranks = everything.ranks_by_proposal()
    keep = ranks < FIRST + demand.need[everything.proposal]
    if demand.low.any():
        keep |= everything.ranks_by_reviewer() < FIRST + demand.low[everything.reviewer]
    for rule in demand.rules:
        if rule.least:
            inside = everything.of_rule(rule)
            keep[inside] |= everything.take(inside).ranks_by_proposal() < FIRST + rule.least
    return everything.take(keep)


def _tolerance(demand: Demand) -> float:
    return SMALL * max(1.0, float(np.abs(demand.scores[demand.allowed]).max(initial=0.0)))


def _relaxed(demand: Demand, pairs: Pairs, floor: float | None) -> tuple[Floats, float] | None:
    """Return the duals of the linear relaxation by row, and its optimum; None when it has no solution."""
    rows = rows_of(demand, pairs, floor)
    equal = rows.low == rows.high
    above, below = ~equal & np.isfinite(rows.high), ~equal & np.isfinite(rows.low)
    done = linprog(
        -pairs.score, A_eq=rows.matrix[equal], b_eq=rows.low[equal],
        A_ub=sparse.vstack([rows.matrix[above], -rows.matrix[below]]),
        b_ub=np.concatenate([rows.high[above], -rows.low[below]]), bounds=(0, 1), method="highs",
    )  # fmt: skip
    if done.status == 2:
        return None
    if done.status != 0:
        raise RuntimeError(f"the solver gave up: {done.message}")
    duals = np.zeros(len(rows.low))
    duals[equal] = done.eqlin.marginals
    duals[above] += done.ineqlin.marginals[: above.sum()]
    duals[below] -= done.ineqlin.marginals[above.sum() :]
    return duals, -float(done.fun)


def _spare(demand: Demand, everything: Pairs, duals: Floats, floor: float | None) -> Floats:
    """Return what each pair costs the total when it is taken in; below 0 where it improves it."""
    found: Floats = -everything.score - rows_of(demand, everything, floor).matrix.T @ duals
    return found


def _solved(demand: Demand, pairs: Pairs, floor: float | None) -> Pairs | None:
    chosen = _programme(-pairs.score, rows_of(demand, pairs, floor), [])
    return None if chosen is None else pairs.take(chosen)


def _programme(cost: Floats, rows: Rows, more: list[LinearConstraint]) -> np.ndarray | None:
    """Return which pairs the whole-number programme of least cost takes; None when there is none."""
    done = milp(
        cost, integrality=np.ones(len(cost)), bounds=Bounds(0, 1),
        constraints=[LinearConstraint(rows.matrix, rows.low, rows.high), *more], options={"mip_rel_gap": 0},
    )  # fmt: skip
    if done.status == 2:
        return None
    if done.x is None:
        raise RuntimeError(f"the solver gave up: {done.message}")
    return np.asarray(done.x > 0.5)


def _floor(demand: Demand, everything: Pairs, plain: Pairs, seconds: float) -> tuple[float, float]:
    """Return the highest total that every proposal can have, and how far from proven that is."""
    start = monotonic()
    rows = rows_of(demand, everything, None)
    proposals = len(demand.scores)
    own = sparse.csr_array(
        (everything.score, (everything.proposal, np.arange(len(everything.score)))),
        shape=(proposals, len(everything.score)),
    )
    least = float(np.bincount(plain.proposal, plain.score, proposals).min())
    highest = float(np.abs(everything.score).sum()) + 1
    done = milp(
        np.concatenate([np.zeros(len(everything.score)), [-1.0]]),
        integrality=np.concatenate([np.ones(len(everything.score)), [0.0]]),
        bounds=Bounds(np.concatenate([np.zeros(len(everything.score)), [least]]),
                      np.concatenate([np.ones(len(everything.score)), [highest]])),
        constraints=[
            LinearConstraint(sparse.hstack([rows.matrix, sparse.csr_array((len(rows.low), 1))]), rows.low, rows.high),
            LinearConstraint(sparse.hstack([own, sparse.csr_array(-np.ones((proposals, 1)))]), 0, np.inf),
        ],
        options={"mip_rel_gap": 0, "time_limit": max(seconds - (monotonic() - start), 1.0)},
    )  # fmt: skip
    if done.x is None:
        return least, highest - least
    chosen = everything.take(done.x[:-1] > 0.5)
    found = float(np.bincount(chosen.proposal, chosen.score, proposals).min())
    return found - _tolerance(demand), max(-float(done.mip_dual_bound) - found, 0.0) if done.status == 1 else 0.0


def shortfalls(demand: Demand, everything: Pairs) -> list[Shortfall]:
    """Return who is short, and by how much, in the assignment that comes nearest to the demand."""
    rows = rows_of(demand, everything, None)
    count, size = rows.matrix.shape
    highest, lowest = np.isfinite(rows.high), np.isfinite(rows.low)
    missing = sparse.hstack([rows.matrix, sparse.eye_array(count)], format="csr")
    held = sparse.hstack([rows.matrix, sparse.csr_array((count, count))], format="csr")
    done = linprog(
        np.concatenate([np.zeros(size), np.ones(count)]),
        A_ub=sparse.vstack([held[highest], -missing[lowest]]),
        b_ub=np.concatenate([rows.high[highest], -rows.low[lowest]]),
        bounds=[(0, 1)] * size + [(0, None)] * count, method="highs",
    )  # fmt: skip
    return demand.named(done.x[size:])
