"""What a human should look at: signals of claims that may be too good, each with its evidence."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import mean, stdev

from people.enums import TEAM_PARTS
from people.models import Involvement

from .enums import OutcomeState, SignalKind, Verdict
from .models import Outcome, Share, SignalReview

NEAR = Decimal("0.05")  # of the baseline
JUST = Decimal("0.02")  # of the way from baseline to target, above a threshold
LATE_DAYS = 30
LENIENT = 2  # standard deviations above the mean of all verifiers
LEAST_CHECKS = 5  # of a verifier before a mean says anything
UNCLAIMED = (OutcomeState.PRE_REGISTERED, OutcomeState.CLOSED_UNCLAIMED)


@dataclass(frozen=True)
class Signal:
    """One thing to look at."""

    kind: SignalKind
    outcome: Outcome
    evidence: str


def open_signals() -> list[Signal]:
    """Return the signals that nobody has looked at, newest claims first; six queries for any number of claims."""
    rows = list(
        Outcome.objects.exclude(state__in=UNCLAIMED)
        .select_related("grant__lead", "grant__lead_agency", "verified_by")
        .order_by("-claimed_at", "-pk")
    )
    seen = set(SignalReview.objects.values_list("outcome", "kind"))
    found = [*_near(rows), *_same_text(rows), *_late_members(rows), *_just_above(rows), *_lenient(rows)]
    return [signal for signal in found if (signal.outcome.pk, signal.kind) not in seen]


def _near(rows: list[Outcome]) -> Iterator[Signal]:
    for row in rows:
        if abs(row.target - row.baseline) <= NEAR * abs(row.baseline):
            words = f"From {row.baseline.normalize():f} to {row.target.normalize():f} {row.unit}: within 5 %."
            yield Signal(SignalKind.NEAR_BASELINE, row, words)


def _same_text(rows: list[Outcome]) -> Iterator[Signal]:
    by_text: dict[str, list[Outcome]] = defaultdict(list)
    for row in rows:
        by_text[" ".join(row.evidence.lower().split())].append(row)
    for text, same in by_text.items():
        for row in same if text and len(same) > 1 else ():
            others = ", ".join(f"“{other.grant.title}”" for other in same if other.pk != row.pk)
            yield Signal(SignalKind.SAME_TEXT, row, f"The evidence reads word for word as that of {others}.")


def _late_members(rows: list[Outcome]) -> Iterator[Signal]:
    parts = Involvement.objects.filter(case__in=[row.case for row in rows], part__in=TEAM_PARTS)
    parts = parts.select_related("person")
    shares = Share.objects.filter(percent__gt=0).values_list("contribution__grant", "person", "percent")
    percent = {(grant, person): share for grant, person, share in shares}
    joined = defaultdict(list)
    for part in parts:
        joined[part.case].append(part)
    for row in rows:
        end = row.verified_at or row.claimed_at
        late = [
            f"{part.person.full_name} ({percent[row.grant_id, part.person_id]} %)"
            for part in joined[row.case]
            if end and end - timedelta(days=LATE_DAYS) < part.since <= end and (row.grant_id, part.person_id) in percent
        ]
        if late:
            yield Signal(SignalKind.LATE_MEMBER, row, f"Joined in the last {LATE_DAYS} days: {', '.join(late)}.")


def _just_above(rows: list[Outcome]) -> Iterator[Signal]:
    for row in rows:
        if row.verified_endline is None:
            continue
        way = (row.verified_endline - row.baseline) / (row.target - row.baseline)
        for threshold in (Decimal("0.5"), Decimal(1)):
            if threshold <= way < threshold + JUST:
                words = f"{way:.1%} of the way; {threshold:.0%} was needed."
                yield Signal(SignalKind.JUST_ABOVE, row, words)


def _lenient(rows: list[Outcome]) -> Iterator[Signal]:
    checks = Counter(row.verified_by for row in rows if row.verified_by)
    met = Counter(row.verified_by for row in rows if row.verified_by and row.verdict == Verdict.MET)
    rates = {person: met[person] / count for person, count in checks.items() if count >= LEAST_CHECKS}
    for person, rate in rates.items():
        others = [other for one, other in rates.items() if one != person]
        if len(others) > 1 and rate > mean(others) + LENIENT * stdev(others):
            words = f"{person.full_name} found {rate:.0%} of {checks[person]} reached; others {mean(others):.0%}."
            for row in rows:
                if row.verified_by == person:
                    yield Signal(SignalKind.LENIENT, row, words)
