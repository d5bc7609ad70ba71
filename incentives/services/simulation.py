"""What a version of the points policy would change, in numbers of people by group; no names, small groups hidden."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from lifecycle import clock
from lifecycle.enums import JobState
from lifecycle.errors import NotPossible
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User

from ..enums import PolicyState
from ..models import Outcome, PolicyVersion, RecordHolder, Simulation
from ..policies import is_rcsc
from ..rules.counting import Event
from ..rules.eligibility import Evaluation, evaluate
from ..rules.facts import Fact, Facts
from ..rules.policy import OPEN, Policy
from ..takeup import groups_of_people, suppressed
from .eligibility import BATCH
from .facts import facts_for
from .points_policy import policy_on
from .versions import earnings

COLUMNS = (
    "With a verified record", "Open now", "Newly open on its first day", "No longer open on its first day",
    "Newly open had it always held", "No longer open had it always held",
)  # fmt: skip
RULE_COLUMNS = ("Met now", "Met under this version")
EVERYBODY = "Everybody"
Row = list[Any]  # name of the group, its cells
FAMILIES = {
    "EX": "Executive", "ES": "Specialist", "P": "Professional and management", "SS": "Supervisory and support",
    "S": "Supervisory and support", "O": "Operational",
}  # fmt: skip


@dataclass(frozen=True)
class _Seen:
    """One person's answers: open now, on the first day of the draft, and had it always held; rules met by key."""

    now: bool
    first: bool
    always: bool
    met_now: frozenset[str]
    met_then: frozenset[str]

    @property
    def row(self) -> tuple[int, ...]:
        """Return 0 or 1 for each of COLUMNS."""
        return (
            1, int(self.now), int(self.first and not self.now), int(self.now and not self.first),
            int(self.always and not self.now), int(self.now and not self.always),
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
    if version.state == PolicyState.SUPERSEDED:
        raise NotPossible("This version is over.")
    return enqueue("incentives.simulate", f"{version.pk}:{uuid4().hex}", by_id=by.pk)


def simulate(job: RunningJob) -> None:
    """Evaluate everybody with a verified record under both versions, BATCH at a time, and store the tables."""
    draft = PolicyVersion.objects.get(pk=int(job.key.split(":")[0]))
    against, day = policy_on(clock.today()).row, clock.today()
    pks = list(RecordHolder.objects.filter(person__is_active=True).order_by("pk").values_list("pk", flat=True))
    old, new = against.rules, draft.rules
    seen: dict[int, _Seen] = {}
    for start in range(0, len(pks), BATCH):
        job.progress(start, len(pks), f"{start} of {len(pks)} people")
        found = facts_for(list(User.objects.filter(pk__in=pks[start : start + BATCH])), day)
        ambitions = _ambitions(found.values())
        for pk, facts in found.items():
            seen[pk] = _look(old, new, facts, max(day, draft.valid_from), ambitions)
    job.progress(len(pks), max(len(pks), 1), "Writing the tables")
    result = _tables(seen) | {"rules": _rules(seen, old, new)}
    with job.completing():
        Simulation.objects.create(
            draft=draft, against=against, day=day, people=len(pks), result=result,
            by=User.objects.get(pk=job.requested_by_id or 0),
            at=clock.now(),
        )  # fmt: skip


def _look(old: Policy, new: Policy, facts: Facts, day: date, ambitions: Mapping[str, str]) -> _Seen:
    """Return one person's answers; everybody is taken as nominated, and a fact that is not known as met."""
    facts = replace(facts, nominated=Fact(True, "taken as nominated", day))
    always = replace(facts, events=tuple(rescored(event, old, new, ambitions) for event in facts.events))
    now, first, long = evaluate(old, facts, day), evaluate(new, facts, day), evaluate(new, always, day)
    return _Seen(_open(now), _open(first), _open(long), _met(now), _met(first))


def _open(evaluation: Evaluation) -> bool:
    return all(rule.passed is not False for rule in evaluation.rules)


def _met(evaluation: Evaluation) -> frozenset[str]:
    return frozenset(rule.key for rule in evaluation.rules if rule.passed is not False)


def rescored(event: Event, old: Policy, new: Policy, ambitions: Mapping[str, str]) -> Event:
    """Return the event with its tenths in the proportion of the two versions' bases, cut to a tenth."""
    ambition = ambitions.get(event.key.split(":")[0], OPEN)
    before, after = (policy.base(event.code, event.stage, ambition) for policy in (old, new))
    sign = -1 if event.tenths < 0 else 1
    return replace(event, tenths=sign * (abs(event.tenths) * after // before))


def _ambitions(found: Iterable[Facts]) -> dict[str, str]:
    """Return case as text -> ambition class of its result; one query."""
    cases = {event.key.split(":")[0] for facts in found for event in facts.events if ":outcome:" in event.key}
    cases |= {event.key.split(":")[0] for facts in found for event in facts.events if ":learning:" in event.key}
    rows = Outcome.objects.filter(case__in=[UUID(case) for case in cases]).values_list("case", "ambition")
    return {str(case): ambition for case, ambition in rows}


def _tables(seen: Mapping[int, _Seen]) -> dict[str, list[Row]]:
    """Return grouping -> rows, small groups hidden; with one row for everybody first."""
    groups = {pk: names for pk, names in groups_of_people().items() if pk in seen}
    families = {pk: FAMILIES.get(level.rstrip("0123456789"), level) for pk, (_, level, _) in groups.items()}
    by = {
        "Everybody": dict.fromkeys(groups, EVERYBODY),
        "Job family, as the position level names it": families,
        "Position level": {pk: names[1] for pk, names in groups.items()},
        "Dzongkhag": {pk: names[0] for pk, names in groups.items()},
        "Gender, where known": {pk: names[2] for pk, names in groups.items()},
    }
    return {title: _counted(names, seen) for title, names in by.items()}


def _counted(names: Mapping[int, str], seen: Mapping[int, _Seen]) -> list[Row]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for pk, name in names.items():
        counts[name] = [have + more for have, more in zip(counts[name], seen[pk].row, strict=True)]
    return [[group.name, list(group.cells)] for group in suppressed(counts)]


def _rules(seen: Mapping[int, _Seen], old: Policy, new: Policy) -> list[Row]:
    """Return per rule of the new version how many meet it under each; small figures hidden."""
    counts = {}
    for key, rule in new.rules.items():
        then = sum(key in one.met_then for one in seen.values()) if rule.on else len(seen)
        now = sum(key in one.met_now for one in seen.values()) if old.rules[key].on else len(seen)
        counts[rule.label] = [now, then]
    return [[group.name, list(group.cells)] for group in suppressed(counts)]


def earnings_beside(version: PolicyVersion, against: PolicyVersion) -> list[tuple[str, str, str, str, str]]:
    """Return per stage: one result alone and the most in the window, under `against` and under `version`."""
    before, after = earnings(against.rules), earnings(version.rules)
    return [(new[0], old[1], new[1], old[2], new[2]) for old, new in zip(before, after, strict=True)]
