"""The judging engine at the sizes that the design names, against its aims: processor time on one thread.

So a busy machine disturbs it little, and the aims, which are for two cores that do nothing else, are kept with one.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from evaluation.engine.demands import Demand, Rule
from evaluation.engine.lots import draw
from evaluation.engine.matching import assign
from evaluation.engine.ranks import rank
from evaluation.engine.scores import scores_of
from evaluation.recompute import results_of
from evaluation.scoring import FORMAT

EACH = 3  # reviews of a proposal
SECTORS = 8
RANK_AIMS = {(200, 40): 0.1, (2000, 300): 1.0, (10_000, 1000): 10.0}  # seconds
MATCH_AIMS = {(200, 40, False): 0.2, (2000, 300, False): 2.0, (2000, 300, True): 10.0}
LOTS_AIMS = {10_000: 1.0}
RUN_AIMS = {(60, 12): 1.0, (1000, 150): 10.0}  # a whole ranking run: places, line, calibrated figures, flags
CRITERIA = {"1": 30, "2": 30, "3": 20, "4": 20}
REASONS = dict.fromkeys(CRITERIA, 40)
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


def drawn(labels: int) -> float:
    """Return the shortest time of a draw."""
    names = [f"CALL-1-{n:05d}" for n in range(labels)]
    return _shortest(lambda: draw(names, "ab" * 32, "00ff10" * 8))


def run(proposals: int, reviewers: int) -> float:
    """Return the shortest time of a whole ranking run, from the frozen inputs to the results that are stored."""
    generator = np.random.default_rng(5)
    merit, severity = generator.normal(7, 1.2, proposals), generator.normal(0, 0.7, reviewers)

    def review(p: int, r: int) -> dict[str, Any]:
        given = np.clip(np.rint(merit[p] + severity[r] + generator.normal(0, 0.8, len(CRITERIA))), 0, 10)
        scores = {key: int(halves) for key, halves in zip(CRITERIA, given, strict=True)}
        return {"id": f"{p}-{r}", "reviewer": f"r{r}", "order": 1 + p % 12, "scores": scores, "reasons": REASONS}

    rows = [
        {
            "id": f"CALL-1-{p:05d}", "cost": 40_000_000, "consensus": {},
            "reviews": [review(p, r) for r in generator.choice(reviewers, EACH, replace=False).tolist()],
        }
        for p in range(proposals)
    ]  # fmt: skip
    money = {"budget": 40_000_000 * (proposals // 4), "rule": "stop", "lots": "exact_ties"}
    inputs = {
        "format": FORMAT, "call": "bench", "stage": "explore", "weights": CRITERIA, "seed": 1, "money": money,
        "least": {"criterion": 4, "total": 65}, "proposals": rows,
    }  # fmt: skip
    return _shortest(lambda: results_of(inputs))


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
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
