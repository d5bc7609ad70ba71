"""Telling people that a call of a stage has opened, once."""

from collections.abc import Iterable

from django.db import transaction

from lifecycle import clock
from people.models import Notification, User
from people.services.notify import notify
from people.templatetags.fund import moment_before

from ..models import Call, Subscription


def choose_stages(*, by: User, stages: Iterable[str]) -> None:
    """Set the stages about which `by` is told; an empty choice ends all messages."""
    wanted = set(stages)
    with transaction.atomic():
        Subscription.objects.filter(person=by).exclude(stage__in=wanted).delete()
        rows = [Subscription(person=by, stage=stage) for stage in sorted(wanted)]
        Subscription.objects.bulk_create(rows, ignore_conflicts=True)


def tell_of_opened() -> int:
    """Tell subscribers of every call that is open now; the message's key makes it once. Returns how many were told."""
    told = 0
    for call in Call.objects.open_now().filter(opens_at__gt=clock.shift(days=-7)):
        known = Notification.objects.filter(key__startswith=f"opened:{call.pk}:").values("person")
        rows = Subscription.objects.filter(stage=call.stage, person__is_active=True).exclude(person__in=known)
        for row in rows.select_related("person"):
            _tell(call, row.person)
            told += 1
    return told


def _tell(call: Call, person: User) -> None:
    ends = f"It closes {moment_before(call.ends_at)}." if call.ends_at else "It stays open."
    notify(
        person=person, key=f"opened:{call.pk}:{person.pk}", subject=f"Open now: {call.title}",
        body=f"A call of the stage {call.get_stage_display()} has opened: “{call.title}”. {ends} "
        "You asked to be told; on the page of all calls you can end that.",
        path=f"/calls/{call.reference}/",
    )  # fmt: skip
