"""Steps of arithmetic as data, points in words, calendar months, canonical text."""

import calendar
import json
from dataclasses import dataclass, is_dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Step:
    """One line of a calculation as a person reads it: what, how much, and how it came about."""

    label: str
    figure: str
    how: str


def in_points(tenths: int) -> str:
    """Return whole tenths as points with one decimal, e.g. 165 -> `16.5`."""
    sign, tenths = ("-", -tenths) if tenths < 0 else ("", tenths)
    return f"{sign}{tenths // 10}.{tenths % 10}"


def months_before(day: date, months: int) -> date:
    """Return the same day `months` calendar months earlier; a day that month lacks becomes its last."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def canonical(value: Any) -> str:
    """Return JSON text that is the same bytes for the same value, dates as ISO text, records as objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return vars(value)
    raise TypeError(f"{value!r} has no canonical form.")
