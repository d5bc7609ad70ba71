"""A JSON object from a file; what is wrong is said in one line that begins with the word file."""

import json
from pathlib import Path
from typing import Any


class BadFile(ValueError):
    """The file holds no JSON object; the message says why."""


def read_object(path: Path) -> dict[str, Any]:
    """Return the object of a file in UTF-8, with or without a byte order mark; raises BadFile.

    A key that is there twice is refused: which of both is meant nobody can tell.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=_once)
    except OSError as error:
        raise BadFile(f"file: {error.strerror}") from None
    except BadFile:
        raise
    except (ValueError, RecursionError) as error:
        raise BadFile(f"file: not JSON in UTF-8: {error}") from None
    if not isinstance(found, dict):
        raise BadFile("file: not a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadFile(f"file: the key {key!r} is there twice")
        found[key] = value
    return found
