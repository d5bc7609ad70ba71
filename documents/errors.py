"""The typed errors of the room. Each message is a sentence that says what to do."""

from .enums import FileFault, TableFault


class DamagedFile(Exception):
    """A stored file is missing, or its bytes no longer match its SHA-256."""


class PdfUnavailable(Exception):
    """WeasyPrint or the Pango libraries that it needs are missing on this machine."""


class TableError(Exception):
    """An uploaded table is refused; `row` counts from 1 as Excel shows it, `column` is its title.

    `cause` and `detail` say the same of the archive itself, whatever office file it is.
    """

    def __init__(
        self,
        fault: TableFault,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        cause: FileFault | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.detail = detail
        self.fault = fault
        self.message = message
        self.row = row
        self.column = column


class FileRefused(Exception):
    """An uploaded file is refused; `message` names it and says what to do."""

    def __init__(self, fault: FileFault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.detail = detail

    def message(self, name: str) -> str:
        """Return the sentence for the person who chose the file `name`."""
        return str(self.fault.label).format(name=name, detail=self.detail)
