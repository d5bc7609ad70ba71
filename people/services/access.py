"""Writing down every look at a person's record."""

from collections.abc import Iterable
from datetime import timedelta

from lifecycle import clock

from ..models import AccessLog, User

SAME_LOOK = timedelta(hours=1)  # opened again within it for the same purpose, it is one look: nobody floods the log


def log_look(*, viewer: User, person: User, what: str) -> None:
    """Record that `viewer` saw `what` of `person`, once an hour; one's own record is not logged."""
    log_looks(viewer=viewer, people=[person], what=what)


def log_looks(*, viewer: User, people: Iterable[User], what: str) -> None:
    """Record that `viewer` saw `what` of each of many people, once an hour each; two queries."""
    at = clock.now()
    pks = {person.pk for person in people} - {viewer.pk}
    if not pks:
        return
    known = AccessLog.objects.filter(viewer=viewer, what=what, person__in=pks, at__gt=at - SAME_LOOK)
    pks -= set(known.values_list("person", flat=True))
    AccessLog.objects.bulk_create(AccessLog(person_id=pk, viewer=viewer, what=what, at=at) for pk in sorted(pks))
