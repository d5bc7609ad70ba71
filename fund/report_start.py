"""What a one-page report begins with, so that nobody types what the fund knows already."""

from decimal import Decimal
from typing import Any

from django.db.models import Max

from people.templatetags.fund import money

from .enums import SETTLED
from .models import Grant, Report

LONGEST = 2000  # characters of one answer
MOST = 20  # notes or readings that are copied


def report_so_far(report: Report) -> dict[str, str]:
    """Return its own words, else field notes and readings: of its quarter, or since the report before it."""
    if report.done:
        return {name: getattr(report, name) for name in ("done", "measured", "next_steps")}
    notes = report.grant.notes.select_related("person").order_by("happened_on", "pk")
    readings = report.grant.readings.order_by("measured_on", "pk")
    if report.covers_from and report.covers_until:
        days = (report.covers_from, report.covers_until)
        notes, readings = notes.filter(happened_on__range=days), readings.filter(measured_on__range=days)
    else:
        earlier = report.grant.reports.exclude(submitted_at=None).exclude(pk=report.pk)
        since = earlier.aggregate(last=Max("submitted_at"))["last"]
        if since:
            notes, readings = notes.filter(written_at__gt=since), readings.filter(at__gt=since)
    unit = report.grant.terms.get("unit", "")
    done = [f"{note.happened_on:%-d %B %Y}, {note.person.full_name}: {note.text}" for note in notes[:MOST]]
    said = [f"{r.measured_on:%-d %B %Y}: {r.value.normalize():f} {unit} ({r.source})" for r in readings[:MOST]]
    steps = _steps(report.grant) if report.quarter else ""
    return {"done": "\n".join(done)[:LONGEST], "measured": "\n".join(said)[:LONGEST], "next_steps": steps}


def _steps(grant: Grant) -> str:
    """Return the milestones that are still to come, each with its day."""
    coming = grant.milestones.exclude(state__in=SETTLED)
    return "\n".join(f"{milestone.title}, due {milestone.due_on:%-d %B %Y}" for milestone in coming)[:LONGEST]


def beside_report(report: Report) -> list[tuple[str, str]]:
    """Return (name, words) of what its writer and its reader need beside it: the promise, the figures, the money."""
    grant, terms = report.grant, report.grant.terms
    newest = grant.readings.first()
    unit = terms.get("unit", "")
    reached = "None yet"
    if newest is not None:
        reached = f"{_figure(newest.value)} {unit} on {newest.measured_on:%-d %B %Y}"
    states = list(grant.milestones.values_list("state", flat=True))
    return [
        ("The measure you promised", terms.get("indicator", "")),
        ("Today and at the end", f"{terms.get('baseline', '')} and {terms.get('target', '')} {unit}"),
        ("Newest reading", reached),
        ("Milestones settled", f"{sum(state in SETTLED for state in states)} of {len(states)}"),
        ("Money", f"{money(grant.disbursed)} paid out, {money(grant.spent)} accounted for"),
    ]


def _figure(value: Any) -> str:
    return f"{Decimal(value).normalize():f}"
