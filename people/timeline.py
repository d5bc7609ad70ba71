"""The trail of an object as people read it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from lifecycle.prepared import prepared
from lifecycle.trail import entries_in, stream_key

from .models import User

OF_TEAM = "Somebody of the team"


@dataclass(frozen=True)
class Line:
    """One line of a timeline."""

    when: datetime
    who: str
    what: str
    note: str
    action: str


@prepared
def _entries(stream: str, *, limit: int, without: tuple[str, ...], only: tuple[str, ...]) -> Any:
    found = entries_in(stream).exclude(action__in=without)
    return (found.filter(action__in=only) if only else found)[:limit]


def timeline_of(
    obj: Model,
    words: dict[str, str],
    limit: int = 50,
    without: Sequence[str] = (),
    only: Sequence[str] = (),
    unnamed: Collection[int] = (),
) -> list[Line]:
    """Return the newest entries with names and plain words, but those `without`, or `only` some; two queries.

    People of the team who are `unnamed` to this reader are not named.
    """
    entries = _entries(stream_key(obj), limit=limit, without=tuple(without), only=tuple(only))
    names = dict(User.objects.filter(pk__in={e.actor_id for e in entries}).values_list("pk", "full_name"))
    names |= dict.fromkeys(unnamed, OF_TEAM)
    return [
        Line(e.at, names.get(e.actor_id or 0, "Unknown"), words.get(e.action, e.action), e.payload.note, e.action)
        for e in entries
    ]
