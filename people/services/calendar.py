"""Business days: Monday to Friday without the holidays of the table."""

from datetime import date, timedelta

from lifecycle.remembering import remembered

from ..models import Holiday


@remembered
def _holidays() -> frozenset[date]:
    """Return the whole table, some twenty days a year; one query for a page."""
    return frozenset(Holiday.objects.values_list("day", flat=True))


def add_business_days(day: date, count: int) -> date:
    """Return the business day `count` (>= 0) business days after `day`; `day` itself is never counted."""
    holidays = _holidays()
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            count -= 1
    return day


def business_days_between(start: date, end: date) -> int:
    """Return how many business days lie after `start` up to and with `end`; 0 when `end` is not later."""
    holidays = _holidays()
    days = (start + timedelta(days=count) for count in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 and day not in holidays for day in days)


def business_days_after(day: date, count: int) -> list[date]:
    """Return the first `count` business days after `day`."""
    holidays = _holidays()
    found: list[date] = []
    while len(found) < count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            found.append(day)
    return found
