"""The one door: nothing else in the product calls a transition method."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, TypeVar

from django.db import models

from . import acts, clock, trail
from .errors import NotPossible
from .locking import locked
from .policies import asked_once
from .reactions import locks_of, reactions_to
from .remembering import reading
from .transitions import Rule, rules_of

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Action:
    """What a page shows of one transition: allowed when `reason_not` is None."""

    name: str
    label: str
    style: str
    ask_note: bool
    page: str
    reason_not: str | None


def rule_of(obj: models.Model, name: str) -> Rule:
    """Return the rule of a transition; NotPossible when the model has none so named."""
    rule = rules_of(type(obj)).get(name)
    if rule is None:
        raise NotPossible("There is no such action.")
    return rule


def refusal(obj: Any, rule: Rule, user: Any) -> NotPossible | None:
    """Return why `user` may not, in the order person, state, their proof, facts; None if allowed.

    Who may not do it in any state gets the same answer in every state, so that a refusal tells nobody what was decided.
    Policies and guards only read, so what several of them ask is asked once, of the rows as they are now.
    """
    with reading():
        stranger = no_part_in(obj, rule, user)
        if stranger is not None:
            return stranger
        if obj.state not in rule.sources:
            return NotPossible(f"This can no longer be done: it is now “{obj.state_for(user)}”.")
        if rule.proof is not None and not rule.proof(obj, user):
            return NotPossible(f"This is done {rule.proof.name}. Set it up first.", unproved=True)
        for guard in rule.all_guards():
            if not guard.holds(obj):
                return NotPossible(guard.why(obj))
        return None


def no_part_in(obj: Any, rule: Rule, user: Any) -> NotPossible | None:
    """Return the refusal of who may not take this step, whatever the state; None for who may."""
    return None if rule.who(obj, user) else NotPossible("You may not do this.", forbidden=True)


def asks_for_more(obj: models.Model, rule: Rule) -> bool:
    """Tell whether the step needs more than a note, so that only its own page can take it."""
    work = acts.find_act(rule.act) if rule.act else getattr(type(obj), rule.name)
    needed = signature(work).parameters.values() if work else ()
    return any(
        one.kind == Parameter.KEYWORD_ONLY and one.default is Parameter.empty and one.name != "by" for one in needed
    )


def explain(obj: Any, name: str) -> list[str]:
    """Return every reason why the transition's facts do not hold now (empty: none)."""
    return [guard.why(obj) for guard in rule_of(obj, name).all_guards() if not guard.holds(obj)]


def available(obj: Any, user: Any, names: Collection[str] = ()) -> list[Action]:
    """Return the actions `user` may take, and those worth explaining with the first reason, in order; or of `names`."""
    actions = []
    asked = [r for r in rules_of(type(obj)).values() if obj.state in r.sources and (not names or r.name in names)]
    with asked_once():
        rules = [rule for rule in asked if rule.who(obj, user)]
    for rule in rules:
        reason = next((guard.why(obj) for guard in rule.all_guards() if not guard.holds(obj)), None)
        if reason is None or rule.explain:
            actions.append(Action(rule.name, rule.label, rule.style, rule.ask_note, rule.page, reason))
    return actions


@contextmanager
def changing(obj: M, name: str) -> Iterator[M]:
    """Open the transaction of an act: lock all that `name` and its reactions need; yield a fresh row."""
    rule = rule_of(obj, name)
    with locked(locks_of(obj, name, rule.locks)):
        yield type(obj)._base_manager.get(pk=obj.pk)


def perform(obj: M, name: str, *, by: Any, note: str = "", **data: Any) -> M:
    """Move `obj` through the transition `name` as `by` and return the fresh row.

    Raises NotPossible (state, person, guard, or outside its act). Side effects: the row,
    its trail entry, and every reaction, all in one transaction.
    """
    rule = rule_of(obj, name)
    if rule.act and not acts.inside(rule.act):
        raise NotPossible("This step is taken on its own page.")
    with changing(obj, name) as fresh:
        no = refusal(fresh, rule, by)
        if no is not None:
            raise no
        if rule.require_note and not note.strip():
            raise NotPossible("Give a reason.")
        before = trail.picture(fresh)
        getattr(fresh, name)(**data)
        fresh.save()
        changes = trail.difference(before, trail.picture(fresh))
        trail.record(fresh, action=name, by=by, changes=changes, note=note, at=clock.now())
        for reaction in reactions_to(type(fresh), name):
            reaction.react(fresh, by=by, data={**data, "note": note})
        return type(fresh)._base_manager.get(pk=fresh.pk)
