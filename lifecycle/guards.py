"""Facts about one instance, each with the reason that a person reads when it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import WiringError

Fact = Callable[[Any], bool]


@dataclass(frozen=True)
class Guard:
    """A fact and the sentence shown while it does not hold, in the instance's own figures where `words` gives one."""

    name: str
    reason: str
    holds: Fact
    words: Callable[[Any], str] | None = None

    def why(self, obj: Any) -> str:
        """Return the sentence for one instance."""
        return self.words(obj) if self.words else self.reason


def guard(reason: str) -> Callable[[Fact], Guard]:
    """Make a guard of a function over one instance."""
    return lambda fact: Guard(fact.__name__, reason, fact)


_providers: dict[str, Guard] = {}


def provides(need: str, reason: str, words: Callable[[Any], str] | None = None) -> Callable[[Fact], Fact]:
    """Register, from a room to the right, the fact behind a transition's `needs`."""

    def register(fact: Fact) -> Fact:
        if need in _providers:
            raise WiringError(f"The need '{need}' has two providers.")
        _providers[need] = Guard(need, reason, fact, words)
        return fact

    return register


def provider(need: str) -> Guard:
    """Return the guard behind a need; WiringError when no room registered it."""
    if need not in _providers:
        raise WiringError(f"No room provides the need '{need}'.")
    return _providers[need]


def provided() -> dict[str, str]:
    """Return need -> dotted path of its provider, for the wiring test."""
    return {need: f"{g.holds.__module__}.{g.holds.__name__}" for need, g in _providers.items()}
