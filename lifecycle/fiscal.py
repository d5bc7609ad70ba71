"""Bhutan's fiscal year: 1 July to 30 June, named by the year it starts in."""

from datetime import date, timedelta

FIRST_MONTH = 7  # July, Public Finance Act


def fiscal_year(day: date) -> int:
    """Return the starting year of the fiscal year that holds `day`."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def fiscal_label(year: int) -> str:
    """Return e.g. `2026-27` for the fiscal year that starts in 2026."""
    return f"{year}-{(year + 1) % 100:02d}"


def quarter_bounds(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter that holds `day`; fiscal quarters are the calendar's."""
    month = (day.month - 1) // 3 * 3 + 1
    following = date(day.year + 1, 1, 1) if month == 10 else date(day.year, month + 3, 1)
    return date(day.year, month, 1), following - timedelta(days=1)


def fiscal_bounds(year: int) -> tuple[date, date]:
    """Return the first and the last day of the fiscal year."""
    return date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH - 1, 30)
