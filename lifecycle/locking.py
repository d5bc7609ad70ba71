"""Rows are locked once, by the outermost change, in one written order.

The order is `settings.LIFECYCLE_LOCK_ORDER` (labels), then every other model by label,
rows by primary key. A nested change that needs a row outside the set is a bug and raises.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models, transaction

from .errors import UndeclaredLock

Key = tuple[str, Any]
_held: ContextVar[frozenset[Key] | None] = ContextVar("held", default=None)


def key_of(row: models.Model) -> Key:
    """Return (model label, pk)."""
    return row._meta.label, row.pk


def _place(key: Key) -> tuple[int, str, str]:
    order = list(settings.LIFECYCLE_LOCK_ORDER)
    label, pk = key
    return (order.index(label) if label in order else len(order), label, f"{pk!s:0>20}")


def lock_row(model: type[models.Model], pk: Any) -> models.Model:
    """Take the row lock of one row and return the row as it is now."""
    return model._base_manager.select_for_update(of=("self",)).get(pk=pk)


@contextmanager
def locked(rows: Iterable[models.Model | None]) -> Iterator[None]:
    """Open a transaction holding `rows`; nested use only checks that they are held."""
    wanted = {key_of(row): type(row) for row in rows if row is not None}
    held = _held.get()
    if held is not None:
        missing = set(wanted) - held
        if missing:
            raise UndeclaredLock(f"Not locked by the outermost change: {sorted(map(str, missing))}")
        yield
        return
    with transaction.atomic():
        for key in sorted(wanted, key=_place):
            lock_row(wanted[key], key[1])
        token = _held.set(frozenset(wanted))
        try:
            yield
        finally:
            _held.reset(token)
