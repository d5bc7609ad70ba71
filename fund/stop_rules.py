"""When a reading passes a stop rule: figures and days of the agreement, without a database."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

RULES = (("stop_figure", "stop_date"), ("second_figure", "second_date"))


def number_of(text: str | None) -> Decimal | None:
    """Return the figure that a text of the agreement is, None when it is none."""
    try:
        found = Decimal((text or "").replace(",", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def higher_is_better(terms: Mapping[str, str]) -> bool:
    """Return the direction as agreed; where it is not said, it follows from baseline and target."""
    if "direction" in terms:
        return terms["direction"] == "higher"
    baseline, target = number_of(terms.get("baseline")), number_of(terms.get("target"))
    return baseline is None or target is None or target >= baseline


def passes(terms: Mapping[str, str], value: Decimal, measured_on: date) -> bool:
    """Tell whether a reading meets a stop rule: not better than its figure, on or after the day it is known by."""
    up = higher_is_better(terms)
    for figure_key, day_key in RULES:
        figure, day = number_of(terms.get(figure_key)), terms.get(day_key)
        if figure is None or (day and measured_on.isoformat() < day):
            continue
        if (value <= figure) if up else (value >= figure):
            return True
    return False
