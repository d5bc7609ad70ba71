"""Who may: composable policies over one instance and one user.

A policy answers about facts (grants, involvement, blocks), never about Django's
`has_perm`, so that even a superuser is refused where the fund's rules say so.
"""

from collections.abc import Callable
from typing import Any

Test = Callable[[Any, Any], bool]


class Policy:
    """A named predicate `(instance, user) -> bool`; combine with `&`, `|`, `~`."""

    def __init__(self, test: Test, name: str) -> None:
        self._test = test
        self.name = name

    def __call__(self, instance: Any, user: Any) -> bool:
        """Tell whether `user` may; an anonymous or inactive user never may."""
        return bool(user is not None and user.is_active and self._test(instance, user))

    def __and__(self, other: "Policy") -> "Policy":
        return Policy(lambda o, u: self(o, u) and other(o, u), f"{self.name} and {other.name}")

    def __or__(self, other: "Policy") -> "Policy":
        return Policy(lambda o, u: self(o, u) or other(o, u), f"({self.name} or {other.name})")

    def __invert__(self) -> "Policy":
        return Policy(lambda o, u: not self(o, u), f"not {self.name}")

    def __repr__(self) -> str:
        return f"<Policy {self.name}>"


def policy(name: str) -> Callable[[Test], Policy]:
    """Make a policy of a function; `name` is what the lifecycle tables show."""
    return lambda test: Policy(test, name)
