"""Reading an uploaded table (CSV or Excel) safely, with errors that say where and what to do."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Protocol

from .cells import MAX_COLUMNS, starts_like_formula
from .enums import TableFault
from .errors import TableError

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # old .xls, and .xlsx with a password
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_Lines = Iterator[tuple[int, list[str]]]


class Upload(Protocol):
    """Anything that reads as bytes: Django's UploadedFile, an open file, BytesIO."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most `size` bytes."""


@dataclass(frozen=True)
class Row:
    """One line: `number` as Excel shows it, `values` by the column names that the caller asked for."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """`columns` found, in the order of the file; `ignored` are titles that nobody asked for."""

    columns: list[str]
    rows: list[Row]
    ignored: list[str]


def _content(upload: Upload, name: str, max_bytes: int) -> bytes:
    """Return the bytes if the size and the kind of file fit; raises TableError."""
    content = upload.read(max_bytes + 1)
    if not content.strip():
        raise TableError(TableFault.EMPTY, "The file is empty. Add a header row and at least one line.")
    if len(content) > max_bytes:
        limit = f"{max_bytes / 1024**2:g} MB"
        raise TableError(TableFault.TOO_BIG, f"The file is larger than {limit}. Split it and upload the parts.")
    if content.startswith(OLE):
        raise TableError(
            TableFault.PROTECTED,
            "The file has a password or is in the old .xls format. Save it as .xlsx without a password.",
        )
    packed = content.startswith(b"PK\x03\x04")
    if not name.lower().endswith(".xlsx" if packed else ".csv"):
        raise TableError(TableFault.WRONG_TYPE, "This is not a CSV or Excel file. Upload a .csv or .xlsx file.")
    return content


def _decode(content: bytes) -> str:
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"%PDF-", b"<", b"{\\rtf")):
        raise TableError(TableFault.WRONG_TYPE, "The file is named .csv but is something else. Save it as CSV UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        sentence = f"Row {row} is not in UTF-8. In Excel choose 'CSV UTF-8' when saving."
        raise TableError(TableFault.ENCODING, sentence, row=row) from error
    if "\x00" in text:
        raise TableError(TableFault.WRONG_TYPE, "The file is named .csv but is not text. Save it as CSV UTF-8.")
    return text


def _separator(text: str) -> str:
    """Return the separator, ';' or ',', that stands more often outside quotes in the first written line."""
    first = next(line for line in text.splitlines() if line.strip(" ;,\t"))
    unquoted = re.sub(r'"[^"]*"', "", first)
    return ";" if unquoted.count(";") > unquoted.count(",") else ","


def _read_csv(content: bytes) -> _Lines:
    text = _decode(content)
    if not text.strip(" ;,\t\r\n"):
        return
    reader = csv.reader(StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            # Our own CSV files guard such texts with an apostrophe; take it off again.
            yield number, [cell[1:] if cell[:1] == "'" and starts_like_formula(cell[1:]) else cell for cell in cells]
    except csv.Error as error:
        sentence = f"Row {number + 1} cannot be read: a quotation mark is not closed. Correct it and upload again."
        raise TableError(TableFault.DAMAGED, sentence, row=number + 1) from error


def _tidy(text: str) -> str:
    return _CONTROL.sub("", text).strip()


def _key(title: str) -> str:
    return " ".join(title.split()).casefold()


def _header(titles: list[str], row: int, required: Sequence[str], optional: Sequence[str]) -> list[str]:
    """Return for each cell the caller's name of the column, else the title; raises TableError."""
    if len(titles) > MAX_COLUMNS:
        sentence = f"The header has more than {MAX_COLUMNS} columns. Delete those that are not needed."
        raise TableError(TableFault.TOO_MANY_COLUMNS, sentence, row=row)
    known = {_key(name): name for name in (*required, *optional)}
    names = [known.get(_key(title), title) for title in titles]
    seen: set[str] = set()
    for name in filter(None, names):
        if _key(name) in seen:
            sentence = f"The column '{name}' appears twice in row {row}. Delete or rename one of them."
            raise TableError(TableFault.DUPLICATE_COLUMN, sentence, row=row, column=name)
        seen.add(_key(name))
    for name in required:
        if _key(name) not in seen:
            sentence = f"The column '{name}' is missing in row {row}. Add it to the header and fill it."
            raise TableError(TableFault.MISSING_COLUMN, sentence, row=row, column=name)
    return names


def _row(number: int, cells: list[str], names: list[str], wanted: set[str]) -> Row:
    if any(cells[len(names) :]) or any(value and not name for name, value in zip(names, cells, strict=False)):
        sentence = f"Row {number} has a value without a column title. Check the separators, or add the title."
        raise TableError(TableFault.LONG_ROW, sentence, row=number)
    padded = cells + [""] * (len(names) - len(cells))
    return Row(number, {name: value for name, value in zip(names, padded, strict=False) if name in wanted})


def _table(lines: _Lines, required: Sequence[str], optional: Sequence[str], max_rows: int) -> Table:
    names: list[str] = []
    rows: list[Row] = []
    wanted = {*required, *optional}
    for number, raw in lines:
        cells = [_tidy(cell) for cell in raw]
        if not any(cells):
            continue
        if not names:
            while not cells[-1]:
                cells.pop()
            names = _header(cells, number, required, optional)
            continue
        if len(rows) == max_rows:
            sentence = f"The file has more than {max_rows:,} rows. Split it and upload the parts."
            raise TableError(TableFault.TOO_MANY_ROWS, sentence, row=number)
        rows.append(_row(number, cells, names, wanted))
    if not rows:
        raise TableError(TableFault.EMPTY, "The file has no lines under a header. Add a header row and lines.")
    found = [name for name in names if name in wanted]
    return Table(found, rows, [name for name in names if name and name not in wanted])


def _read_workbook(content: bytes) -> _Lines:
    # Lazy: openpyxl and the numpy that it asks for take half a second to load, which most processes never need.
    from .workbooks import read_workbook  # noqa: PLC0415

    return read_workbook(content)


def read_table(
    upload: Upload,
    *,
    name: str,
    required: Sequence[str],
    optional: Sequence[str] = (),
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Table:
    """Return the first sheet or the CSV file as texts; raises TableError with row and column for every fault.

    Titles match without regard to case and spaces. Empty lines are skipped but counted. Each row holds every column
    found, trimmed, "" when empty; dates are ISO 8601, whole numbers without '.0', ids keep leading zeros.
    """
    content = _content(upload, name, max_bytes)
    lines = _read_workbook(content) if name.lower().endswith(".xlsx") else _read_csv(content)
    return _table(lines, required, optional, max_rows)
