"""Scores from a csv file; what is wrong is said in one line that names row and column."""

import csv
import io
from pathlib import Path

from .scores import LARGEST, BadScores, Scores, scores_of

COLUMNS = ("proposal", "reviewer", "score")
LONGEST = 131_072  # letters of a cell; the csv reader's own limit can be moved by others in the same process
TOO_LONG = f"a cell has more than {LONGEST:,} letters"
SAID = {  # how an error of the csv reader begins, and what it means
    "unexpected end of data": "a quote is opened and not closed", "field larger than field limit": TOO_LONG,
}  # fmt: skip


def read_scores(path: Path) -> Scores:
    """Return the scores of a csv file with the columns proposal, reviewer, score and optionally panel, in any order.

    A panel namespaces its reviewers. Raises BadScores; the header is row 1.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadScores(f"file: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadScores(f"file: not in UTF-8, first at byte {error.start + 1}") from None
    rows = _rows(text)
    header = [name.strip().lower() for name in rows[0]] if rows else []
    for column in COLUMNS:
        if header.count(column) != 1:
            wrong = "there twice" if column in header else f"missing{_separated(header)}"
            raise BadScores(f"row 1, column {column}: {wrong}")
    if header.count("panel") > 1:
        raise BadScores("row 1, column panel: there twice")
    found: list[tuple[str, str, float]] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise BadScores(f"row {number}, column {header[min(len(row), len(header)) - 1]}: the row has {len(row)} "
                            f"cells, the header {len(header)}")  # fmt: skip
        cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
        for column in COLUMNS:
            if not cells[column]:
                raise BadScores(f"row {number}, column {column}: empty")
        panel = cells.get("panel", "")
        told = f'"{panel}"' if "/" in panel else panel  # A/B with C is another than A with B/C
        reviewer = f"{told}/{cells['reviewer']}" if panel else cells["reviewer"]
        pair = cells["proposal"], reviewer
        if pair in seen:
            raise BadScores(f"row {number}, column reviewer: {reviewer} scored {pair[0]} in row {seen[pair]} already")
        seen[pair] = number
        found.append((*pair, _number(cells["score"], number)))
    if not found:
        raise BadScores("row 2, column score: there is no score")
    return scores_of(found)


def _rows(text: str) -> list[list[str]]:
    """Return the cells of each row; raises BadScores with the row, and its line where lines were broken in cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[list[str]] = []
    while True:
        line, row = reader.line_num + 1, len(found) + 1
        try:
            cells = next(reader)
        except StopIteration:
            return found
        except csv.Error as error:
            said = next((words for start, words in SAID.items() if str(error).startswith(start)), str(error))
            raise BadScores(f"row {row}{f' (line {line})' if line != row else ''}: {said}") from None
        if max(map(len, cells), default=0) > LONGEST:
            raise BadScores(f"row {row}{f' (line {line})' if line != row else ''}: {TOO_LONG}")
        found.append(cells)


def _separated(header: list[str]) -> str:
    """Return a hint where the only cell of the header holds all names, set apart by something else than a comma."""
    for sign, name in ((";", "“;”"), ("\t", "tabs")):
        if len(header) == 1 and {part.strip() for part in header[0].split(sign)} >= set(COLUMNS):
            return f"; the cells are set apart by {name}, and must be by commas"
    return ""


def _number(text: str, row: int) -> float:
    try:
        value = float(text) if "_" not in text else float("nan")
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST:
        raise BadScores(f"row {row}, column score: {text[:40]!r} is not a number between -1e9 and 1e9")
    return value
