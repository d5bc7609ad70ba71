"""The typed errors of the room. Each message is a sentence that says what to do."""

from .enums import TableFault


class DamagedFile(Exception):
    """A stored file is missing, or its bytes no longer match its SHA-256."""


class PdfUnavailable(Exception):
    """WeasyPrint or the Pango libraries that it needs are missing on this machine."""


class TableError(Exception):
    """An uploaded table is refused; `row` counts from 1 as Excel shows it, `column` is its title."""

    def __init__(self, fault: TableFault, message: str, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.row = row
        self.column = column
