"""Milestones, reports and field notes."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user

from ..enums import ACCOUNTS_OPEN, UNPAID, MilestoneState
from ..models import FieldNote, Grant, Milestone, Report
from ..money_guards import grant_is_running
from ..policies import may_work
from .evidence import keep, looked_at
from .once import key_of, recorded
from .payments import open_payments
from .telling import tell_team


@act
def submit_milestone(
    milestone: Milestone, *, by: User, note: str = "", evidence: str = "", uploads: Sequence[Any] = ()
) -> Milestone:
    """Hand in a milestone with what shows that it is done, and its files. NotPossible without evidence."""
    if not evidence.strip():
        raise NotPossible("Say what shows that the milestone is reached.")
    found = looked_at(uploads)
    with changing(milestone, "submit") as fresh:
        fresh = perform(fresh, "submit", by=by, note=note, evidence=evidence, at=clock.now())
        keep(fresh, found, by=by)
        return fresh


@act
def accept_milestone(milestone: Milestone, *, by: User, note: str = "") -> Milestone:
    """Accept it; the next milestone begins and its payment opens."""
    return _move_on(milestone, "accept", "was accepted", by, note)


@act
def waive_milestone(milestone: Milestone, *, by: User, note: str = "") -> Milestone:
    """Do without it, with a reason; the next milestone begins and its payment opens."""
    _refuse_without_reason(note)
    return _move_on(milestone, "waive", "is no longer needed", by, note)


@act
def miss_milestone(milestone: Milestone, *, by: User, note: str = "") -> Milestone:
    """Record, with a reason, that it was not reached; the payment that waited for it is cancelled."""
    _refuse_without_reason(note)
    return _move_on(milestone, "mark_not_met", "was not reached", by, note)


def _move_on(milestone: Milestone, name: str, words: str, by: User, note: str) -> Milestone:
    with changing(milestone, name) as fresh:
        fresh = perform(fresh, name, by=by, note=note)
        if fresh.state == MilestoneState.NOT_MET:
            for tranche in fresh.tranches.filter(state__in=UNPAID):
                perform(tranche, "cancel", by=system_user())
        following = fresh.grant.milestones.filter(state__in=(MilestoneState.PLANNED, MilestoneState.IN_PROGRESS))
        upcoming = following.order_by("position").first()
        if upcoming is not None and upcoming.state == MilestoneState.PLANNED:
            perform(upcoming, "begin", by=system_user())
        open_payments(fresh.grant)
        _tell(fresh, words, note)
        return fresh


@act
def return_milestone(milestone: Milestone, *, by: User, note: str = "") -> Milestone:
    """Send it back with a reason that the team reads."""
    _refuse_without_reason(note)
    with changing(milestone, "send_back") as fresh:
        fresh = perform(fresh, "send_back", by=by, note=note)
        _tell(fresh, "was returned", note)
        return fresh


@act
def submit_report(
    report: Report, *, by: User, note: str = "", done: str = "", measured: str = "", next_steps: str = ""
) -> Report:
    """Hand in the one-page report; payments that waited for it open. NotPossible without what was done."""
    if not done.strip():
        raise NotPossible("Say what was done.")
    with changing(report, "submit") as fresh:
        texts = {"done": done, "measured": measured, "next_steps": next_steps}
        fresh = perform(fresh, "submit", by=by, note=note, at=clock.now(), **texts)
        open_payments(fresh.grant)
        return fresh


@act
def return_report(report: Report, *, by: User, note: str = "") -> Report:
    """Send it back with a reason that the team reads."""
    _refuse_without_reason(note)
    with changing(report, "send_back") as fresh:
        fresh = perform(fresh, "send_back", by=by, note=note)
        _tell(fresh, "was returned", note)
        return fresh


def add_note(grant: Grant, *, by: User, happened_on: date, text: str, key: UUID | None = None) -> FieldNote:
    """Record what `by` did on a day. NotPossible for others than the team, later days, or days after the grant's end.

    The same `key` (of one opened page) again records nothing and answers like the first.
    """
    with locked([grant]):
        fresh = Grant.objects.get(pk=grant.pk)
        if not may_work(fresh, by):
            raise NotPossible("Only the team writes field notes.", forbidden=True)
        first: FieldNote | None = recorded(FieldNote, key, grant=fresh, person=by, happened_on=happened_on, text=text)
        if first is not None:
            return first
        if happened_on > clock.today():
            raise NotPossible("The day cannot lie in the future.")
        said = {"happened_on": happened_on, "text": text, **key_of(key)}
        note = FieldNote(grant=fresh, person=by, written_at=clock.now(), **said)
        _refuse_after_end(note)
        note.save()
        trail.record(fresh, action="noted", by=by, changes={"note": [None, note.pk]})
        return note


def _refuse_after_end(note: FieldNote) -> None:
    """Let work be noted late, and refuse work after the end: shares are agreed on what is recorded (domain: shares)."""
    grant = note.grant
    if grant_is_running.holds(note):
        return
    ends = trail.entries_of(grant).filter(action__in=("stop_early", "complete", "terminate"))
    ended = ends.values_list("at", flat=True).first()
    if grant.state not in ACCOUNTS_OPEN or ended is None:
        raise NotPossible(grant_is_running.reason)
    last = timezone.localtime(ended).date()
    if note.happened_on > last:
        raise NotPossible(f"The grant ended on {last:%-d %B %Y}. Enter a day until then.")


def _refuse_without_reason(note: str) -> None:
    if not note.strip():
        raise NotPossible("Give a reason: the team reads it.")


def _tell(part: Milestone | Report, words: str, note: str) -> None:
    reason = f" Reason: {note}" if note else ""
    entry = trail.entries_of(part).values_list("seq", flat=True)[0]
    key = f"{part._meta.model_name}:{part.pk}:{entry}"
    tell_team(part.grant, key, f"{part} {words}", f"“{part.grant.title}”: {part} {words}.{reason}")
