"""A reader of nested data that names every faulty, missing and unknown key instead of stopping at the first."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

PLAIN_YEAR = 2001  # so that 02-29, which most years lack, is refused
DAY_OF_YEAR = re.compile(r"[0-9]{2}-[0-9]{2}")  # the calendar's own reader also takes weeks
MOST = 100_000  # of any figure, so that the largest points fit their column
LONGEST = 500  # characters of one text


class Reader:
    """One mapping on its path; parts share the list of faults."""

    def __init__(self, data: Any, path: str = "", faults: list[str] | None = None) -> None:
        self.faults: list[str] = [] if faults is None else faults
        self._path = path
        self._parts: list[Reader] = []
        self._seen: set[str] = set()
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._void = not isinstance(data, Mapping)  # said once; what it should have held is not listed as well
        if self._void:
            self.faults.append(f"{path.rstrip('.') or 'the policy'}: must be an object")

    def fault(self, key: str, what: str) -> None:
        """Note a fault at `key`."""
        if not self._void:
            self.faults.append(f"{self._path}{key}: {what}")

    def has(self, key: str) -> bool:
        """Tell whether the key is given."""
        return key in self._data

    def close(self) -> None:
        """Note each key that nobody read."""
        for key in self._data:
            if key not in self._seen:
                self.fault(key, "is not known")
        for part in self._parts:
            part.close()

    def _get(self, key: str) -> Any:
        self._seen.add(key)
        return self._data.get(key)

    def text(self, key: str) -> str:
        """Read a text that is not empty, in characters that can be stored and shown."""
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault(key, "must be a text")
        elif len(value) > LONGEST or not _readable(value):
            self.fault(key, f"must be one line of at most {LONGEST} characters")
        else:
            return value
        return ""

    def flag(self, key: str) -> bool:
        """Read true or false."""
        value = self._get(key)
        if not isinstance(value, bool):
            self.fault(key, "must be true or false")
        return value is True

    def number(self, key: str, *, least: int = 1, most: int = MOST) -> int:
        """Read a whole number within bounds."""
        value = self._get(key)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(key, f"must be a whole number, from {least} to {most}")
        return least

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """Read one of the allowed words."""
        value = self._get(key)
        if value in allowed:
            return str(value)
        self.fault(key, f"must be one of {', '.join(allowed)}")
        return next(iter(allowed))

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts that is not empty."""
        value = self._get(key)
        if isinstance(value, list) and value and all(isinstance(one, str) and one and _readable(one) for one in value):
            return tuple(value)
        self.fault(key, "must be a list of texts")
        return ()

    def choices(self, key: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Read a list of allowed words that is not empty."""
        values = self.texts(key)
        for value in values:
            if value not in allowed:
                self.fault(key, f"{value} must be one of {', '.join(allowed)}")
        return tuple(value for value in values if value in allowed)

    def days(self, key: str) -> tuple[str, ...]:
        """Read days of a year written as 07-01."""
        values = self.texts(key)
        for value in values:
            if not _is_day(value):
                self.fault(key, f"{value} must be a day such as 07-01")
        return tuple(sorted(values))

    def day(self, key: str) -> str:
        """Read one day of a year written as 07-01."""
        value = self._get(key)
        if _is_day(value):
            return str(value)
        self.fault(key, "must be a day such as 07-01")
        return "01-01"

    def until_day(self, key: str) -> date:
        """Read one day written as 2027-06-30."""
        value = self._get(key)
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(key, "must be a day such as 2027-06-30")
        return date.max

    def part(self, key: str) -> "Reader":
        """Read an object."""
        return self._child(self._get(key), f"{self._path}{key}.")

    def parts(self, key: str, keys: Collection[str]) -> Iterator[tuple[str, "Reader"]]:
        """Read an object of objects that has all of `keys`."""
        inner = self.part(key)
        for name in keys:
            yield name, inner.part(name)

    def rows(self, key: str) -> Iterator["Reader"]:
        """Read a list of objects that is not empty."""
        value = self._get(key)
        if not isinstance(value, list) or not value:
            self.fault(key, "must be a list")
            return
        for place, item in enumerate(value):
            yield self._child(item, f"{self._path}{key}[{place}].")

    def _child(self, data: Any, path: str) -> "Reader":
        child = Reader(data, path, [] if self._void else self.faults)
        self._parts.append(child)
        return child


def _readable(text: str) -> bool:
    """Tell whether each character can be stored and shown: no control characters and no halves of one."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not DAY_OF_YEAR.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{PLAIN_YEAR}-{value}")
    except ValueError:
        return False
    return True
