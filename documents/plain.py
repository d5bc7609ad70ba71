"""Plain text and CSV files: what is really something else, or would run in a spreadsheet, is refused."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from .enums import FileFault
from .errors import FileRefused

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)\b", re.IGNORECASE)
_MAIL = re.compile(r"^(?:mime-version|content-type|from)\s*:", re.IGNORECASE | re.MULTILINE)
# A cell that asks another program: =cmd|' /C calc'!A0
_CALLS = re.compile(r"(?:^|[,;\t\"'])\s*[\"']*[=+\-@][^\n]{0,200}\|[^\n]{0,200}!", re.MULTILINE)
# What a spreadsheet runs when it opens the file, also behind spaces and invisible signs; an apostrophe guards a text.
_FORMULA = re.compile('(?:[\\t\\r\\n]|[\\s"\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20])')
# A number, a phone number, a dash that stands for nothing: digits and signs name no function and no place.
_NUMBER = re.compile(r"\s*(?:[+\-]+|[+\-]\s*[(.]?\d[\d\s.,:/%()\-]*(?:[eE][+\-]?\d+)?)\s*")
_NAMES_SOMETHING = re.compile(r"[(|!\[]")
_LONGEST_CELL = 10 * 1024 * 1024  # the reader's own limit would refuse a long text
_STARTS = ("%PDF-", "{\\rtf", "PK\x03\x04", "#!", "MZ")


def _cells(text: str, separator: str) -> Iterator[tuple[int, int, str]]:
    """Yield (row, column, cell), both counted from 1."""
    csv.field_size_limit(_LONGEST_CELL)
    for row, cells in enumerate(csv.reader(StringIO(text, newline=""), delimiter=separator), 1):
        for column, cell in enumerate(cells, 1):
            yield row, column, cell


def _check_cells(text: str) -> None:
    """Refuse the first cell that a spreadsheet would run, whichever sign it takes as the separator.

    Between separators other than the file's own, a dash in a sentence is harmless unless it names something.
    """
    first = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    own = max(",;\t", key=first.count)
    for separator in ",;\t":
        for row, column, cell in _cells(text, separator):
            if not _FORMULA.match(cell) or _NUMBER.fullmatch(cell) or not cell.strip():
                continue
            if separator == own or _NAMES_SOMETHING.search(cell):
                raise FileRefused(FileFault.FORMULA, f"row {row}, column {column}: {cell.strip()[:30]}")


def check_text(content: bytes, *, table: bool = False) -> bytes:
    """Return the text as it is; raises FileRefused, for a `table` also at a cell that a spreadsheet would run."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(FileFault.ENCODING) from error
    head = text.lstrip()[:4096]
    if not head:
        raise FileRefused(FileFault.EMPTY)
    if head.startswith(("<", *_STARTS)) or _MARKUP.search(text) or _MAIL.search(head[:500]):
        raise FileRefused(FileFault.MISMATCH)
    if _CONTROL.search(text):
        raise FileRefused(FileFault.ENCODING)
    if _CALLS.search(text):
        raise FileRefused(FileFault.ACTIVE, "a formula that calls another program")
    if table:
        try:
            _check_cells(text)
        except csv.Error as error:
            raise FileRefused(FileFault.DAMAGED) from error
    return content
