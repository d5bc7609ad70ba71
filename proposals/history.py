"""Earlier texts of a section, read back from the trail, and how two texts differ word by word."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

TOGETHER = timedelta(minutes=10)  # saves of one person with no longer pause between them are one entry
WORDS = re.compile(r"\s+|[^\s་]+་?|་")  # a word with its tsheg is one piece, so Dzongkha is compared by syllable
MOST_WORDS = 4_000  # comparing takes the square of the length; longer texts are shown whole


@dataclass(frozen=True)
class Piece:
    """A run of words: `kind` is same, added or removed."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """Return the pieces that turn `before` into `after`, in reading order."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return [piece for piece in (Piece("removed", before), Piece("added", after)) if piece.text]
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
        else:
            pieces += [Piece("removed", "".join(old[a:b]))] * (b > a) + [Piece("added", "".join(new[c:d]))] * (d > c)
    return pieces


@dataclass(frozen=True)
class Save:
    """One save as the trail holds it, with the whole text after it."""

    seq: int
    who: int | None
    at: datetime
    note: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One line of the history: the saves of one sitting of one person."""

    first: Save
    last: Save

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """Return name of the answer -> (before, after) over the whole sitting."""
        before, after = self.first.before, self.last.after
        pairs = {name: (before.get(name, ""), after.get(name, "")) for name in {*before, *after}}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def plain_lines(answers: Mapping[str, str]) -> dict[str, str]:
    """Return answers with the line ends that are stored today; older ones may hold those of a browser."""
    return {name: text.replace("\r\n", "\n") for name, text in answers.items()}


def saves_of(entries: Iterable[Any], now: dict[str, str]) -> Iterator[Save]:
    """Yield the saves, newest first, reading backwards from the present answers.

    `entries` are the trail entries of one section, newest first; where retention has blanked one, the older are gone.
    """
    after = now
    for entry in entries:
        if not entry.payload.text:
            return
        said = json.loads(entry.payload.text)
        before = after | {name: pair[0] for name, pair in said["changes"].items()}
        yield Save(entry.seq, entry.actor_id, entry.at, said["note"], before, after)
        after = before


def sittings(saves: Iterable[Save]) -> list[Entry]:
    """Return the saves, newest first, with those of one sitting taken together; a save with a note stands alone."""
    found: list[Entry] = []
    for save in saves:
        newer = found[-1].first if found else None
        plain = newer is not None and not newer.note and not save.note
        if newer is not None and plain and newer.who == save.who and newer.at - save.at <= TOGETHER:
            found[-1] = Entry(save, found[-1].last)
        else:
            found.append(Entry(save, save))
    return found
