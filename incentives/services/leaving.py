"""How a person who left goes: from the account, from messages to others, and with the files made about them."""

import re
from collections.abc import Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from documents.models import StoredFile
from documents.services import delete_file
from lifecycle import clock
from lifecycle.models import Job
from people.models import AccessLog, Notification, User

from ..models import LegalHold, RecordHolder
from ..rules.steps import months_before
from .files import LISTED

LEFT = "A person who left"
OWN = ("own-record", "protection-letter")  # files about their owner
MADE = ("annex", "cohort", "take-up", "judging", "money", "own-record")  # made for a reader, who can ask for them anew
ANNEX = "incentives.make_annex"


def years_ago(years: int) -> datetime:
    """Return the same time of the day so many years ago, in the country's time."""
    now = timezone.localtime(clock.now())
    day = months_before(now.date(), 12 * years)
    return now.replace(year=day.year, month=day.month, day=day.day)


def files_about(person: User) -> QuerySet[StoredFile]:
    """Return the files made about the person alone: what they asked for themselves, and the annexes of HR."""
    annexes = Job.objects.filter(name=ANNEX, key__startswith=f"{person.pk}:").exclude(result="").values_list("result")
    return StoredFile.objects.filter(
        Q(kind__in=OWN, owner_id=person.pk) | Q(kind="annex", pk__in=[pk for (pk,) in annexes])
    )


def made_files(before: datetime) -> QuerySet[StoredFile]:
    """Return files made for a reader before then, but those about somebody who is under a legal hold."""
    found = StoredFile.objects.filter(kind__in=MADE, created_at__lt=before)
    held = LegalHold.objects.filter(until=None, person__isnull=False).select_related("person")
    for person in [row.person for row in held if row.person]:
        found = found.exclude(pk__in=files_about(person).values("pk"))
        listed = AccessLog.objects.filter(person=person, viewer=OuterRef("owner_id"), what__startswith=LISTED)
        found = found.exclude(Exists(listed), kind="cohort")
    return found


def remove_file(stored: StoredFile) -> None:
    """Delete a made file, and the row of the work that made it, which keeps what was searched for."""
    Job.objects.filter(result=str(stored.pk)).delete()
    delete_file(StoredFile.objects.get(pk=stored.pk))


def remove_person(person: User) -> None:
    """Take the name from the account and from messages to others; own messages and files about the person go."""
    EmailAddress.objects.filter(user=person).delete()
    Notification.objects.filter(person=person).delete()
    for stored in files_about(person):
        remove_file(stored)
    _unname_messages(person)
    User.objects.filter(pk=person.pk).update(
        full_name=LEFT,
        email=f"left-{person.pk}@removed.invalid",
        employee_number=None,
        password=make_password(None),
    )
    RecordHolder.objects.filter(person=person).update(sort_name=LEFT)


def _unname_messages(person: User) -> None:
    """Replace name, number and address in messages to others.

    A name that somebody else has too is replaced alone only in what is older than the time of keeping.
    """
    shared = User.objects.filter(full_name=person.full_name).exclude(pk=person.pk).exists()
    before = years_ago(settings.KEEP_YEARS["people"])
    words = [word for word in (person.full_name, person.employee_number, person.email) if word]
    named = Q()
    for word in words:
        named |= Q(subject__contains=word) | Q(body__contains=word) | Q(path__contains=word)
    for row in Notification.objects.filter(named):
        patterns = list(_patterns(person, alone=not shared or row.created_at < before))
        path = "" if any(pattern.search(row.path) for pattern in patterns) else row.path
        subject, body = (_unnamed(text, patterns) for text in (row.subject, row.body))
        Notification.objects.filter(pk=row.pk).update(subject=subject[:200], body=body, path=path)


def _patterns(person: User, *, alone: bool) -> Iterator[re.Pattern[str]]:
    """Return what names the person, longest first: the name beside the number, the name alone, number and address."""
    name, marks = person.full_name, [mark for mark in (person.employee_number, person.email) if mark]
    found = [f"{name} · {mark}" for mark in marks if name] + [name] * bool(alone and name) + marks
    for words in found:
        yield re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])")


def _unnamed(text: str, patterns: list[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub(LEFT, text)
    return text
