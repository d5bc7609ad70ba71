"""How a model declares its transition table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import django_fsm
from django.apps import apps
from django.db import models

from .fields import LifecycleModel
from .guards import Guard, provider
from .policies import Policy

Locks = Callable[[Any], Iterable[models.Model | None]]


def no_further_locks(instance: Any) -> Iterable[models.Model | None]:
    """Return nothing: the default of `locks` is the row itself."""
    return ()


@dataclass(frozen=True)
class Rule:
    """One transition as declared: who may, which facts, which rows, which act."""

    name: str
    label: str
    who: Policy
    guards: tuple[Guard, ...]
    needs: tuple[str, ...]
    locks: Locks
    act: str
    order: int
    style: str
    ask_note: bool
    require_note: bool
    page: str
    explain: bool
    sources: tuple[str, ...]
    target: str
    proof: Policy | None = None

    def all_guards(self) -> list[Guard]:
        """Return own guards and those that other rooms provide for the needs."""
        return [*self.guards, *(provider(need) for need in self.needs)]


def transition(
    field: Any,
    *,
    source: str | Sequence[str],
    target: str,
    who: Policy,
    label: str,
    guards: Sequence[Guard] = (),
    needs: Sequence[str] = (),
    locks: Locks = no_further_locks,
    act: str = "",
    order: int = 50,
    style: str = "secondary",
    ask_note: bool = False,
    require_note: bool = False,
    page: str = "",
    explain: bool = False,
    proof: Policy | None = None,
) -> Callable[[Callable[..., None]], Any]:
    """Declare a transition on a method that sets only this row's own fields.

    `act` names the one service that may perform it; empty means the generic door.
    `explain` shows the action with its reason while a guard refuses it. `require_note` refuses it without
    a reason. `page` (relative to the object's address) is where an act that asks for more is taken.
    `proof` is what somebody who may has to have besides, such as a second factor; pages lead there.
    """
    sources = (source,) if isinstance(source, str) else tuple(source)

    def declare(method: Callable[..., None]) -> Any:
        rule = Rule(
            method.__name__, label, who, tuple(guards), tuple(needs), locks, act, order, style,
            ask_note or require_note, require_note, page, explain,
            tuple(str(s) for s in sources), str(target), proof,
        )  # fmt: skip
        return django_fsm.transition(field=field, source=list(sources), target=target, custom={"rule": rule})(method)

    return declare


def rules_of(model: type[models.Model]) -> dict[str, Rule]:
    """Return name -> Rule in the declared order (the library sorts by alphabet)."""
    field = model._meta.get_field("state")
    found = [m._django_fsm for m in field.transitions[model].values()]  # type: ignore[union-attr]
    rules = [next(iter(meta.transitions.values())).custom["rule"] for meta in found]
    return {rule.name: rule for rule in sorted(rules, key=lambda r: (r.order, r.name))}


def lifecycle_models() -> list[type[LifecycleModel]]:
    """Return every concrete model with a state machine."""
    return [m for m in apps.get_models() if issubclass(m, LifecycleModel)]
