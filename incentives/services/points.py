"""Point events: added, never changed; a mistake is reversed by an event of its own."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import User

from ..models import PointEvent, PolicyVersion
from ..rules.counting import Event
from ..rules.points import Basis
from .grounds import tell_of_taking_back
from .holders import hold


def post(
    *,
    by: User,
    person: User,
    case: UUID,
    code: str,
    tenths: int,
    counts_on: date,
    verified_on: date,
    stage: str,
    source: str,
    policy: PolicyVersion,
    steps: list[list[str]],
    basis: Basis,
) -> PointEvent:
    """Add one person's points for one contribution; the same again gives the same row.

    Call inside the transaction of the fact, whose act says who may. NotPossible where the source already gave
    another figure or its points were taken back: that needs a new source.
    """
    row, created = PointEvent.objects.get_or_create(
        source=source, person=person, code=code,
        defaults={
            "case": case, "tenths": tenths, "counts_on": counts_on, "verified_on": verified_on, "stage": stage,
            "policy": policy, "steps": steps, "basis": asdict(basis), "at": clock.now(),
        },
    )  # fmt: skip
    if created:
        trail.record(row, action="points_posted", by=by)
        hold(person)
    elif row.tenths != tenths or PointEvent.objects.filter(reverses=row).exists():
        raise NotPossible("Points for this are already on the record and differ. They are taken back, then given anew.")
    return row


def reverse(event: PointEvent, *, by: User, reason: str) -> PointEvent:
    """Take an event back by a negative one; once. NotPossible without a reason, or for what is itself a reversal."""
    if not reason.strip():
        raise NotPossible("Say why the points are taken back.")
    if event.reverses_id is not None:
        raise NotPossible("This already takes points back.")
    row, created = PointEvent.objects.get_or_create(
        reverses=event,
        defaults={
            "person": event.person, "case": event.case, "code": event.code, "tenths": -event.tenths,
            "counts_on": event.counts_on, "verified_on": clock.today(), "stage": event.stage,
            "source": f"{event.source}:reversed", "policy": event.policy,
            "steps": [["Taken back", "", reason]], "basis": event.basis, "at": clock.now(),
        },
    )  # fmt: skip
    if created:
        trail.record(row, action="points_reversed", by=by, note=reason)
        tell_of_taking_back(row)
    return row


def events_of(person: User) -> tuple[Event, ...]:
    """Return the person's events as the rules take them; a reversal names the event that it takes back."""
    return tuple(map(event_of, PointEvent.objects.filter(person=person).select_related("reverses")))


def event_of(row: PointEvent) -> Event:
    """Return one row, with what it reverses joined, as the rules take it."""
    return Event(
        key=row.source, code=row.code, tenths=row.tenths, counts_on=row.counts_on, verified_on=row.verified_on,
        stage=row.stage, reverses=row.reverses.source if row.reverses else "",
    )  # fmt: skip


def basis_of_row(stored: Mapping[str, Any]) -> Basis:
    """Return what the points of a row were worked out from, as the rules take it."""
    return Basis(**{**stored, "members": tuple(map(tuple, stored.get("members", ())))})
