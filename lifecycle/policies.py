"""Who may: composable policies over one instance and one user.

A policy answers about facts (grants, involvement, blocks), never about Django's
`has_perm`, so that even a superuser is refused where the fund's rules say so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Test = Callable[[Any, Any], bool]
_memo: ContextVar[dict[tuple[int, int, int], bool] | None] = ContextVar("memo", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask each policy, also as a part of others, once for the same two objects; for showing, never for acting."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


class Policy:
    """A named predicate `(instance, user) -> bool`; combine with `&`, `|`, `~`."""

    def __init__(self, test: Test, name: str) -> None:
        self._test = test
        self.name = name

    def __call__(self, instance: Any, user: Any) -> bool:
        """Tell whether `user` may; an anonymous or inactive user never may."""
        memo = _memo.get()
        if memo is None:
            return self._ask(instance, user)
        key = (id(self), id(instance), id(user))
        if key not in memo:
            memo[key] = self._ask(instance, user)
        return memo[key]

    def _ask(self, instance: Any, user: Any) -> bool:
        return bool(user is not None and user.is_active and self._test(instance, user))

    def __and__(self, other: "Policy") -> "Policy":
        return Policy(lambda o, u: self(o, u) and other(o, u), f"{self.name} and {other.name}")

    def __or__(self, other: "Policy") -> "Policy":
        return Policy(lambda o, u: self(o, u) or other(o, u), f"({self.name} or {other.name})")

    def __invert__(self) -> "Policy":
        return Policy(lambda o, u: not self(o, u), f"not {self.name}")


def policy(name: str) -> Callable[[Test], Policy]:
    """Make a policy of a function; `name` is what the lifecycle tables show."""
    return lambda test: Policy(test, name)
