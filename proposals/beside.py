"""What rooms to the right show on a proposal's page: marks beside its state, and links; registered at the start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Link:
    """One link with what its page is for."""

    words: str
    path: str


@dataclass(frozen=True)
class Beside:
    """Marks such as “Under appeal”, links, why it is judged again (for a team that was told before), and sentences."""

    marks: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    again: str = ""
    notes: list[str] = field(default_factory=list)


Showing = Callable[[Any, Any], Beside]
_showing: list[Showing] = []


def shown_beside(show: Showing) -> Showing:
    """Register a function of (proposal, reader): what it returns stands on the page."""
    _showing.append(show)
    return show


def beside(proposal: Any, user: Any) -> Beside:
    """Return all that other rooms show this reader of the proposal, which the reader may see."""
    found = [show(proposal, user) for show in _showing]
    again = " ".join(one.again for one in found if one.again)
    marks, links = [mark for one in found for mark in one.marks], [link for one in found for link in one.links]
    return Beside(marks, links, again, [note for one in found for note in one.notes])
