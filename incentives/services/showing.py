"""A person puts a learning record of their team into their own file, or takes it out again."""

from uuid import UUID

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import User

from ..enums import LearningState
from ..models import LearningRecord, PointEvent, ShownToHr
from .holders import hold

KEPT = (LearningState.ACCEPTED, LearningState.PUBLISHED)


def show_to_hr(*, by: User, case: UUID) -> None:
    """Let HR read the accepted learning record of `case` in one's file; NotPossible if it is not on one's record."""
    record = LearningRecord.objects.filter(case=case, state__in=KEPT).first()
    if record is None or not PointEvent.objects.filter(person=by, case=case, code="F1", reversal=None).exists():
        raise NotPossible("Only an accepted learning record on your own record can be shown.")
    with transaction.atomic():
        _, created = ShownToHr.objects.get_or_create(person=by, case=case, until=None, defaults={"since": clock.now()})
        if created:
            trail.record(record, action="shown_to_hr", by=by)
            hold(by)


def hide_from_hr(*, by: User, case: UUID) -> None:
    """Take it out of one's file again; whose only record it was leaves HR's list."""
    with transaction.atomic():
        if ShownToHr.objects.filter(person=by, case=case, until=None).update(until=clock.now()):
            trail.record(LearningRecord.objects.get(case=case), action="hidden_from_hr", by=by)
            hold(by)
