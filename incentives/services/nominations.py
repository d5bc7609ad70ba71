"""Nominating oneself."""

from django.db import IntegrityError, transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.models import User
from people.queries import snapshot_of

from ..enums import Wish
from ..models import Nomination


def nominate_oneself(*, by: User, wish: Wish, statement: str) -> Nomination:
    """Nominate oneself at one's present agency; one open nomination at a time."""
    post = snapshot_of(by)
    if post is None:
        raise NotPossible("The register does not name your agency yet. Ask your agency's HR officer.")
    try:
        with transaction.atomic():
            row = Nomination.objects.create(
                person=by, agency=post.agency, wish=wish, statement=statement, created_at=clock.now()
            )
            trail.record(row, action="nomination_written", by=by)
            return perform(row, "submit", by=by)
    except IntegrityError:
        raise NotPossible("You already have a nomination on its way.") from None
