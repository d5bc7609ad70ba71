"""Versions of the points policy: data that two people approve, in force from a day on, never dated back."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import perform
from people.models import User
from people.services.accounts import system_user

from ..enums import PolicyState
from ..models import PolicyComment, PolicyVersion
from ..policies import is_rcsc
from ..rules.loading import load
from ..rules.policy import OPEN, SPARK, Policy
from ..rules.steps import canonical, in_points

MOST_COMMENTS = 10  # of one person about one draft
ALL_ALIKE = "Whatever the reviewers thought"
STANDARD = Path(__file__).resolve().parents[1] / "policy_data" / "FT-2026.1.json"


def add_draft(*, by: User, data: Any, valid_from: date) -> PolicyVersion:
    """Store a draft after checking it. PolicyFault names what is wrong; NotPossible unless `by` is of the RCSC."""
    if not is_rcsc(None, by):
        raise NotPossible("Only the RCSC prepares a version of the points policy.", forbidden=True)
    policy = load(data)
    if valid_from < clock.today():
        raise NotPossible("A version is never dated back: choose today or a later day.")
    for rule in policy.rules.values():
        if rule.transition is not None and rule.transition.until < valid_from:
            raise NotPossible(f"The transitional clause of “{rule.label}” ends before the version begins.")
    _refuse_taken(name := address_of(policy), valid_from)
    text = canonical(data)
    row = PolicyVersion.objects.create(
        name=name, data=text, valid_from=valid_from,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    trail.record(row, action="policy_added", by=by, changes={"sha256": [None, row.sha256]})
    return row


def address_of(policy: Policy) -> str:
    """Return the name of a version as it stands in addresses."""
    return policy.version.replace(".", "-").lower()


def _refuse_taken(name: str, valid_from: date) -> None:
    """Say what stands in the way of a version of this name and day: NotPossible."""
    if PolicyVersion.objects.filter(name=name).exists():
        raise NotPossible("A version of this name exists already, in force, over or withdrawn. Give it another name.")
    if PolicyVersion.objects.standing().filter(valid_from=valid_from).exists():
        raise NotPossible(
            "A version that begins on this day exists already. Choose another day, or withdraw that one if it does not "
            "hold yet."
        )


def comment(version: PolicyVersion, *, by: User, text: str) -> PolicyComment:
    """Say something about a draft; the same words of the same person are kept once.

    NotPossible once the first person has approved it, and beyond MOST_COMMENTS.
    """
    with locked([version]):
        fresh = PolicyVersion.objects.get(pk=version.pk)
        if fresh.state != PolicyState.DRAFT:
            raise NotPossible("The consultation is over: this version is no longer a draft.")
        own = list(fresh.comments.filter(by=by))
        again = next((row for row in own if row.text == text), None)
        if again is not None:
            return again
        if len(own) >= MOST_COMMENTS:
            raise NotPossible(f"You have said {MOST_COMMENTS} things about this draft. The RCSC reads all of them.")
        row = PolicyComment.objects.create(version=fresh, by=by, text=text, at=clock.now())
        trail.record(fresh, action="commented", by=by)
        return row


@act
def consult(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Approve as the first person."""
    return perform(version, "consult", by=by, note=note, person=by)


@act
def approve(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Approve as the second person; a version whose day has come takes effect at once."""
    perform(version, "approve", by=by, note=note, person=by, at=clock.now())
    take_effect_due()
    return PolicyVersion.objects.get(pk=version.pk)


@act
def withdraw_version(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Take back, with the reason, a version that does not hold yet; its day is free for another."""
    return perform(version, "withdraw_version", by=by, note=note)


@act
def take_effect(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Let a version hold from its day; the one before it gives way in the same transaction."""
    before = list(PolicyVersion.objects.filter(state__in=(PolicyState.IN_FORCE, PolicyState.SUSPENDED)))
    with locked([version, *before]):
        for old in before:
            perform(old, "give_way", by=by, until=version.valid_from)
        return perform(version, "take_effect", by=by, note=note)


@act
def suspend_policy(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Suspend it with the reason: nobody is checked against it, and what is earned meanwhile keeps this version."""
    return perform(version, "suspend_policy", by=by, note=note)


@act
def resume_policy(version: PolicyVersion, *, by: User, note: str = "") -> PolicyVersion:
    """Let it hold again, with the reason."""
    return perform(version, "resume_policy", by=by, note=note)


def take_effect_due() -> int:
    """Let every approved version hold whose first day has come; returns how many."""
    due = PolicyVersion.objects.filter(state=PolicyState.APPROVED, valid_from__lte=clock.today())
    count = 0
    for version in due.order_by("valid_from"):
        take_effect(version, by=system_user())
        count += 1
    return count


@dataclass(frozen=True)
class Earning:
    """What a project of one stage and chance can earn, in points: one result alone, and everything together."""

    stage: str
    chance: str
    one: str
    most: str


def earnings(policy: Policy) -> list[Earning]:
    """Return what each kind of project can earn in the window; Sparks are alike whatever their chance."""
    cap = policy.year_cap_tenths * years_touched(policy.window_months)
    found = []
    for key, stage in policy.stages.items():
        most = in_points(min(cap, policy.spark_cap_tenths) if key == SPARK else cap)
        chances = {OPEN: ALL_ALIKE} if key == SPARK else policy.classes
        for ambition, chance in chances.items():
            found.append(Earning(stage.label, chance, in_points(policy.base("R1", key, ambition)), most))
    return found


def years_touched(months: int) -> int:
    """Return how many fiscal years a window of calendar months can reach into: it seldom begins with one."""
    return -(-months // 12) + 1


def standard_policy() -> Any:
    """Return the data of FT-2026.1 as it comes with the product."""
    return json.loads(STANDARD.read_text(encoding="utf-8"))
