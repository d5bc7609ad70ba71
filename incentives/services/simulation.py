"""What a version of the points policy would change, in numbers of people by group; no names, see `disclosure`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

from lifecycle import clock
from lifecycle.enums import JobState
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User

from ..enums import PolicyState
from ..models import PointEvent, PolicyVersion, RecordHolder, Simulation
from ..policies import is_rcsc
from ..rules.counting import Event
from ..rules.eligibility import Evaluation, evaluate
from ..rules.facts import Fact, Facts
from ..rules.points import Basis, scored
from ..rules.policy import Policy
from ..takeup import Group, Table, groups_of_people, told_apart, told_together
from .eligibility import BATCH
from .facts import facts_for
from .points import basis_of_row
from .points_policy import policy_on
from .versions import Earning, earnings

COLUMNS = (
    "With a verified record", "Open now", "Newly open on its first day", "No longer open on its first day",
    "Newly open had it always held", "No longer open had it always held",
)  # fmt: skip
RULE_COLUMNS = ("Met now", "Met on its first day if nothing changed", "Met on its first day under this version")
EVERYBODY = "Everybody"
FAMILY, LEVEL = "Job family, as the position level names it", "Position level"
Row = list[Any]  # name of the group, its cells
FAMILIES = {
    "EX": "Executive", "ES": "Specialist", "P": "Professional and management", "SS": "Supervisory and support",
    "S": "Supervisory and support", "O": "Operational",
}  # fmt: skip


@dataclass(frozen=True)
class _Seen:
    """One person's answers today, on the first day under either version, and today had the draft always held."""

    now: Evaluation
    kept: Evaluation
    first: Evaluation
    always: Evaluation

    @property
    def row(self) -> tuple[int, ...]:
        """Return 0 or 1 for each of COLUMNS; a day is compared with itself, so that time alone changes nothing."""
        now, kept, first, always = (_open(one) for one in (self.now, self.kept, self.first, self.always))
        return (
            1, int(now), int(first and not kept), int(kept and not first), int(always and not now),
            int(now and not always),
        )  # fmt: skip


def newest(version: PolicyVersion) -> Simulation | None:
    """Return the newest answer for a version."""
    return Simulation.objects.filter(draft=version).select_related("against", "by").first()


def running(version: PolicyVersion) -> Job | None:
    """Return the work on a version that is not over, or that failed after the newest answer."""
    last = Job.objects.filter(name="incentives.simulate", key__startswith=f"{version.pk}:").order_by("-pk").first()
    return None if last is None or last.state == JobState.DONE else last


def ask(version: PolicyVersion, *, by: User) -> Job:
    """Ask for the answer, against the version in force today. NotPossible says why not."""
    if not is_rcsc(None, by):
        raise NotPossible("Only the RCSC asks what a version would change.", forbidden=True)
    against = policy_on(clock.today()).row
    if against.pk == version.pk:
        raise NotPossible("This version is in force. Prepare a draft, and ask what the draft would change.")
    if version.state in (PolicyState.SUPERSEDED, PolicyState.WITHDRAWN):
        raise NotPossible("This version is over.")
    return enqueue("incentives.simulate", f"{version.pk}:{uuid4().hex}", by_id=by.pk)


def simulate(job: RunningJob) -> None:
    """Evaluate everybody with a verified record under both versions, BATCH at a time, and store the tables."""
    draft = PolicyVersion.objects.get(pk=int(job.key.split(":")[0]))
    against, day = policy_on(clock.today()).row, clock.today()
    pks = list(RecordHolder.objects.filter(person__is_active=True).order_by("pk").values_list("pk", flat=True))
    old, new = against.rules, draft.rules
    seen: dict[int, _Seen] = {}
    parts = max(1, -(-len(pks) // BATCH))  # how many people there are is told to nobody exactly
    for start in range(0, len(pks), BATCH):
        job.progress(start // BATCH, parts, f"Part {start // BATCH + 1} of {parts}")
        some = pks[start : start + BATCH]
        found, bases = facts_for(list(User.objects.filter(pk__in=some)), day), _bases(some)
        for pk, facts in found.items():
            events = tuple(rescored(event, new, bases[pk]) for event in facts.events)
            seen[pk] = _look(old, new, facts, events, (day, max(day, draft.valid_from)))
    job.progress(parts, parts, "Writing the tables")
    result = _tables(seen) | {"rules": _rules(seen, old, new)}
    with job.completing():
        Simulation.objects.create(
            draft=draft, against=against, day=day, people=len(pks), result=result,
            by=User.objects.get(pk=job.requested_by_id or 0), at=clock.now(),
        )  # fmt: skip


def _look(old: Policy, new: Policy, facts: Facts, events: tuple[Event, ...], days: tuple[date, date]) -> _Seen:
    """Return one person's answers; everybody is taken as nominated, and a fact that is not known as met."""
    today, first = days
    facts = replace(facts, nominated=Fact(True, "taken as nominated", today))
    return _Seen(
        evaluate(old, facts, today), evaluate(old, facts, first), evaluate(new, facts, first),
        evaluate(new, replace(facts, events=events), today),
    )  # fmt: skip


def _open(evaluation: Evaluation) -> bool:
    return all(rule.passed is not False for rule in evaluation.rules)


def rescored(event: Event, new: Policy, bases: Mapping[str, Basis]) -> Event:
    """Return the event with the tenths that it would give under the new version; what takes points back stays."""
    if event.reverses:
        return event
    return replace(event, tenths=scored(new, event.code, event.stage, bases[event.key], event.counts_on))


def _bases(pks: Sequence[int]) -> dict[int, dict[str, Basis]]:
    """Return person -> key of an event -> what its points were worked out from; one query."""
    found: dict[int, dict[str, Basis]] = defaultdict(dict)
    rows = PointEvent.objects.filter(person__in=pks, reverses=None).order_by()
    for person, source, basis in rows.values_list("person", "source", "basis"):
        found[person][source] = basis_of_row(basis)
    return found


def _tables(seen: Mapping[int, _Seen]) -> dict[str, list[Row]]:
    """Return grouping -> rows in words; with one row for everybody first."""
    groups = {pk: names for pk, names in groups_of_people().items() if pk in seen}
    family = {level: FAMILIES.get(level.rstrip("0123456789"), level) for _, level, _ in groups.values()}
    by = {
        "Everybody": dict.fromkeys(groups, EVERYBODY),
        FAMILY: {pk: family[names[1]] for pk, names in groups.items()},
        LEVEL: {pk: names[1] for pk, names in groups.items()},
        "Dzongkhag": {pk: names[0] for pk, names in groups.items()},
        "Gender, where known": {pk: names[2] for pk, names in groups.items()},
    }
    tables = {title: _counted(names, seen) for title, names in by.items()}
    told = told_together(tables, inside={LEVEL: (FAMILY, family)})
    return {title: _as_rows(rows) for title, rows in told.items()}


def _counted(names: Mapping[int, str], seen: Mapping[int, _Seen]) -> Table:
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for pk, name in names.items():
        counts[name] = [have + more for have, more in zip(counts[name], seen[pk].row, strict=True)]
    return counts


def _as_rows(groups: Iterable[Group]) -> list[Row]:
    return [[group.name, list(group.cells)] for group in groups]


def _rules(seen: Mapping[int, _Seen], old: Policy, new: Policy) -> list[Row]:
    """Return per rule of the new version how many meet it in each of RULE_COLUMNS."""
    counts = {
        rule.label: [
            sum(_meets(one.now, key) for one in seen.values()), sum(_meets(one.kept, key) for one in seen.values()),
            sum(_meets(one.first, key) for one in seen.values()),
        ]
        for key, rule in new.rules.items()
    }  # fmt: skip
    return _as_rows(told_apart(counts))


def _meets(evaluation: Evaluation, key: str) -> bool:
    """Tell whether the rule does not stand in the way: a rule that is off never does."""
    return not any(rule.key == key and rule.passed is False for rule in evaluation.rules)


def earnings_beside(version: PolicyVersion, against: PolicyVersion) -> list[tuple[Earning, Earning]]:
    """Return per kind of project what it earns under `against` and under `version`."""
    return list(zip(earnings(against.rules), earnings(version.rules), strict=True))
