"""Budget lines whose figures are closed to a reader while a decision that concerns them waits to be told.

An approval sets its money aside at once and is told later: what is left of the line, and each entry that comes to it,
would tell the team before its letter does. The room that knows who waits for a decision says on which lines.
"""

from collections.abc import Callable, Iterable
from typing import Any

from lifecycle.remembering import remembered

Finder = Callable[[Any], Iterable[int]]
FINDERS: list[Finder] = []
CLOSED = (
    "A proposal of yours, or one that is kept from you, waits for its decision, and this budget line would pay. What "
    "the line has is shown to you again once the decision is told."
)


def closes_lines(find: Finder) -> Finder:
    """Register who says on which lines, by their keys, a person waits for a decision."""
    FINDERS.append(find)
    return find


@remembered
def lines_closed_to(reader: Any) -> frozenset[int]:
    """Return the keys of the lines whose figures the person must not see or move now."""
    return frozenset(line for find in FINDERS for line in find(reader))


def is_closed(line: Any, reader: Any) -> bool:
    """Tell whether the line is closed to the person."""
    return line.pk in lines_closed_to(reader)
