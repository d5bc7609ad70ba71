"""Reading an uploaded Excel workbook as rows of text."""

import re
import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from .archives import check_archive, check_markup
from .cells import MAX_COLUMNS
from .enums import TableFault
from .errors import TableError

LAST_ROW = 1_048_576  # Excel's last row; a crafted file may claim more
EXACT = 10**15  # Excel keeps 15 digits; beyond that the number is no longer what was typed
DAMAGED = "The file is damaged. Open it in Excel, save it again as .xlsx, and upload that."
# What openpyxl and the standard library raise on bytes that are not what they claim to be.
BROKEN = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    OverflowError,
    NotImplementedError,  # zipfile's, at a compression that it does not know
)
_UNSHOWN = re.compile(r'"[^"]*"|\\.')  # of a number format: words, and characters that stand for themselves
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]+)"')


def _bad_cell(cell: Any, row: int, sentence: str) -> TableError:
    where = f"{get_column_letter(cell.column)}{row}"
    return TableError(TableFault.BAD_CELL, f"Cell {where} {sentence}", row=row, column=get_column_letter(cell.column))


def _number_text(cell: Any, row: int) -> str:
    """Return a number as Excel shows it: whole without '.0', with the zeros of its format, a percentage as one."""
    value: int | float = cell.value
    if abs(value) >= EXACT:
        raise _bad_cell(cell, row, "holds a number of more than 15 digits, which Excel rounds. Format it as text.")
    if "%" in _UNSHOWN.sub("", cell.number_format):
        return f"{Decimal(repr(value)) * 100:.10f}".rstrip("0").rstrip(".") + "%"
    if value == int(value):
        zeros = cell.number_format
        width = len(zeros) if set(zeros) == {"0"} else 0
        return str(int(value)).zfill(width)
    return f"{value:.15f}".rstrip("0") if abs(value) < 1 else f"{value:.15g}"


def _cell_text(cell: Any, row: int) -> str:
    """Return the cell as text; dates as ISO 8601, truth values as TRUE or FALSE."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        raise _bad_cell(cell, row, f"holds the error {value}. Correct the formula or type the value.")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(cell, row)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _refuse_merged(archive: ZipFile, path: str) -> None:
    """Refuse merged cells: only the first holds the value, the others would silently be empty."""
    tail = b""
    with archive.open(path) as part:
        while chunk := part.read(1 << 16):
            if found := _MERGED.search(tail + chunk):
                cells = found[1].decode()
                raise TableError(
                    TableFault.MERGED_CELLS, f"The cells {cells} are merged. Unmerge them, fill each, and upload again."
                )
            tail = chunk[-200:]  # longer than one mergeCell element


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    if not book.worksheets:
        raise TableError(TableFault.EMPTY, "The workbook has no sheet with cells. Put the table on the first sheet.")
    sheet = book.worksheets[0]
    with ZipFile(BytesIO(content)) as archive:
        _refuse_merged(archive, sheet._worksheet_path)  # openpyxl has no public name for it in read-only mode
    sheet.reset_dimensions()  # the size that the file claims may be wrong
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), 1):
        if number > LAST_ROW:
            raise TableError(TableFault.TOO_MANY_ROWS, "The sheet claims more rows than Excel has. Save it again.")
        yield number, [_cell_text(cell, number) for cell in cells]


def read_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number as in Excel, texts) of the first sheet, at most 201 texts a row; raises TableError.

    The archive is checked from its directory before anything is unpacked.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            check_archive(archive)
            check_markup(archive)
            if "xl/workbook.xml" not in archive.namelist():
                raise TableError(TableFault.WRONG_TYPE, "This is not an Excel workbook. Upload a .xlsx or .csv file.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern the values
            yield from _rows(content)
    except BROKEN as error:
        raise TableError(TableFault.DAMAGED, DAMAGED) from error
