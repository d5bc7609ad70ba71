"""One entrance per act: a service that moves more than one row in one transaction."""

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import OperationalError, connection

ATTEMPTS = 3  # a deadlock victim is tried again; a third failure is shown
_stack: ContextVar[tuple[str, ...]] = ContextVar("acts", default=())
_acts: dict[str, Callable[..., Any]] = {}
F = TypeVar("F", bound=Callable[..., Any])


def _is_deadlock(error: OperationalError) -> bool:
    """Tell a deadlock or serialisation failure from other operational errors."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001"}


def act(function: F) -> F:
    """Register a service as an act, named by its dotted path; retries deadlocks.

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
