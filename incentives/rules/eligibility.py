"""Eligibility for consideration: twelve rules over facts, each with its source; never a promotion decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lifecycle.fiscal import fiscal_label, fiscal_year

from .counting import count, window
from .facts import Fact, Facts, Rating, Sanction
from .policy import Policy, Rule
from .steps import canonical, in_points, months_before

EXCLUDED, BLOCKED, NOT_YET, ELIGIBLE = "excluded", "blocked_data", "not_yet", "eligible_for_consideration"
OWN_RECORD = "Your record here"
WORDS = {True: "yes", False: "no", None: "not known"}


@dataclass(frozen=True)
class RuleResult:
    """One rule; `passed` is None where an input is missing or stale, and `value` then says which."""

    key: str
    label: str
    passed: bool | None
    value: str
    required: str
    source: str
    as_of: date | None


@dataclass(frozen=True)
class Evaluation:
    """The answer on a day, for the person and an auditor: with values, sources and what would change it."""

    result: str
    day: date
    policy_version: str
    notice: str
    rules: tuple[RuleResult, ...]
    what_would_change: tuple[str, ...]


@dataclass(frozen=True)
class RuleMark:
    """One rule as HR reads it: `met`, `not_met` or `not_known`."""

    key: str
    label: str
    mark: str


@dataclass(frozen=True)
class EvaluationForHR:
    """The answer without any value from which a number could be made."""

    result: str
    day: date
    policy_version: str
    notice: str
    rules: tuple[RuleMark, ...]


@dataclass(frozen=True)
class _Asked:
    policy: Policy
    facts: Facts
    day: date


@dataclass(frozen=True)
class _Found:
    passed: bool | None
    value: str
    required: str
    source: str
    as_of: date | None


def evaluate(policy: Policy, facts: Facts, day: date) -> Evaluation:
    """Return the evaluation on `day`: excluded, else blocked_data, else not_yet, else eligible_for_consideration."""
    asked = _Asked(policy, facts, day)
    rules = [rule.on_day(day) for rule in policy.rules.values() if rule.on]
    results = tuple(_result(rule, CHECKS[rule.key](rule, asked), day) for rule in rules)
    return Evaluation(
        result=_answer(policy, results),
        day=day,
        policy_version=policy.version,
        notice=policy.notice,
        rules=results,
        what_would_change=tuple(change for result in results for change in _change(policy, result)),
    )


def to_json(evaluation: Evaluation) -> str:
    """Return the evaluation as canonical text: the same bytes for the same inputs and policy."""
    return canonical(evaluation)


def without_numbers(evaluation: Evaluation) -> EvaluationForHR:
    """Return what HR, the HR committee and the RCSC may see: met, not met or not known per rule."""
    marks = {True: "met", False: "not_met", None: "not_known"}
    return EvaluationForHR(
        result=evaluation.result,
        day=evaluation.day,
        policy_version=evaluation.policy_version,
        notice=evaluation.notice,
        rules=tuple(RuleMark(rule.key, rule.label, marks[rule.passed]) for rule in evaluation.rules),
    )


def _result(rule: Rule, found: _Found, day: date) -> RuleResult:
    clause = rule.transition
    held = f" (until {clause.until.isoformat()}: {clause.words})" if clause is not None and day <= clause.until else ""
    return RuleResult(rule.key, rule.label, found.passed, found.value, found.required + held, found.source, found.as_of)


def _answer(policy: Policy, results: tuple[RuleResult, ...]) -> str:
    if any(result.passed is False and policy.rules[result.key].excludes for result in results):
        return EXCLUDED
    if any(result.passed is None for result in results):
        return BLOCKED
    return NOT_YET if any(result.passed is False for result in results) else ELIGIBLE


def _change(policy: Policy, result: RuleResult) -> list[str]:
    """Return what would change a rule's answer, in plain words; nothing when it is met."""
    if result.passed:
        return []
    if result.passed is None:
        return [f"{result.label}: we need this fact from {result.source or 'HR'} ({result.value})."]
    now = "not open to you now, because it is" if policy.rules[result.key].excludes else "it is"
    return [f"{result.label}: {now} {result.value}; needed is {result.required}."]


# Each check answers one rule.
Check = Callable[[Rule, _Asked], _Found]


def _missing(rule: Rule, fact: Fact[Any], day: date) -> str:
    """Return why a fact can't be used on `day`; empty when it can."""
    if fact.value is None:
        return "not known"
    if fact.as_of is None or fact.as_of > day:
        return "not known for this day"
    if rule.stale_after_days is not None and fact.as_of < day - timedelta(days=rule.stale_after_days):
        return f"known only as of {fact.as_of.isoformat()}, more than {rule.stale_after_days} days before"
    return ""


def _judge(
    rule: Rule,
    asked: _Asked,
    fact: Fact[Any],
    *,
    required: str,
    test: Callable[[Any], bool],
    say: Callable[[Any], str],
    gap: str = "",
) -> _Found:
    """Judge one fact; a missing, stale or incomplete (`gap`) one is not known, or passes where the policy says so."""
    missing = _missing(rule, fact, asked.day) or gap
    if not missing:
        return _Found(test(fact.value), say(fact.value), required, fact.source, fact.as_of)
    passed, value = (None, missing) if rule.blocks else (True, f"taken as met, because {missing}")
    return _Found(passed, value, required, fact.source, fact.as_of)


def _all(first: _Found, second: _Found) -> _Found:
    """Join two findings of one rule: a failure counts before what is not known."""
    marks = (first.passed, second.passed)
    passed = False if False in marks else None if None in marks else True
    sources = first.source if first.source == second.source else ", ".join(filter(None, [first.source, second.source]))
    days = [day for day in (first.as_of, second.as_of) if day is not None]
    value, required = f"{first.value}; {second.value}", f"{first.required}; {second.required}"
    return _Found(passed, value, required, sources, min(days, default=None))


def _flag(rule: Rule, asked: _Asked, fact: Fact[bool], what: str, wanted: bool) -> _Found:
    return _judge(
        rule, asked, fact, required=f"{what}: {WORDS[wanted]}",
        test=lambda value: value is wanted, say=lambda value: f"{what}: {WORDS[value]}",
    )  # fmt: skip


def _own(asked: _Asked, passed: bool, value: str, required: str) -> _Found:
    return _Found(passed, value, required, OWN_RECORD, asked.day)


def _in_service(rule: Rule, asked: _Asked) -> _Found:
    types = rule.params["employment_types"]
    kind = _judge(
        rule, asked, asked.facts.employment_type, required=" or ".join(types),
        test=lambda value: value in types, say=str,
    )  # fmt: skip
    return _all(kind, _flag(rule, asked, asked.facts.in_service, "in active service", True))


def _level(rule: Rule, asked: _Asked) -> _Found:
    levels = rule.params["levels"]
    required = f"a level from {levels[0]} to {levels[-1]}"
    return _judge(rule, asked, asked.facts.level, required=required, test=lambda value: value in levels, say=str)


def _time_in_level(rule: Rule, asked: _Asked) -> _Found:
    months = rule.params["months"]
    return _judge(
        rule, asked, asked.facts.level_since, required=f"at least {months} months in the level",
        test=lambda since: since <= months_before(asked.day, months), say=lambda since: f"since {since.isoformat()}",
    )  # fmt: skip


def _ratings(rule: Rule, asked: _Asked) -> _Found:
    """Judge the ratings of the window: each year up to the newest rating is known, as rated or as not rated."""
    start, two_of_three = months_before(asked.day, asked.policy.window_months), rule.params["two_of_last_three"]
    known = sorted((r for r in asked.facts.ratings.value or () if r.on <= asked.day), key=lambda rating: rating.on)
    lowest = sum(rating.lowest for rating in known if start < rating.on)
    good = sum(rating.very_good for rating in [rating for rating in known if rating.rated][-3:])
    required = "none in the lowest band" + ("; two of the last three at Very Good or above" if two_of_three else "")
    return _judge(
        rule, asked, asked.facts.ratings, required=required, gap="" if lowest else _unrated(known, start),
        test=lambda ratings: not lowest and (not two_of_three or good >= 2),
        say=lambda ratings: f"{lowest} in the lowest band in {asked.policy.window_months} months",
    )  # fmt: skip


def _unrated(known: list[Rating], start: date) -> str:
    """Say which years that ended in the window nothing is known of; how old the newest may be, another test says."""
    told, first = {fiscal_year(rating.on) for rating in known}, fiscal_year(start + timedelta(days=1))
    gaps = [fiscal_label(year) for year in range(first, max(first + 1, *told, 0)) if year not in told]
    return f"no rating known for {', '.join(gaps)}" if gaps else ""


def _points(rule: Rule, asked: _Asked) -> _Found:
    counted = count(asked.policy, asked.facts.events, asked.day).counted
    needed = rule.params["tenths"]
    return _own(asked, counted >= needed, f"{in_points(counted)} points", f"at least {in_points(needed)} points")


def _anchor(rule: Rule, asked: _Asked) -> _Found:
    inside = window(asked.policy, asked.facts.events, asked.day)
    found = sum(event.code in rule.params["codes"] and event.stage in rule.params["stages"] for event in inside)
    return _own(asked, found >= rule.params["least"], str(found), f"at least {rule.params['least']}")


def _adopted(rule: Rule, asked: _Asked) -> _Found:
    least = rule.params["least"]
    fact = asked.facts.adopted_elsewhere
    return _judge(rule, asked, fact, required=f"at least {least}", test=lambda value: value >= least, say=str)


def _integrity(rule: Rule, asked: _Asked) -> _Found:
    case = _flag(rule, asked, asked.facts.open_case, "open case", False)
    return _all(case, _sanction(rule, asked))


def _sanction(rule: Rule, asked: _Asked) -> _Found:
    """Judge whether a sanction held on any day of the window, though it may have ended since."""
    months = asked.policy.window_months
    start, what = months_before(asked.day, months), f"sanction in {months} months"

    def held(notes: tuple[Sanction, ...]) -> bool:
        known = sorted((note for note in notes if note.on <= asked.day), key=lambda note: note.on)
        at_start = [note for note in known if note.on <= start][-1:]
        return any(note.holds for note in [*at_start, *(note for note in known if note.on > start)])

    return _judge(
        rule, asked, asked.facts.sanctions, required=f"{what}: {WORDS[False]}",
        test=lambda notes: not held(notes), say=lambda notes: f"{what}: {WORDS[held(notes)]}",
    )  # fmt: skip


def _clearance(rule: Rule, asked: _Asked) -> _Found:
    facts, on = asked.facts, effective_date(rule, asked.day).isoformat()
    security = _flag(rule, asked, facts.security_cleared, f"security clearance on {on}", True)
    return _all(security, _flag(rule, asked, facts.audit_cleared, f"audit clearance on {on}", True))


def effective_date(rule: Rule, day: date) -> date:
    """Return the first day on or after `day` on which a promotion takes effect (parameter `effective`)."""
    days = [
        date.fromisoformat(f"{year}-{text}") for year in (day.year, day.year + 1) for text in rule.params["effective"]
    ]
    return min(found for found in days if found >= day)


def _not_before(rule: Rule, asked: _Asked) -> _Found:
    start = months_before(asked.day, rule.params["months"])

    def recent(days: Any) -> list[date]:
        return sorted(day for day in days if start < day <= asked.day)

    return _judge(
        rule, asked, asked.facts.granted, required=f"none in {rule.params['months']} months",
        test=lambda days: not recent(days),
        say=lambda days: ", ".join(f"on {day.isoformat()}" for day in recent(days)) or "none",
    )  # fmt: skip


def _nominated(rule: Rule, asked: _Asked) -> _Found:
    return _flag(rule, asked, asked.facts.nominated, "nominated", True)


def _not_twice(rule: Rule, asked: _Asked) -> _Found:
    inside = {event.key for event in window(asked.policy, asked.facts.events, asked.day)}
    return _judge(
        rule, asked, asked.facts.used_events, required="none",
        test=lambda keys: inside.isdisjoint(keys), say=lambda keys: str(len(inside.intersection(keys))),
    )  # fmt: skip


CHECKS: dict[str, Check] = {
    "E1": _in_service,
    "E2": _level,
    "E3": _time_in_level,
    "E4": _ratings,
    "E5": _points,
    "E6": _anchor,
    "E7": _adopted,
    "E8": _integrity,
    "E9": _clearance,
    "E10": _not_before,
    "E11": _nominated,
    "E12": _not_twice,
}
