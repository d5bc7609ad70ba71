"""While one page is read, the same question to the database is asked once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Remember the answers of `remembered` functions inside; only for what writes nothing, such as a GET."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


@contextmanager
def looking() -> Iterator[None]:
    """Remember inside as `reading` does, or go on with what is being read; for a look amid an act that writes nothing.

    What was asked before the look began is asked afresh, unless it belongs to the same page.
    """
    if _answers.get() is not None:
        yield
        return
    with reading():
        yield


def remembered(ask: Callable[P, R]) -> Callable[P, R]:
    """Ask once per `reading`, elsewhere each time. Arguments are hashable, the answer is not changed by anybody."""

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return ask(*args, **kwargs)
        key = (ask, args, tuple(kwargs.items()))
        if key not in answers:
            answers[key] = ask(*args, **kwargs)
        found: R = answers[key]
        return found

    return answer
