"""The text that both sides sign, and the money and days that follow from it."""

import hashlib
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

from ..limits import OFFER_BUSINESS_DAYS

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
