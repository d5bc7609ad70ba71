"""What one policy says and another does not, key by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .steps import canonical


@dataclass(frozen=True)
class Difference:
    """One key whose value differs; `before` or `after` is empty where only one policy has it."""

    path: str
    before: str
    after: str


def differences(old: Any, new: Any) -> list[Difference]:
    """Return every key that differs between the data of two policies, in the order of their paths."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        Difference(path, before.get(path, ""), after.get(path, ""))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, value as text); a list of plain values is one leaf, one of objects goes on."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, f"{path} › {key}" if path else str(key))
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for place, item in enumerate(data, start=1):
            yield from _leaves(item, f"{path} › {place}")
    else:
        yield path, data if isinstance(data, str) else ", ".join(data) if isinstance(data, list) else canonical(data)
