"""Whose records stand under a second look or are held, for the lists and pages of the offices."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from .enums import OF_LEARNING
from .hr_queries import contested
from .models import PointEvent, ShownToHr


def under_second_look(people: Iterable[int]) -> set[int]:
    """Return those of the people (pks) whose file has a record under a second look; one query.

    A failure is in the file only while the person shows it, so only then does it set the mark.
    """
    shown = ShownToHr.objects.filter(person=OuterRef("person"), case=OuterRef("case"), until=None)
    rows = PointEvent.objects.filter(person__in=list(people), reverses=None, reversal=None).order_by()
    rows = rows.filter(~Q(code__in=OF_LEARNING) | Exists(shown)).filter(contested("case"))
    return set(rows.values_list("person", flat=True))
