"""Scores from a csv file; what is wrong is said in one line that names row and column."""

import csv
import io
from pathlib import Path

from .scores import LARGEST, BadScores, Scores, scores_of

COLUMNS = ("proposal", "reviewer", "score")


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
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadScores(f"file: not a csv file: {error}") from None
    header = [name.strip().lower() for name in rows[0]] if rows else []
    for column in COLUMNS:
        if header.count(column) != 1:
            raise BadScores(f"row 1, column {column}: {'missing' if column not in header else 'there twice'}")
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


def _number(text: str, row: int) -> float:
    try:
        value = float(text) if "_" not in text else float("nan")
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST:
        raise BadScores(f"row {row}, column score: {text[:40]!r} is not a number between -1e9 and 1e9")
    return value
