"""The reviewers of a whole call in one assignment: computed by a job, shown, and asked all together or not at all."""

from collections import Counter

from fund.models import Call
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.jobs import enqueue
from lifecycle.locking import locked
from lifecycle.models import Job
from people.enums import Role
from people.models import User
from people.policies import holds
from proposals.models import Proposal

from ..guards import counted
from ..models import MatchingRun
from .conflict_finders import reciprocal
from .panel_facts import loads_of
from .reviewing import add_review, refuse_unassignable, refuse_unfit

JOB = "evaluation.match_reviewers"
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
