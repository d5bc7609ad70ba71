"""One row of *my work*: what waits for a person; each room's `queries.waiting_for` returns them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Waiting:
    """What to do, about what, where, and by when."""

    what: str
    about: str
    path: str
    due: date | None = None
