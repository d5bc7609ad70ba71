"""The text that both sides sign, and the money and days that follow from it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.trail import canonical
from people.models import User
from people.services.calendar import add_business_days
from people.templatetags.fund import money

from ..limits import LAST_SHARE_PERCENT, OFFER_BUSINESS_DAYS

Step = tuple[str, date, int]  # title, day it is due, share of the money in whole percent


def split(amount: int, shares: Sequence[int]) -> list[int]:
    """Split `amount` by whole percent so that the parts sum to it exactly; each is at most 1 chhetrum off."""
    reached = [amount * sum(shares[:place]) // 100 for place in range(len(shares) + 1)]
    return [end - start for start, end in pairwise(reached)]


def refuse_uneven(steps: Sequence[Step]) -> None:
    """Raise NotPossible unless there are milestones, in order of their days, whose shares make 100 %."""
    days = [day for _, day, _ in steps]
    if sum(share for _, _, share in steps) != 100 or min(share for _, _, share in steps) <= 0:
        raise NotPossible("The shares of the milestones must be more than zero and add up to 100 %.")
    if len(steps) > 1 and steps[-1][2] < LAST_SHARE_PERCENT:
        raise NotPossible(f"The last payment must be at least {LAST_SHARE_PERCENT} %: it waits for the close-out.")
    if days != sorted(days):
        raise NotPossible("The milestones must be in the order of their days.")


def expiry() -> datetime:
    """Return the end (exclusive) of the last business day on which the offer can be signed."""
    last = add_business_days(clock.today(), OFFER_BUSINESS_DAYS)
    midnight = datetime.combine(last + timedelta(days=1), time.min, timezone.get_default_timezone())
    return midnight.astimezone(UTC)


def person_line(person: User) -> str:
    """Return a name that cannot be confused with another person's of the same name."""
    return f"{person.full_name} · {person.employee_number or person.email}"


def text_of(**facts: Any) -> str:
    """Return the agreement as canonical JSON."""
    return canonical(facts)


def sha256_of(text: str) -> str:
    """Return the hash that a signature names."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> dict[str, Any]:
    """Return the facts of an agreement's text."""
    found: dict[str, Any] = json.loads(text)
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (what, before, after) in words for everything in which two versions differ."""
    found = []
    if before["amount"] != after["amount"]:
        found.append(("Amount", money(before["amount"]), money(after["amount"])))
    for old, new in zip(before["milestones"], after["milestones"], strict=True):
        if old[1] != new[1]:
            found.append((f"Milestone “{old[0]}” is due", day_in_words(old[1]), day_in_words(new[1])))
    old_items = dict(before.get("budget", []))
    for name, amount in after.get("budget", []):
        if old_items.get(name) != amount:
            found.append((f"Budget item “{name}”", money(old_items.get(name, 0)), money(amount)))
    found += [("What is done", "", said) for said in after.get("changes", [])[len(before.get("changes", [])) :]]
    return found


def day_in_words(iso: str) -> str:
    """Return a day of the text as people write it."""
    return f"{date.fromisoformat(iso):%-d %B %Y}"
