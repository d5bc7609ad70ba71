"""Turning values into what a spreadsheet or CSV cell may hold."""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Thimphu")
CELL_LENGTH = 32_767  # UTF-16 units; one character more and Excel calls the whole file damaged
MAX_COLUMNS = 200  # of an uploaded table
EXACT = 10**15  # Excel keeps 15 digits; longer numbers go out as text
# openpyxl's ILLEGAL_CHARACTERS_RE, and what XML forbids besides.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A spreadsheet reads these as the start of a formula, also behind spaces, quotes or invisible signs.
_FORMULA = re.compile("^(?:[\\t\\r\\n]|[\\s\"'\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20|%])")


def clean_text(value: object) -> str:
    """Return the text without characters that a workbook cannot hold, cut to 32,767 UTF-16 units."""
    text = _FORBIDDEN.sub("", str(value))
    if len(text) * 2 > CELL_LENGTH:  # only then can it be too long; most texts skip the encoding
        text = text.encode("utf-16-le")[: CELL_LENGTH * 2].decode("utf-16-le", "ignore")
    return text


def starts_like_formula(text: str) -> bool:
    """Say whether a spreadsheet would run the text as a formula when it opens a CSV file."""
    return bool(_FORMULA.match(text))


def local_naive(moment: datetime) -> datetime:
    """Return an aware moment as naive wall time in Thimphu; a naive one is returned as it is."""
    return moment.astimezone(LOCAL).replace(tzinfo=None) if moment.tzinfo else moment


def native(value: object) -> int | float | Decimal | bool | date | timedelta | str | None:
    """Return numbers, dates and truth values as Excel types, everything else as clean text."""
    if value is None or isinstance(value, bool | timedelta):
        return value
    if isinstance(value, int | float | Decimal):
        return value if math.isfinite(value) and abs(float(value)) < EXACT else clean_text(value)
    if isinstance(value, datetime):
        return local_naive(value)
    if isinstance(value, date):
        return value
    return clean_text(value.isoformat() if isinstance(value, time) else value)


def csv_value(value: object) -> int | float | Decimal | str:
    """Return a number as it is, and every other value as text that no spreadsheet will run."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if math.isfinite(value) else clean_text(value)
    if isinstance(value, datetime):
        return (value.astimezone(LOCAL) if value.tzinfo else value).isoformat(timespec="seconds")
    text = clean_text(value.isoformat() if isinstance(value, date | time) else value)
    return f"'{text}" if starts_like_formula(text) else text
