"""Fixed words of the room."""

from django.db.models import TextChoices


class TableFault(TextChoices):
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
