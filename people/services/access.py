"""Writing down every look at a person's record."""

from collections.abc import Iterable

from lifecycle import clock

from ..models import AccessLog, User


def log_look(*, viewer: User, person: User, what: str) -> None:
    """Record that `viewer` saw `what` of `person`; one's own record is not logged."""
    if viewer.pk != person.pk:
        AccessLog.objects.create(person=person, viewer=viewer, what=what, at=clock.now())


def log_looks(*, viewer: User, people: Iterable[User], what: str) -> None:
    """Record that `viewer` saw `what` of each of many people; one query."""
    at = clock.now()
    AccessLog.objects.bulk_create(
        AccessLog(person=person, viewer=viewer, what=what, at=at) for person in people if person.pk != viewer.pk
    )
