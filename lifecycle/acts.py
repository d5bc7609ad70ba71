"""One entrance per act: a service that moves more than one row in one transaction."""

import functools
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import OperationalError, connection

from .errors import NotPossible, UndeclaredLock

log = logging.getLogger(__name__)
MOVED = "Somebody changed this at the same moment. Nothing was changed: look at it again, then try again."
ATTEMPTS = 3  # who was overtaken is tried again; a third failure is shown
_stack: ContextVar[tuple[str, ...]] = ContextVar("acts", default=())
_acts: dict[str, Callable[..., Any]] = {}
F = TypeVar("F", bound=Callable[..., Any])


def _is_deadlock(error: OperationalError) -> bool:
    """Tell a deadlock or serialisation failure from other operational errors."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001"}


def act(function: F) -> F:
    """Register a service as an act, named by its dotted path; retries deadlocks.

    A row that came to hang on others between the page and the lock (an adoption of the result that is revoked) is met
    by another try, which sees it. What the given rows still remember of before (the line of a grant that was carried
    into the next year while a payment of it is released) no try sees: that is told as NotPossible, nothing is written.
    Inside it (and only there) `perform` accepts transitions that name it.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def entered(*args: Any, **kwargs: Any) -> Any:
        token = _stack.set((*_stack.get(), name))
        try:
            attempt = 1
            while True:
                try:
                    return function(*args, **kwargs)
                except OperationalError as error:
                    if attempt == ATTEMPTS or connection.in_atomic_block or not _is_deadlock(error):
                        raise
                    time.sleep(0.02 * attempt)
                    attempt += 1
                except UndeclaredLock as error:
                    if connection.in_atomic_block:
                        raise
                    if attempt == ATTEMPTS:
                        log.exception("rows_moved_while_locking act=%s", name)
                        raise NotPossible(MOVED) from error
                    attempt += 1
        finally:
            _stack.reset(token)

    _acts[name] = entered
    return entered  # type: ignore[return-value]


def inside(name: str) -> bool:
    """Tell whether the act `name` is being performed right now."""
    return name in _stack.get()


def find_act(name: str) -> Callable[..., Any] | None:
    """Return the registered act, or None."""
    return _acts.get(name)
