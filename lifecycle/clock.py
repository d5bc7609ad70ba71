"""One injectable clock. All stored times are aware UTC; people see Asia/Thimphu."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)
_arrival: ContextVar[datetime | None] = ContextVar("arrival", default=None)


def now() -> datetime:
    """Return the current time, aware, in UTC (the injected one inside `frozen`)."""
    return _frozen.get() or datetime.now(UTC)


def arrival() -> datetime:
    """Return when the present request arrived; outside a request, `now()`."""
    return _arrival.get() or now()


def today() -> date:
    """Return the calendar day in the country's time zone, never the machine's."""
    return timezone.localtime(now()).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Run the block as if it were `moment` (aware), for tests and the demo fund."""
    if moment.tzinfo is None:
        raise ValueError("frozen() needs an aware datetime.")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def arrived(moment: datetime) -> Iterator[None]:
    """Fix the arrival time for the block; deadlines are judged by it."""
    token = _arrival.set(moment)
    try:
        yield
    finally:
        _arrival.reset(token)


def shift(**parts: float) -> datetime:
    """Return `now()` moved by a timedelta given as keyword parts (days=…, hours=…)."""
    return now() + timedelta(**parts)
