"""Writing down every look at a person's record."""

from lifecycle import clock

from ..models import AccessLog, User


def log_look(*, viewer: User, person: User, what: str) -> None:
    """Record that `viewer` saw `what` of `person`; one's own record is not logged."""
    if viewer.pk != person.pk:
        AccessLog.objects.create(person=person, viewer=viewer, what=what, at=clock.now())
