"""One row of *my work*: what waits for a person; each room's `waiting_for` returns them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Waiting:
    """What to do, about what, where, and by when."""

    what: str
    about: str
    path: str
    due: date | None = None
    part: str = "Team"  # as whom the person acts


def as_part(part: str, rows: Iterable[Waiting]) -> list[Waiting]:
    """Return the rows as those of one role."""
    return [replace(row, part=part) for row in rows]
