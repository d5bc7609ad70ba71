"""What is known of a person on a day, each fact with its source and date; nothing is guessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Generic, TypeVar

from .counting import Event
from .steps import canonical

T = TypeVar("T")


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A value with where it comes from and the day it was true; `value` None: not known."""

    value: T | None = None
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Rating:
    """One year: its day, whether it was rated at all, in the lowest band, and at Very Good or above."""

    on: date
    lowest: bool
    very_good: bool
    rated: bool = True


@dataclass(frozen=True)
class Sanction:
    """What a source said on a day: whether a sanction holds; it is so until a later day says otherwise."""

    on: date
    holds: bool


@dataclass(frozen=True)
class Facts:
    """All inputs of an evaluation. `events` are the person's own record here, and so always known."""

    employment_type: Fact[str] = field(default_factory=Fact)
    in_service: Fact[bool] = field(default_factory=Fact)
    level: Fact[str] = field(default_factory=Fact)
    level_since: Fact[date] = field(default_factory=Fact)
    ratings: Fact[tuple[Rating, ...]] = field(default_factory=Fact)
    open_case: Fact[bool] = field(default_factory=Fact)
    sanctions: Fact[tuple[Sanction, ...]] = field(default_factory=Fact)
    security_cleared: Fact[bool] = field(default_factory=Fact)
    audit_cleared: Fact[bool] = field(default_factory=Fact)
    granted: Fact[tuple[date, ...]] = field(default_factory=Fact)
    used_events: Fact[tuple[str, ...]] = field(default_factory=Fact)
    adopted_elsewhere: Fact[int] = field(default_factory=Fact)
    nominated: Fact[bool] = field(default_factory=Fact)
    events: tuple[Event, ...] = ()


def to_json(facts: Facts) -> str:
    """Return the facts as canonical text; the events in the order of their keys."""
    return canonical({**vars(facts), "events": sorted(facts.events, key=lambda event: event.key)})


def from_text(data: Mapping[str, Any]) -> Facts:
    """Return the facts from the data of `to_json`, so that an old evaluation can be run again."""
    known = {f.name: _fact(f.name, data[f.name]) for f in fields(Facts) if f.name != "events"}
    return Facts(**known, events=tuple(_event(row) for row in data["events"]))


def _fact(name: str, row: Mapping[str, Any]) -> Fact[Any]:
    value, as_of = row["value"], row["as_of"]
    if value is not None and name in _READERS:
        value = _READERS[name](value)
    return Fact(value, row["source"], as_of and date.fromisoformat(as_of))


def _event(row: Mapping[str, Any]) -> Event:
    days = {key: date.fromisoformat(row[key]) for key in ("counts_on", "verified_on")}
    return Event(**{**row, **days})


def _dated(kind: Callable[..., Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda rows: tuple(kind(**{**row, "on": date.fromisoformat(row["on"])}) for row in rows)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "level_since": date.fromisoformat,
    "ratings": _dated(Rating),
    "sanctions": _dated(Sanction),
    "granted": lambda days: tuple(map(date.fromisoformat, days)),
    "used_events": tuple,
}
