"""The good-faith test as visible checks, each with its evidence (domain: FT-2026.1, F1).

A check is passed on evidence only: what is open makes it “not known yet”, never yes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from fund.enums import SETTLED, FindingKind, FindingState, GrantState, MilestoneState, ReportState
from fund.models import Finding, Grant, Milestone, Reading, Report, Tranche
from lifecycle import clock, trail
from lifecycle.models import TrailEntry
from lifecycle.remembering import remembered
from people.services.calendar import add_business_days

if TYPE_CHECKING:
    from ..models import LearningRecord

EXPLAIN_DAYS = 10  # business days to explain an end that no stop rule asked for
LATE_REPORTS = 1  # at most
ENDS = ("stop", "stop_early", "complete", "terminate")
HANDED_IN = ("submit", "pass_over")
STOPPED = (GrantState.STOPPING, GrantState.STOPPED_EARLY)


@dataclass(frozen=True)
class Check:
    """One condition of good faith: passed, not passed, or (None) not known yet; `quote` is what a person wrote."""

    text: str
    passed: bool | None
    evidence: str
    quote: str = ""


@dataclass(frozen=True)
class _Facts:
    paid_at: datetime | None
    held: bool
    rule_met_on: date | None


Steps = dict[str, dict[str, list[date]]]


@remembered
def checks_of(record: "LearningRecord") -> list[Check]:
    """Return every check; all must pass for F1."""
    grant = record.grant
    marked = list(grant.findings.exclude(kind=FindingKind.OTHER))
    facts = _facts_of(grant)
    milestones, reports = list(grant.milestones.all()), list(grant.reports.select_related("milestone"))
    steps = _steps_of([grant, *milestones, *reports])
    ends = {name: days[-1] for name, days in steps.get(trail.stream_key(grant), {}).items() if name in ENDS}
    return [
        _aim(grant, marked), _registered_first(grant, facts.paid_at),
        _care(record, milestones, reports, steps, ends), _interests(grant, marked, facts.held),
        _ended_well(record, milestones, ends, facts.rule_met_on),
    ]  # fmt: skip


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _facts_of(grant: Grant) -> _Facts:
    """Return when the first tranche was released, whether the result is held, when a stop rule was met; one query."""
    paid = Tranche.objects.filter(grant=OuterRef("pk")).exclude(released_at=None).order_by("released_at")
    met = Reading.objects.filter(grant=OuterRef("pk"), stops=True).order_by("measured_on")
    held = grant.outcome.holds.filter(until=None)
    row = Grant.objects.filter(pk=grant.pk).values_list(
        Subquery(paid.values("released_at")[:1]), Exists(held), Subquery(met.values("measured_on")[:1])
    )
    return _Facts(*row.get())


def _steps_of(rows: list[Grant | Milestone | Report]) -> Steps:
    """Return trail -> step -> the days on which it was taken, the first one first; one query."""
    keys = list(map(trail.stream_key, rows))
    entries = TrailEntry.objects.filter(stream__key__in=keys, action__in=(*ENDS, *HANDED_IN)).order_by("seq")
    found: Steps = {}
    for key, action, at in entries.values_list("stream__key", "action", "at"):
        found.setdefault(key, {}).setdefault(action, []).append(_day(at))
    return found


def _found(rows: Iterable[Finding], clear: str) -> tuple[bool | None, str]:
    """Return what the findings of the audit say together, and the sentence; `clear` where none is left."""
    left = [row for row in rows if not row.refuted]
    if any(row.state == FindingState.CLOSED for row in left):
        return False, "A finding of the audit says otherwise, and stands."
    if left:
        return None, "A finding of the audit about this is open."
    return True, clear


def _aim(grant: Grant, marked: list[Finding]) -> Check:
    clear = f"It was awarded on {_day(grant.offered_at):%-d %B %Y} for the purpose of its call; no finding of the audit"
    rows = [row for row in marked if row.kind == FindingKind.PURPOSE]
    return Check("It was meant for the public good", *_found(rows, f"{clear} says that it served another."))


def _registered_first(grant: Grant, paid_at: datetime | None) -> Check:
    text = "Hypothesis and stop rules were written down before the first spending"
    promise = grant.outcome
    if not (promise.hypothesis.strip() and promise.stop_rule.strip()):
        return Check(text, False, "The signed agreement does not hold both.")
    signed = grant.signed_by_sponsor_at
    if signed is None or (paid_at is not None and paid_at < signed):
        return Check(text, False, "The first payment came before the agreement was signed.")
    paid = f"the first payment came on {_day(paid_at):%-d %B %Y}" if paid_at else "nothing was paid yet"
    return Check(text, True, f"They stand in the agreement, signed on {_day(signed):%-d %B %Y}; {paid}.")


def _care(
    record: "LearningRecord", milestones: list[Milestone], reports: list[Report], steps: Steps, ends: dict[str, date]
) -> Check:
    """Look at all that fell due until the work ended or the record was sent; what is handed in anew counts once.

    A milestone is reported in time by itself or by its report: who says in time that a step is late takes care.
    """
    known = [*ends.values(), clock.today()] + ([_day(record.submitted_at)] if record.submitted_at else [])
    until = min(known)
    late = [row for row in reports if _is_late(row, steps, until)]
    told = {row.milestone_id for row in reports if row not in late}
    asked = [row for row in milestones if row.state != MilestoneState.WAIVED and row.pk not in told]
    silent = [row for row in asked if _is_late(row, steps, until)]
    missed: list[Milestone | Report] = [*silent, *late]
    names = "; ".join(f"{row}, due on {row.due_on:%-d %B %Y}" for row in missed)
    return Check(
        "Milestones were reported in time, and one report at most came late", not silent and len(late) <= LATE_REPORTS,
        f"Milestones not reported in time: {len(silent)}. Late reports: {len(late)}.{f' {names}.' if names else ''}",
    )  # fmt: skip


def _is_late(row: Milestone | Report, steps: Steps, until: date) -> bool:
    """Tell whether its day passed before it was first handed in; a report that the office let go before is not."""
    taken = {name: days[0] for name, days in steps.get(trail.stream_key(row), {}).items()}
    if row.state == ReportState.SKIPPED and taken.get("pass_over", row.due_on) <= row.due_on:
        return False
    return row.due_on < until and taken.get("submit", until) > row.due_on


def _interests(grant: Grant, marked: list[Finding], held: bool) -> Check:
    text = "No undeclared interest and no material breach of the agreement"
    rows = [row for row in marked if row.kind in (FindingKind.INTEREST, FindingKind.BREACH)]
    passed, evidence = _found(rows, "No finding of the audit says so, and nobody holds the result.")
    if passed and held:
        return Check(text, None, "The result is held while somebody looks at it.")
    if passed and not rows and grant.state == GrantState.TERMINATED:
        return Check(text, None, "The board ended the grant. An auditor records whether that was for a breach.")
    return Check(text, passed, evidence)


def _ended_well(
    record: "LearningRecord", milestones: list[Milestone], ends: dict[str, date], met_on: date | None
) -> Check:
    text = "It ran to its end, or a stop rule was met, or the end was explained within ten working days"
    grant = record.grant
    if grant.state == GrantState.COMPLETED:
        return Check(text, True, "It ran to its planned end: the grant is completed.")
    if grant.state in STOPPED:
        return _stopped(text, grant, ends.get("stop", _day(record.opened_at)), met_on)
    if grant.state == GrantState.TERMINATED:
        return _ended_by_board(text, record, ends.get("terminate", _day(record.opened_at)))
    if grant.ends_on <= clock.today() or all(row.state in SETTLED for row in milestones):
        return Check(text, True, "It ran to its planned end.")
    return Check(text, None, f"The grant still runs, as planned until {grant.ends_on:%-d %B %Y}.")


def _stopped(text: str, grant: Grant, asked: date, met_on: date | None) -> Check:
    """Look for a reading that met a stop rule; else the reason that the lead gives when asking to stop explains it."""
    why = grant.stop_reason.strip()
    said = f"The lead asked to stop on {asked:%-d %B %Y}"
    if met_on is not None and met_on <= asked:
        met = f"The reading of {met_on:%-d %B %Y} met a stop rule."
        return Check(text, True, f"{met} {said}{' and wrote:' if why else '.'}", why)
    if not why:
        return Check(text, False, f"{said} and gave no reason; no reading on record meets a stop rule.")
    return Check(text, True, f"{said} and explained it on that day; no reading on record meets a stop rule.", why)


def _ended_by_board(text: str, record: "LearningRecord", ended: date) -> Check:
    """Ask for the record as the team's explanation: sent, for the first time, within EXPLAIN_DAYS."""
    last = add_business_days(ended, EXPLAIN_DAYS)
    first = trail.entries_of(record).filter(action="submit").order_by("seq").values_list("at", flat=True).first()
    board = f"The board ended it on {ended:%-d %B %Y}."
    if first is not None:
        return Check(text, _day(first) <= last, f"{board} The team sent its record on {_day(first):%-d %B %Y}.")
    passed = None if clock.today() <= last else False
    return Check(text, passed, f"{board} The team explains it by sending its record until {last:%-d %B %Y}.")
