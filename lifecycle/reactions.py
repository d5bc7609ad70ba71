"""Upward calls: a room to the right reacts inside the transaction of a change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from .transitions import Locks, no_further_locks

React = Callable[..., None]


@dataclass(frozen=True)
class Reaction:
    """A function `(instance, *, by, data)` called after a transition, before commit; `data` has its note, too."""

    react: React
    locks: Locks


_reactions: dict[tuple[str, str], list[Reaction]] = {}


def reacts_to(label: str, name: str, *, locks: Locks = no_further_locks) -> Callable[[React], React]:
    """Register a reaction to transition `name` of the model `label`; errors propagate."""

    def register(react: React) -> React:
        _reactions.setdefault((label, name), []).append(Reaction(react, locks))
        return react

    return register


def reactions_to(model: type[models.Model], name: str) -> list[Reaction]:
    """Return the reactions to one transition in order of registration."""
    return _reactions.get((model._meta.label, name), [])


def wiring() -> dict[str, list[str]]:
    """Return `Label.transition` -> dotted names of reactions, for the wiring test."""
    return {
        f"{label}.{name}": [f"{r.react.__module__}.{r.react.__name__}" for r in found]
        for (label, name), found in sorted(_reactions.items())
    }


def locks_of(instance: Any, name: str, own: Locks) -> list[models.Model | None]:
    """Return the union of rows that a transition and its reactions need."""
    rows: list[models.Model | None] = [instance, *own(instance)]
    for reaction in reactions_to(type(instance), name):
        rows.extend(reaction.locks(instance))
    return rows
