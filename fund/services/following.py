"""Readings of the promised measure, and the question that one past a stop rule asks."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import User

from .. import stop_rules
from ..enums import RUNNING, GrantState, StopChoice
from ..models import Grant, Reading, StopAnswer
from ..policies import may_lead_grant, may_work
from .once import key_of, recorded
from .telling import tell, tell_team

QUESTION = "Go on, change or stop?"


def read_measure(
    grant: Grant, *, by: User, measured_on: date, value: Decimal, source: str, key: UUID | None = None
) -> Reading:
    """Record the promised measure on a day. One past a stop rule asks the team, in the same transaction.

    The same `key` (of one opened page) again records nothing and answers like the first.
    """
    with locked([grant]):
        fresh = Grant.objects.get(pk=grant.pk)
        said: dict[str, Any] = {"grant": fresh, "measured_on": measured_on, "value": value, "source": source, "by": by}
        first: Reading | None = recorded(Reading, key, **said)
        if first is not None:
            return first
        _refuse(fresh, by, measured_on)
        stops = stop_rules.passes(fresh.terms, value, measured_on)
        reading = Reading.objects.create(**said, at=clock.now(), stops=stops, **key_of(key))
        trail.record(fresh, action="measured", by=by, changes={"reading": [None, reading.pk]}, note=f"{value:f}")
        if reading.stops:
            words = f"The reading of {measured_on:%-d %B %Y} meets a stop rule of “{fresh.title}”. {QUESTION}"
            tell_team(fresh, f"stop:{reading.pk}", QUESTION, words)
            tell(fresh, fresh.sponsor, f"stop:{reading.pk}", "A stop rule is met", words)
        return reading


def _refuse(grant: Grant, by: User, measured_on: date) -> None:
    if not may_work(grant, by):
        raise NotPossible("Only the team records readings.", forbidden=True)
    if grant.state not in RUNNING:
        raise NotPossible("The grant is not running.")
    if measured_on > clock.today():
        raise NotPossible("The day cannot lie in the future.")


def answer_stop(reading: Reading, *, by: User, choice: str, reason: str) -> StopAnswer:
    """Answer, once, whether the team goes on, changes its plan or stops. NotPossible for all but lead and deputy."""
    with locked([reading.grant]):
        grant = Grant.objects.get(pk=reading.grant_id)
        if not may_lead_grant(grant, by):
            raise NotPossible("The lead or the deputy lead answers this.", forbidden=True)
        if grant.state != GrantState.ACTIVE:
            raise NotPossible("The grant is not running.")
        if not reading.stops:
            raise NotPossible("This reading passes no stop rule.")
        if StopAnswer.objects.filter(reading=reading).exists():
            raise NotPossible("This was answered already.")
        if not reason.strip():
            raise NotPossible("Give a reason: it is read by all who follow the grant.")
        answer = StopAnswer.objects.create(reading=reading, choice=choice, reason=reason, by=by, at=clock.now())
        trail.record(grant, action="answered_stop", by=by, note=f"{StopChoice(choice).label}: {reason}")
        return answer
