"""The one-page report of each quarter in which a grant runs (domain: Report; scheduled, open, and so on)."""

from collections.abc import Iterator
from datetime import date, timedelta

from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.fiscal import quarter_bounds
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user

from ..enums import RUNNING, ReportState
from ..limits import QUARTER_LEAST_DAYS, QUARTER_REPORT_DAYS, QUARTERLY_FROM_DAYS
from ..models import Grant, Report
from .payments import open_payments
from .telling import tell_team


def quarters_of(starts_on: date, ends_on: date) -> Iterator[tuple[date, date]]:
    """Yield (first day, last day) of each quarter to report on; the end itself has the last milestone's report.

    A short grant has none, nor has a quarter of which it ran only a few days.
    """
    if (ends_on - starts_on).days < QUARTERLY_FROM_DAYS:
        return
    first, last = starts_on, quarter_bounds(starts_on)[1]
    while last < ends_on:
        if (last - first).days + 1 >= QUARTER_LEAST_DAYS:
            yield first, last
        first, last = last + timedelta(days=1), quarter_bounds(last + timedelta(days=1))[1]


def plan(grant: Grant) -> None:
    """Schedule the reports of the quarters that are not over yet; what is scheduled already stays.

    Call inside a change that holds the grant.
    """
    for number, first, last in _lacking(grant):
        Report.objects.create(
            grant=grant, quarter=number, covers_from=first, covers_until=last,
            due_on=last + timedelta(days=QUARTER_REPORT_DAYS), state=ReportState.SCHEDULED,
        )  # fmt: skip


def _lacking(grant: Grant) -> list[tuple[int, date, date]]:
    known = {report.quarter for report in grant.reports.all()}
    found = quarters_of(grant.starts_on, grant.ends_on) if grant.starts_on else ()
    rows = ((number, first, last) for number, (first, last) in enumerate(found, start=1))
    return [row for row in rows if row[0] not in known and row[2] >= clock.today()]


def open_due() -> int:
    """Schedule what a running grant lacks, and open the reports of quarters that are over; returns how many opened."""
    for grant in Grant.objects.filter(state__in=RUNNING).prefetch_related("reports").order_by("pk"):
        if _lacking(grant):
            with locked([grant]):
                plan(Grant.objects.get(pk=grant.pk))
    due = Report.objects.filter(state=ReportState.SCHEDULED, covers_until__lt=clock.today(), grant__state__in=RUNNING)
    opened = 0
    for report in due.select_related("grant").order_by("pk"):
        try:
            perform(report, "fall_due", by=system_user())
        except NotPossible:  # skipped, or the grant has ended, since
            continue
        opened += 1
        words = f"“{report.grant.title}”: one page, begun from your readings and notes. It is due on "
        tell_team(report.grant, f"quarter:{report.pk}", f"{report}: write it now", f"{words}{report.due_on:%-d %B %Y}.")
    return opened


@act
def skip_report(report: Report, *, by: User, note: str = "") -> Report:
    """Do without a report, with a reason; payments that waited for it open."""
    with changing(report, "pass_over") as fresh:
        fresh = perform(fresh, "pass_over", by=by, note=note)
        open_payments(fresh.grant)
        if not by.is_system:  # the end of the grant is told once, not for each quarter that is left
            words = f"“{fresh.grant.title}”. Reason: {note}"
            tell_team(fresh.grant, f"skipped:{fresh.pk}", f"{fresh} is not needed", words)
        return fresh


def skip_rest(grant: Grant) -> None:
    """Ask for no further quarter of a grant that ends; call inside a change that holds the grant's family."""
    for report in grant.reports.filter(quarter__isnull=False, state__in=(ReportState.SCHEDULED, ReportState.OPEN)):
        skip_report(report, by=system_user(), note="The grant has ended.")
