"""The board's limit for decisions of one member: proposed by one, confirmed by another, from a day on."""

from datetime import date

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.remembering import remembered
from people.enums import Role
from people.models import User
from people.policies import holds

from ..models import DecisionLimit

may_limit = holds(Role.BOARD)


def propose(*, by: User, amount: int, valid_from: date) -> DecisionLimit:
    """Propose the limit (chhetrum) from a day on, today at the earliest. NotPossible for others than the board."""
    if not may_limit(None, by):
        raise NotPossible("Only the board sets this limit.", forbidden=True)
    if amount <= 0:
        raise NotPossible("The limit must be more than zero.")
    if valid_from < clock.today():
        raise NotPossible("The limit cannot begin on a day that is over.")
    with transaction.atomic():
        row = DecisionLimit.objects.create(amount=amount, valid_from=valid_from, set_by=by, set_at=clock.now())
        trail.record(row, action="limit_proposed", by=by, changes={"amount": [None, amount]})
        return row


def confirm(limit: DecisionLimit, *, by: User) -> DecisionLimit:
    """Confirm the limit as a second member of the board. NotPossible for its proposer."""
    with locked([limit]):
        fresh = DecisionLimit.objects.get(pk=limit.pk)
        if not may_limit(None, by):
            raise NotPossible("Only the board sets this limit.", forbidden=True)
        if fresh.set_by_id == by.pk:
            raise NotPossible("Another member of the board confirms what you proposed.")
        if fresh.confirmed_by_id is not None:
            raise NotPossible("This limit is already confirmed.")
        if fresh.valid_from < clock.today():
            raise NotPossible("Its first day is over. Propose it again.")
        DecisionLimit.objects.filter(pk=fresh.pk).update(confirmed_by=by, confirmed_at=clock.now())
        trail.record(fresh, action="limit_confirmed", by=by)
        return DecisionLimit.objects.get(pk=fresh.pk)


@remembered
def in_force() -> DecisionLimit | None:
    """Return the confirmed limit of today, or None."""
    found = DecisionLimit.objects.filter(confirmed_by__isnull=False, valid_from__lte=clock.today())
    return found.select_related("set_by", "confirmed_by").first()
