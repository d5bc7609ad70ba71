"""What a human should look at: signals of claims that may be too good, each with its evidence."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import mean, stdev

from lifecycle import trail
from lifecycle.models import TrailEntry
from people.enums import TEAM_PARTS
from people.models import EmploymentSnapshot, Involvement
from proposals.models import Version

from .enums import OutcomeState, SignalKind, Verdict
from .models import Contribution, Outcome, Share, SignalReview

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
    """Return the signals that nobody has looked at, newest claims first; the same queries for any number of claims."""
    rows = list(
        Outcome.objects.exclude(state__in=UNCLAIMED)
        .select_related("grant__lead", "grant__lead_agency", "verified_by", "evidence_file")
        .order_by("-claimed_at", "-pk")
    )
    seen = set(SignalReview.objects.values_list("outcome", "kind"))
    found = [*_near(rows), *_same_text(rows), *_late_members(rows), *_just_above(rows), *_lenient(rows)]
    found += [*_late_baselines(rows), *_superiors(rows), *_same_files(rows)]
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


def _late_baselines(rows: list[Outcome]) -> Iterator[Signal]:
    """Yield the claims whose proposal once stood with another figure of today."""
    changed = Version.objects.filter(number__gt=1, proposal__case__in=[row.case for row in rows])
    found = Version.objects.filter(proposal__in=changed.values("proposal")).order_by("number")
    said: dict[object, list[tuple[int, str]]] = defaultdict(list)
    for case, number, content in found.values_list("proposal__case", "number", "content"):
        figure = str(json.loads(content)["sections"].get("measure", {}).get("baseline", ""))
        if figure and (not said[case] or said[case][-1][1] != figure):
            said[case].append((number, figure))
    for row in rows:
        if len(said[row.case]) > 1:
            steps = ", then ".join(f"{figure} in version {number}" for number, figure in said[row.case])
            yield Signal(SignalKind.LATE_BASELINE, row, f"{row.indicator}, today: {steps}.")


def _superiors(rows: list[Outcome]) -> Iterator[Signal]:
    """Yield the claims where an approver's or a line manager's percent rose after the shares were first written."""
    grants = {row.grant_id: row for row in rows}
    keys = {trail.stream_key(one): one.grant_id for one in Contribution.objects.filter(grant__in=grants)}
    entries = TrailEntry.objects.filter(stream__key__in=keys, action__in=("shares_written", "shares_settled"))
    written: dict[int, list[dict[str, int]]] = defaultdict(list)
    for key, text in entries.order_by("seq").values_list("stream__key", "payload__text"):
        if text:  # retention may have blanked it
            written[keys[key]].append(json.loads(text)["changes"]["shares"][1])
    several = {grant: said for grant, said in written.items() if len(said) > 1}
    people = {int(pk) for said in several.values() for pk in said[0]}
    posts = EmploymentSnapshot.objects.filter(person__in=people).values_list("person", "line_manager")
    manages: dict[int | None, set[int]] = defaultdict(set)
    for person, manager in posts:
        manages[manager].add(person)
    for grant, said in several.items():
        team = {int(pk) for pk in said[0]}
        above = {pk for pk in team if manages[pk] & team or pk == grants[grant].grant.sponsor_id}
        risen = [pk for pk in above if said[-1].get(str(pk), 0) > said[0].get(str(pk), 0)]
        for pk in sorted(risen):
            words = f"From {said[0][str(pk)]} % to {said[-1][str(pk)]} % for somebody who leads others of the team."
            yield Signal(SignalKind.SUPERIOR_UP, grants[grant], words)


def _same_files(rows: list[Outcome]) -> Iterator[Signal]:
    by_file: dict[str, list[Outcome]] = defaultdict(list)
    for row in rows:
        if row.evidence_file is not None:
            by_file[row.evidence_file.sha256].append(row)
    for same in by_file.values():
        for row in same if len(same) > 1 else ():
            others = ", ".join(f"“{other.grant.title}”" for other in same if other.pk != row.pk)
            yield Signal(SignalKind.SAME_FILE, row, f"The same file stands behind {others}.")
