"""Keeping the lists of HR: who has a verified record, at which agency, under which name."""

from django.db.models import Exists, F, OuterRef, Q, Subquery

from people.models import EmploymentSnapshot, User
from people.queries import snapshot_of

from ..models import PointEvent, RecordHolder

BATCH = 500


def hold(person: User) -> None:
    """Note that the person has a verified record; once."""
    post = snapshot_of(person)
    RecordHolder.objects.get_or_create(
        person=person, defaults={"agency": post.agency if post else None, "sort_name": person.full_name}
    )


def keep_holders() -> int:
    """Follow the register and the accounts: new holders, transfers, changed names; returns how many rows changed."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    people = User.objects.annotate(agency_now=Subquery(newest.values("agency")[:1]))
    new = people.filter(Exists(PointEvent.objects.filter(person=OuterRef("pk"))), record_holder=None)
    rows = [RecordHolder(person=one, agency_id=one.agency_now, sort_name=one.full_name) for one in new]
    RecordHolder.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    moved = people.filter(record_holder__isnull=False).exclude(
        Q(record_holder__agency=F("agency_now")) | Q(record_holder__agency=None, agency_now=None),
        record_holder__sort_name=F("full_name"),
    )
    changed = [RecordHolder(person=one, agency_id=one.agency_now, sort_name=one.full_name) for one in moved]
    RecordHolder.objects.bulk_update(changed, ["agency", "sort_name"], batch_size=BATCH)
    return len(rows) + len(changed)
