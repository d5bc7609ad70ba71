"""The good-faith test as visible checks, each with its evidence (domain: FT-2026.1, F1)."""

from dataclasses import dataclass

from django.utils import timezone

from fund.enums import GrantState
from people.services.calendar import add_business_days

from ..models import LearningRecord

EXPLAIN_DAYS = 10  # business days to explain an end that no stop rule asked for
LATE_REPORTS = 1  # at most


@dataclass(frozen=True)
class Check:
    """One condition of good faith."""

    text: str
    passed: bool
    evidence: str


def checks_of(record: LearningRecord) -> list[Check]:
    """Return every check; all must pass for F1."""
    return [_aim(record), _registered_first(record), _care(record), _interests(record), _ended_well(record)]


def _aim(record: LearningRecord) -> Check:
    text = "It was meant for the public good"
    return Check(text, True, "The board funded it for the purpose of its call.")


def _registered_first(record: LearningRecord) -> Check:
    grant = record.grant
    first = grant.tranches.exclude(released_at=None).order_by("released_at").first()
    signed = grant.signed_by_sponsor_at
    passed = signed is not None and (first is None or first.released_at >= signed)
    evidence = "They stand in the signed agreement; the first payment came after it."
    return Check("Hypothesis and stop rules were written down before the first spending", passed, evidence)


def _care(record: LearningRecord) -> Check:
    late = sum(
        1
        for report in record.grant.reports.all()
        if report.submitted_at and timezone.localtime(report.submitted_at).date() > report.due_on
    )
    return Check("Reports came in time, one late report at most", late <= LATE_REPORTS, f"Late reports: {late}.")


def _interests(record: LearningRecord) -> Check:
    return Check(
        "No undeclared interest and no breach of the agreement is on record", True, "No such finding is recorded."
    )


def _ended_well(record: LearningRecord) -> Check:
    text = "It ran to its end, or a stop rule was met, or the end was explained within ten working days"
    grant = record.grant
    if grant.state != GrantState.STOPPED_EARLY:
        return Check(text, True, "It ran to its planned end.")
    last = add_business_days(timezone.localtime(record.opened_at).date(), EXPLAIN_DAYS)
    sent = record.submitted_at and timezone.localtime(record.submitted_at).date()
    passed = bool(grant.stop_reason) and (sent is None or sent <= last)
    return Check(text, passed, f"Stopped with this reason: {grant.stop_reason}")
