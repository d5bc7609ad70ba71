"""Writing a workbook with openpyxl; apart, because importing that loads numpy as well. See `sheets.write_workbook`."""

from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from lifecycle import clock

from .cells import clean_text, local_naive, native
from .sheets import MAX_ROWS, Target

CREATOR = "Innovation Fund"
# The first lines of the sheet About: key in `about`, words shown.
ABOUT = {"source": "Source", "filters": "Filters", "written_at": "Written at", "policy_version": "Policy version"}
_BOLD = Font(bold=True)
_TITLE_LENGTH = 31  # Excel refuses longer sheet names
_FORBIDDEN_IN_TITLE = str.maketrans("[]:*?/\\", "       ")


def _cell(sheet: WriteOnlyWorksheet, value: object, *, bold: bool = False) -> object:
    """Return what openpyxl shall write; every text is marked as text, so that '=1+1' is never a formula."""
    plain = native(value)
    if not isinstance(plain, str) and not bold:
        return plain
    cell: Cell = WriteOnlyCell(sheet, value=plain)
    if isinstance(plain, str):
        cell.data_type = "s"
    if bold:
        cell.font = _BOLD
    return cell


def _widths(columns: Sequence[str], widths: Mapping[str, int] | None) -> list[int]:
    given = widths or {}
    return [given.get(name, min(max(len(name) + 4, 12), 60)) for name in columns]


def _new_sheet(book: Workbook, title: str, widths: Sequence[int]) -> WriteOnlyWorksheet:
    name = clean_text(title).translate(_FORBIDDEN_IN_TITLE).strip(" '")[:_TITLE_LENGTH] or "Data"
    sheet = book.create_sheet(name)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    return sheet


def _write_about(book: Workbook, about: Mapping[str, str]) -> None:
    sheet = _new_sheet(book, "About", [24, 80])
    written_at = f"{local_naive(clock.now()):%Y-%m-%d %H:%M:%S} Asia/Thimphu"
    facts = {words: about.get(key, "not stated") for key, words in ABOUT.items()}
    facts["Written at"] = about.get("written_at", written_at)
    facts |= {key: text for key, text in about.items() if key not in ABOUT}
    for words, text in facts.items():
        sheet.append([_cell(sheet, words, bold=True), _cell(sheet, text)])


def _set_properties(book: Workbook, title: str) -> None:
    book.properties.creator = CREATOR
    book.properties.title = clean_text(title)
    book.properties.created = clock.now().replace(tzinfo=None)


def write(
    path_or_buffer: Target,
    sheet_title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    about: Mapping[str, str],
    widths: Mapping[str, int] | None,
) -> int:
    """Write the file and return the number of rows."""
    book = Workbook(write_only=True)
    _set_properties(book, sheet_title)
    sheet = _new_sheet(book, sheet_title, _widths(columns, widths))
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in columns])
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise ValueError(f"Excel shows at most {MAX_ROWS:,} rows. Choose narrower filters or the CSV file.")
        sheet.append([_cell(sheet, value) for value in row])
    _write_about(book, about)
    book.save(path_or_buffer)
    return count
