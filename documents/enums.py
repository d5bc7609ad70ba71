"""Fixed words of the room. No row stores them, so they are plain Python: the inspector starts without Django."""

from enum import StrEnum


class Fault(StrEnum):
    """A code with its words."""

    label: str

    def __new__(cls, value: str, label: str) -> "Fault":
        """Keep the words beside the code."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.label = label
        return made


class TableFault(Fault):
    """Why an uploaded table was refused."""

    EMPTY = "empty", "The file is empty"
    TOO_BIG = "too_big", "The file is too big"
    TOO_MANY_ROWS = "too_many_rows", "Too many rows"
    TOO_MANY_COLUMNS = "too_many_columns", "Too many columns"
    WRONG_TYPE = "wrong_type", "Not a CSV or Excel file"
    PROTECTED = "protected", "Protected by a password"
    MACROS = "macros", "Holds macros"
    UNSAFE = "unsafe", "Not safe to open"
    DAMAGED = "damaged", "Damaged"
    ENCODING = "encoding", "Not in UTF-8"
    MISSING_COLUMN = "missing_column", "A column is missing"
    DUPLICATE_COLUMN = "duplicate_column", "A column appears twice"
    MERGED_CELLS = "merged_cells", "Holds merged cells"
    LONG_ROW = "long_row", "A row is longer than the header"
    BAD_CELL = "bad_cell", "A cell cannot be read"


class FileFault(Fault):
    """Why an uploaded file was refused; the label is the sentence, told with the file's name and a detail."""

    NONE = "none", "Choose a file first."
    TYPE = (
        "type",
        "“{name}” is of a kind that is not taken. Attach PDF, Word, Excel, PowerPoint, PNG, JPEG or CSV.",
    )
    NAME = "name", "The name “{name}” cannot be used: {detail}. Rename the file and attach it again."
    TOO_BIG = "too_big", "“{name}” is bigger than 10 MB. Make it smaller, for example by smaller pictures."
    EMPTY = "empty", "“{name}” is empty. Check that it was saved, and attach it again."
    MISMATCH = (
        "mismatch",
        "“{name}” is not what its ending says. Open it, save it again in the right kind, attach it.",
    )
    DAMAGED = "damaged", "“{name}” is damaged. Open it, save it again, and attach that."
    PROTECTED = "protected", "“{name}” is protected by a password. Remove the protection, save, and attach it again."
    MACROS = "macros", "“{name}” holds macros. Save it without macros, or as PDF, and attach that."
    ACTIVE = "active", "“{name}” holds something that acts by itself ({detail}). Print it to a new PDF and attach that."
    LINKED = "linked", "“{name}” loads something from outside ({detail}). Break the link, or save it as PDF."
    FORMULA = (
        "formula",
        "“{name}” has a formula that may not stand there ({detail}). Put its result in its place, and attach it again.",
    )
    NESTED = "nested", "“{name}” holds another file inside. Attach that file on its own, or save this one as PDF."
    DOUBLE = "double", "“{name}” is two kinds of file in one. Print it to a new PDF and attach that."
    BOMB = "bomb", "“{name}” unpacks to far more than its size. Save it again with fewer or smaller parts."
    MARKUP = "markup", "“{name}” declares a document type, which no office file needs. Save it again and attach that."
    UNSAFE = "unsafe", "“{name}” is built in a way that no office file needs ({detail}). Save it again and attach that."
    PIXELS = "pixels", "“{name}” has too many pixels (more than 40 million). Make the picture smaller."
    ENCODING = "encoding", "“{name}” is not plain text in UTF-8. Save it as UTF-8 and attach it again."
    INFECTED = "infected", "“{name}” was refused by the virus scanner. Do not open it; tell your computer's helpers."
    UNSCANNED = "unscanned", "“{name}” could not be checked just now, so it was not kept. Try again in some minutes."
