"""Business days: Monday to Friday without the holidays of the table."""

from calendar import monthrange
from datetime import date, timedelta

from lifecycle.remembering import remembered

from ..models import Holiday


@remembered
def holidays() -> frozenset[date]:
    """Return every holiday of the table, some twenty a year; a page with many calls asks once."""
    return frozenset(Holiday.objects.values_list("day", flat=True))


def add_business_days(day: date, count: int) -> date:
    """Return the business day `count` (>= 0) business days after `day`; `day` itself is never counted."""
    free = holidays()
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            count -= 1
    return day


def business_days_between(start: date, end: date) -> int:
    """Return how many business days lie after `start` up to and with `end`; 0 when `end` is not later."""
    free = holidays()
    days = (start + timedelta(days=count) for count in range(1, (end - start).days + 1))
    return sum(day.weekday() < 5 and day not in free for day in days)


def business_days_after(day: date, count: int) -> list[date]:
    """Return the first `count` business days after `day`."""
    free = holidays()
    found: list[date] = []
    while len(found) < count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            found.append(day)
    return found


def months_before(day: date, months: int) -> date:
    """Return the same day `months` calendar months earlier; a day that month lacks becomes its last."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
