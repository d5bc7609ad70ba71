"""The reviewers of a whole call in one assignment: computed by a job, shown, and asked all together or not at all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.locking import locked
from lifecycle.models import Job
from people.enums import Role
from people.models import User
from people.policies import holds
from proposals.models import Proposal

from ..engine.demands import Demand, Rule
from ..engine.matching import Infeasible, assign
from ..guards import counted
from ..models import MatchingRun
from .conflict_finders import reciprocal
from .panel_facts import Reviewer, Task, drop_mutual, loads_of, reviewers_for, tasks_of
from .reviewing import add_review, refuse_unassignable, refuse_unfit

JOB = "evaluation.match_reviewers"
BELOW = 100  # taken off below the wished expertise: more than any assignment of 10 points a review can win back
SECONDS = 20.0  # for the worst served proposal first; within the lease of a job
may_match = holds(Role.SECRETARIAT)


class Changed(NotPossible):
    """What an assignment leaned on is no longer so; `changes` says each in words. Nothing was written."""

    def __init__(self, changes: list[str]) -> None:
        super().__init__("Something has changed since this was computed, so nobody was asked.")
        self.changes = changes


def start(
    call: Call, *, by: User, load_min: int, load_max: int, preferred: int, maximin: bool
) -> MatchingRun:  # fmt: skip
    """Ask for an assignment of everything in the call that needs reviewers and that `by` may see."""
    if not may_match(None, by):
        raise NotPossible("Only the secretariat assigns reviewers.", forbidden=True)
    if load_min > load_max:
        raise NotPossible("The least number of reviews for each is above the most.")
    with locked([call]):
        run = MatchingRun.objects.create(
            call=call, by=by, at=clock.now(), load_min=load_min, load_max=load_max, preferred=preferred, maximin=maximin
        )
        enqueue(JOB, str(run.pk), by_id=by.pk)
        return run


def job_of(run: MatchingRun) -> Job | None:
    """Return the work behind a run."""
    return Job.objects.filter(name=JOB, key=str(run.pk)).first()


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


def newest(run: MatchingRun) -> bool:
    """Tell whether no later run of the call was started."""
    return not MatchingRun.objects.filter(call=run.call_id, pk__gt=run.pk).exists()


def ask_all(run: MatchingRun, *, by: User) -> int:
    """Ask all reviewers of a computed run, all or none, after looking at every conflict again; returns how many.

    Changed says what is no longer so. NotPossible for others than who had it computed, a second time, or when a newer
    one was. Side effects: the reviews with parts, trail and messages.
    """
    proposals = list(Proposal.objects.filter(pk__in=[row["proposal"] for row in run.said.get("rows", [])]))
    with locked([run.call, *proposals]):
        run = MatchingRun.objects.select_related("call").get(pk=run.pk)
        if not may_match(None, by) or run.by_id != by.pk:
            raise NotPossible("Only who had it computed can ask all of them.", forbidden=True)
        if run.asked_at is not None:
            raise NotPossible("They have been asked already.")
        if not run.said.get("rows"):
            raise NotPossible("There is nobody to ask in it.")
        if not newest(run):
            raise NotPossible("A newer assignment was computed. Use that one.")
        pairs = _pairs(run)
        _refuse_changed(run, pairs, by)
        for proposal, people in pairs:
            for person in people:
                add_review(proposal, person, by=by)
        _refuse_mutual(pairs)
        MatchingRun.objects.filter(pk=run.pk).update(asked_at=clock.now())
        count = sum(len(people) for _, people in pairs)
        trail.record(run.call, action="all_asked", by=by, changes={"reviews": [None, count]})
        return count


Pairs = list[tuple[Proposal, list[User]]]


def _pairs(run: MatchingRun) -> Pairs:
    rows = run.said["rows"]
    proposals = Proposal.objects.select_related("call").in_bulk([row["proposal"] for row in rows])
    people = User.objects.in_bulk([pk for row in rows for pk, _ in row["reviewers"]])
    return [(proposals[row["proposal"]], [people[pk] for pk, _ in row["reviewers"]]) for row in rows]


def _refuse_changed(run: MatchingRun, pairs: Pairs, by: User) -> None:
    """Raise Changed with everything that does not hold any more."""
    changes = [words for proposal, people in pairs for words in _changes(run, proposal, people, by)]
    more = Counter(person.pk for _, people in pairs for person in people)
    names = {person.pk: person for _, people in pairs for person in people}
    loads = loads_of(list(names.values()))
    for pk, person in sorted(names.items()):
        if loads[pk] + more[pk] > run.load_max:
            changes.append(f"{person.full_name} has {loads[pk]} reviews to do now; with these it would be too many.")
    if changes:
        raise Changed(changes)


def _changes(run: MatchingRun, proposal: Proposal, people: list[User], by: User) -> list[str]:
    if not Proposal.objects.visible_to(by).filter(pk=proposal.pk).exists():
        return ["A proposal is no longer yours to assign."]
    try:
        refuse_unassignable(proposal, by=by)
    except NotPossible as no:
        return [f"{proposal.reference}: {no.reason}"]
    found = []
    if counted(proposal).count() + len(people) > run.call.reviews_needed:
        found.append(f"{proposal.reference}: reviewers were asked in the meantime.")
    for person in people:
        try:
            refuse_unfit(proposal, person)
        except NotPossible as no:
            found.append(f"{proposal.reference}: {no.reason}")
    return found


def _refuse_mutual(pairs: Pairs) -> None:
    """Raise Changed when two people would review each other; looked at after all are written."""
    mutual = [
        f"{proposal.reference}: {conflict.reason}."
        for proposal, people in pairs for conflict in reciprocal(proposal, people)
    ]  # fmt: skip
    if mutual:
        raise Changed(mutual)
