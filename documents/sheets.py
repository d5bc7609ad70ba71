"""Writing tables as Excel workbooks and CSV files, row by row."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .cells import csv_value

MAX_ROWS = 1_048_575  # what Excel shows under one header

Target = str | os.PathLike[str] | IO[bytes]


def write_workbook(
    path_or_buffer: Target,
    *,
    sheet_title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    about: Mapping[str, str],
    widths: Mapping[str, int] | None = None,
) -> int:
    """Write an xlsx file in constant memory and return the number of rows written.

    `about` names `source`, `filters` and `policy_version` (and optionally `written_at`); other keys are shown under
    their own name. `widths` are characters by column. Aware times become wall time in Thimphu. Raises ValueError
    beyond the 1,048,575 rows that Excel shows.
    """
    # Lazy: openpyxl and the numpy that it asks for take half a second to load, which most processes never need.
    from . import sheet_engine  # noqa: PLC0415

    return sheet_engine.write(path_or_buffer, sheet_title, columns, rows, about, widths)


def write_csv(
    path_or_text: str | os.PathLike[str] | IO[str], *, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Write CSV row by row and return the number of rows; a path is written as UTF-8 with a byte order mark.

    A text buffer gets the mark as its first character. Texts are always quoted, and one that a spreadsheet would run
    as a formula gets a leading apostrophe; numbers stay numbers. Times are ISO 8601 in Thimphu time.
    """
    if isinstance(path_or_text, str | os.PathLike):
        with Path(path_or_text).open("w", encoding="utf-8", newline="") as file:
            return _write_csv(file, columns, rows)
    return _write_csv(path_or_text, columns, rows)


def _write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    file.write("\ufeff")  # tells Excel that the file is UTF-8
    # All texts quoted: where the separator is a semicolon, `a;=1+1` would otherwise become two cells.
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([csv_value(name) for name in columns])
    count = 0
    for row in rows:
        writer.writerow([csv_value(value) for value in row])
        count += 1
    return count
