"""What one opened page records is recorded once, however often its button is pressed."""

from typing import Any
from uuid import UUID

from lifecycle.errors import NotPossible

from ..models.once import RecordedOnce

OTHER = (
    "This page was recorded already, and now says something else. Nothing was changed: press the button again if this "
    "is to be recorded as well."
)


def recorded(model: type[RecordedOnce], key: UUID | None, **said: Any) -> Any | None:
    """Return the row that the same page recorded before, or None; NotPossible when it said something else.

    Call it under the lock that serialises the writers; the unique key of the table refuses whoever comes past it.
    """
    first = model._base_manager.filter(key=key).first() if key else None
    if first is not None and any(getattr(first, name) != value for name, value in said.items()):
        raise NotPossible(OTHER)
    return first


def key_of(key: UUID | None) -> dict[str, UUID]:
    """Return the field of a new row; without a key the table makes one up."""
    return {"key": key} if key else {}
