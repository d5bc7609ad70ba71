"""The judging engine at the three sizes that the design names, timed against its aims."""

import time
from collections.abc import Callable

import numpy as np

from evaluation.engine.demands import Demand, Rule
from evaluation.engine.matching import assign
from evaluation.engine.ranks import rank
from evaluation.engine.scores import scores_of

EACH = 3  # reviews of a proposal
SECTORS = 8
RANK_AIMS = {(200, 40): 0.1, (2000, 300): 1.0, (10_000, 1000): 10.0}  # seconds
MATCH_AIMS = {(200, 40, False): 0.2, (2000, 300, False): 2.0, (2000, 300, True): 10.0}
RUNS = 3


def ranked(proposals: int, reviewers: int) -> float:
    """Return the shortest time of fit and expected ranks."""
    generator = np.random.default_rng(1)
    merit, severity = generator.normal(0, 1, proposals), generator.normal(0, 0.7, reviewers)
    scores = scores_of(
        (f"p{p}", f"r{r}", float(5 + merit[p] + severity[r] + generator.normal()))
        for p in range(proposals) for r in generator.choice(reviewers, EACH, replace=False).tolist()
    )  # fmt: skip
    return _shortest(lambda: rank(scores, proposals // 5).posterior.expected_ranks())


def matched(proposals: int, reviewers: int, with_rules: bool) -> float:
    """Return the shortest time of an assignment; one pair in twenty is in conflict."""
    generator = np.random.default_rng(3)
    scores = np.round(generator.random((proposals, reviewers)), 3)
    allowed = generator.random(scores.shape) > 0.05
    most = -(-proposals * EACH // reviewers) + 12
    rules = _side_rules(proposals, reviewers, generator.integers(0, reviewers // 3, reviewers)) if with_rules else ()
    demand = Demand(
        scores, allowed, np.full(proposals, EACH), np.full(reviewers, EACH), np.full(reviewers, most), rules
    )
    return _shortest(lambda: assign(demand))


def _side_rules(proposals: int, reviewers: int, agency: np.ndarray) -> tuple[Rule, ...]:
    found = []
    for sector in range(SECTORS):
        of = tuple(range(sector, proposals, SECTORS))
        inside = tuple(range(sector, reviewers, SECTORS))
        outside = tuple(r for r in range(reviewers) if r % SECTORS != sector)
        found += [Rule("inside", of, inside, 1), Rule("outside", of, outside, 1)]
    members = (tuple(np.flatnonzero(agency == number).tolist()) for number in range(reviewers // 3))
    return (*found, *(Rule("agency", tuple(range(proposals)), one, 0, 1) for one in members if len(one) > 1))


def _shortest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
