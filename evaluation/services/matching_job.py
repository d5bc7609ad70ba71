"""What the job of an assignment computes; it loads numpy and scipy, so that no page imports it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lifecycle.jobs import RunningJob

from ..engine.demands import Demand, Rule
from ..engine.matching import Infeasible, assign
from ..models import MatchingRun
from .panel_facts import Reviewer, Task, drop_mutual, reviewers_for, tasks_of

BELOW = 100  # taken off below the wished expertise: more than any assignment of 10 points a review can win back
SECONDS = 20.0  # for the worst served proposal first; within the lease of a job


def compute(job: RunningJob) -> None:
    """Compute a run's assignment; it asks nobody. The result and the end of the job are one transaction."""
    run = MatchingRun.objects.select_related("call", "by").get(pk=int(job.key))
    job.progress(0, 3, "Looking up who could be asked")
    reviewers = reviewers_for(run.call)
    tasks = []
    for task in tasks_of(run.call, run.by, reviewers):
        tasks.append(task)
        job.progress(1, 3, f"Conflicts looked at: {len(tasks)} proposals")
    drop_mutual(tasks)
    job.progress(2, 3, "Looking for the best assignment")
    result = solve(run, tasks, reviewers)
    with job.completing():
        MatchingRun.objects.filter(pk=run.pk).update(result=result)


def solve(run: MatchingRun, tasks: list[Task], reviewers: list[Reviewer]) -> dict[str, Any]:
    """Return the assignment as plain values: rows, loads and rules that were let go, or the shortfalls in words."""
    if not tasks:
        return {"rows": [], "loads": [], "shortfalls": []}
    rules, relaxed = rules_of(tasks, reviewers)
    demand = demand_of(run, tasks, reviewers, rules)
    loads = [[row.person.pk, row.load] for row in reviewers]
    try:
        found = assign(demand, maximin=run.maximin, seconds=SECONDS)
    except Infeasible as no:
        short = [
            {"proposal": None if s.kind == "reviewer" else tasks[s.place].proposal.pk, "words": s.words}
            for s in no.shortfalls
        ]
        return {"rows": [], "loads": loads, "shortfalls": short}
    rows = [
        {
            "proposal": task.proposal.pk, "need": task.need, "relaxed": relaxed[place],
            "reviewers": [[pk, task.points[pk]] for pk in (reviewers[r].person.pk for r in found.reviewers[place])],
        }
        for place, task in enumerate(tasks)
    ]  # fmt: skip
    return {"rows": rows, "loads": loads, "shortfalls": [], "gap": found.gap}


def demand_of(run: MatchingRun, tasks: list[Task], reviewers: list[Reviewer], rules: list[Rule]) -> Demand:
    """Return the demand as the engine takes it; what a reviewer has to do already comes off the loads."""
    shape = (len(tasks), len(reviewers))
    scores, allowed = np.zeros(shape), np.zeros(shape, bool)
    for p, task in enumerate(tasks):
        for r, row in enumerate(reviewers):
            points = task.points.get(row.person.pk)
            if points is not None:
                allowed[p, r] = True
                scores[p, r] = points - (BELOW if points < run.preferred else 0)
    high = np.array([max(0, run.load_max - row.load) for row in reviewers], np.int64)
    low = np.array([max(0, run.load_min - row.load) for row in reviewers], np.int64)
    return Demand(
        scores, allowed, np.array([task.need for task in tasks], np.int64), np.minimum(low, high), high, tuple(rules),
        tuple(task.proposal.reference or str(task.proposal.pk) for task in tasks),
        tuple(row.name for row in reviewers), run.call.reference,
    )  # fmt: skip


def rules_of(tasks: list[Task], reviewers: list[Reviewer]) -> tuple[list[Rule], list[list[str]]]:
    """Return the side rules, and for each task in words those that it is let off because nobody could meet them.

    At most one reviewer of an agency, at least one from inside and one from outside the sector of the lead agency.
    """
    rules = []
    for agency in sorted({row.agency for row in reviewers if row.agency}):
        same = tuple(r for r, row in enumerate(reviewers) if row.agency == agency)
        if len(same) > 1:
            rules.append(Rule("at most one of an agency", tuple(range(len(tasks))), same, 0, 1))
    relaxed: list[list[str]] = [[] for _ in tasks]
    held: dict[tuple[str, bool], list[int]] = {}
    for place, task in enumerate(tasks):
        for inside in (True, False):
            words = _missing(task, reviewers, inside, place_left=task.need - sum(place in row for row in held.values()))
            if words is None:
                continue
            if words:
                relaxed[place].append(words)
            else:
                held.setdefault((task.lead, inside), []).append(place)
    for (sector, inside), places in held.items():
        side = tuple(r for r, row in enumerate(reviewers) if (row.sector == sector) == inside)
        name = f"one from {'inside' if inside else 'outside'} the lead's sector"
        rules.append(Rule(name, tuple(places), side, 1))
    return rules, relaxed


def _missing(task: Task, reviewers: Sequence[Reviewer], inside: bool, *, place_left: int) -> str | None:
    """Return None where the side is there already, "" where it is to be met, else why it is let go."""
    side = [row.person.pk for row in reviewers if (row.sector == task.lead) == inside]
    if set(side) & set(task.present):
        return None
    where = "inside" if inside else "outside"
    if not set(side) & set(task.points):
        return f"Nobody from {where} the lead's sector is free of conflicts, so none is asked for."
    if place_left < 1:
        return f"There is no place left for one from {where} the lead's sector."
    return ""
