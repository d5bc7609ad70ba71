"""The outbox: written in the change's transaction, sent afterwards, exactly once."""

import logging
import re
import smtplib
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q

from lifecycle import clock

from ..enums import MailState
from ..models import Notification, User
from ..queries import readable_messages

LEASE = timedelta(seconds=60)  # longer than EMAIL_TIMEOUT, so that a live sender never loses its row
MAX_ATTEMPTS = 8
CASE_IN_PATH = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")
log = logging.getLogger(__name__)


def notify(
    *, person: User, key: str, subject: str, body: str, path: str = "", case: UUID | None = None
) -> Notification:
    """Put one message into the person's inbox and the outbox; the same key gives the same row.

    `case` is what the message is about, where its path does not name it.
    """
    named = CASE_IN_PATH.search(path) if case is None else None
    defaults = {
        "person": person, "subject": " ".join(subject.split())[:200], "body": body, "path": path,
        "case": UUID(named[1]) if named else case,
        "created_at": clock.now(), "message_id": f"<{uuid4().hex}@innovation-fund>",
    }  # fmt: skip
    return Notification.objects.get_or_create(key=key, defaults=defaults)[0]


def mark_read(*, by: User, pk: int) -> None:
    """Mark one own message as read."""
    Notification.objects.filter(pk=pk, person=by, read_at=None).update(read_at=clock.now())


def dispatch(limit: int = 100) -> int:
    """Send waiting mails; each is claimed by a lease UPDATE, so that dispatchers never send one twice.

    What is about a case that a conflict keeps its reader out of is not sent.
    """
    now = clock.now()
    free = Q(mail_state=MailState.QUEUED) & (Q(lease_until=None) | Q(lease_until__lt=now))
    sent = 0
    for pk in list(readable_messages().filter(free).order_by("pk").values_list("pk", flat=True)[:limit]):
        if Notification.objects.filter(free, pk=pk).update(lease_until=clock.now() + LEASE, attempts=F("attempts") + 1):
            sent += _send(Notification.objects.select_related("person").get(pk=pk))
    return sent


def _send(row: Notification) -> int:
    """Send one claimed row; a refusal waits longer each time and is parked at last."""
    text = f"{row.body}\n\n{settings.BASE_URL}{row.path}" if row.path else row.body
    mail = EmailMessage(row.subject, text, to=[row.person.email], headers={"Message-ID": row.message_id})
    try:
        mail.send()
    except (OSError, smtplib.SMTPException):
        log.warning("mail_refused notification=%s attempt=%s", row.pk, row.attempts)
        parked = row.attempts >= MAX_ATTEMPTS
        Notification.objects.filter(pk=row.pk).update(
            mail_state=MailState.PARKED if parked else MailState.QUEUED,
            lease_until=None if parked else clock.now() + timedelta(seconds=30 * 2**row.attempts),
        )
        return 0
    Notification.objects.filter(pk=row.pk).update(mail_state=MailState.SENT, sent_at=clock.now(), lease_until=None)
    return 1
