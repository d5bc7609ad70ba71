"""Which version of the points policy holds on a day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from lifecycle.errors import NotPossible

from ..enums import PolicyState
from ..models import PolicyVersion
from ..rules.policy import Policy

HELD = (PolicyState.IN_FORCE, PolicyState.SUSPENDED, PolicyState.SUPERSEDED)
SUSPENDED = "The points policy is suspended. What is earned meanwhile is kept; nobody is checked until it holds again."


@dataclass(frozen=True)
class PolicyOn:
    """The stored version and its rules."""

    row: PolicyVersion
    rules: Policy


def policy_on(day: date) -> PolicyOn:
    """Return the version in force on `day`, also while it is suspended; NotPossible when there is none."""
    held = PolicyVersion.objects.filter(Q(valid_until=None) | Q(valid_until__gt=day), state__in=HELD)
    row = held.filter(valid_from__lte=day).order_by("-valid_from").first()
    if row is None:
        raise NotPossible("No points policy is in force on that day. The RCSC approves one.")
    return PolicyOn(row, row.rules)


def policy_for_checking(day: date) -> PolicyOn:
    """Return the version against which people are checked on `day`; NotPossible while it is suspended."""
    found = policy_on(day)
    if found.row.state == PolicyState.SUSPENDED:
        raise NotPossible(SUSPENDED)
    return found
