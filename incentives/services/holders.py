"""Keeping the lists of HR: who has a record that HR may see, at which agency, under which name."""

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from people.models import EmploymentSnapshot, User
from people.queries import snapshot_of

from ..enums import OF_LEARNING
from ..models import PointEvent, RecordHolder, ShownToHr

BATCH = 500


def hold(person: User) -> None:
    """Keep the person's row of the lists: add it with the first record, and list it while HR may see something."""
    row = RecordHolder.objects.filter(person=person).first()
    listed = User.objects.filter(_may_be_seen(), pk=person.pk).exists()
    if row is None:
        post = snapshot_of(person)
        RecordHolder.objects.get_or_create(
            person=person,
            defaults={"agency": post.agency if post else None, "sort_name": person.full_name, "listed": listed},
        )
    elif row.listed != listed:
        RecordHolder.objects.filter(pk=row.pk).update(listed=listed)


def _may_be_seen() -> Exists:
    """Return whether a user has a verified result or contribution, or a failure that they put into their file."""
    rows = PointEvent.objects.filter(person=OuterRef("pk"), reverses=None)
    shown = ShownToHr.objects.filter(person=OuterRef("person"), case=OuterRef("case"), until=None)
    return Exists(rows.filter(~Q(code__in=OF_LEARNING) | Exists(shown)))


def _people() -> QuerySet[User, Any]:
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    seen = Case(When(_may_be_seen(), then=Value(True)), default=Value(False))
    return User.objects.annotate(agency_now=Subquery(newest.values("agency")[:1]), seen=seen)


def keep_holders() -> int:
    """Follow the register, the accounts and the records: new rows, transfers, changed names; returns how many."""
    new = _people().filter(Exists(PointEvent.objects.filter(person=OuterRef("pk"))), record_holder=None)
    rows = [_row(one) for one in new]
    RecordHolder.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    moved = _people().filter(record_holder__isnull=False).exclude(
        Q(record_holder__agency=F("agency_now")) | Q(record_holder__agency=None, agency_now=None),
        record_holder__sort_name=F("full_name"), record_holder__listed=F("seen"),
    )  # fmt: skip
    changed = [_row(one) for one in moved]
    RecordHolder.objects.bulk_update(changed, ["agency", "sort_name", "listed"], batch_size=BATCH)
    return len(rows) + len(changed)


def _row(person: Any) -> RecordHolder:
    """Return the row as it should be of a person of `_people`."""
    return RecordHolder(
        person=person, agency_id=person.agency_now, sort_name=person.full_name, listed=person.seen
    )  # fmt: skip
