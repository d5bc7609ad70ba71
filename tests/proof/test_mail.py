"""Mail exactly once: four dispatchers, a server that refuses every seventh message."""

import pytest

from lifecycle import clock
from people.enums import MailState
from people.models import Notification
from people.services import notify

from ..factories import UserFactory
from ..races import race
from ..sizes import MAILS
from .smtp import LoopbackMail

pytestmark = pytest.mark.django_db(transaction=True)
DISPATCHERS = 4


@pytest.fixture
def server(settings):
    server = LoopbackMail()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 10
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def waiting(db):
    person = UserFactory()
    Notification.objects.bulk_create(
        Notification(
            person=person, key=f"mail-{number}", subject="Hello", body="Body", created_at=clock.now(),
            message_id=f"<mail-{number}@x.example>",
        )
        for number in range(MAILS)
    )  # fmt: skip
    return {f"<mail-{number}@x.example>" for number in range(MAILS)}


def dispatch_all(number):
    """Work like a scheduler that never rests, until nothing is free."""
    sent, now = 0, 1
    while now:
        now = notify.dispatch(25)
        sent += now
    return sent


def test_mail_of_four_dispatchers_arrives_once_although_refused_now_and_then(server, waiting, monkeypatch):
    monkeypatch.setattr(notify, "MAX_ATTEMPTS", 100)
    sent = 0
    while Notification.objects.filter(mail_state=MailState.QUEUED).exists():
        sent += sum(race(DISPATCHERS, dispatch_all))
        Notification.objects.filter(mail_state=MailState.QUEUED).update(lease_until=None)  # the refused are due again
    assert set(server.accepted) == waiting
    assert set(server.accepted.values()) == {1}
    assert sent == MAILS
    assert server.seen > MAILS  # some were refused, or nothing is shown
    assert Notification.objects.filter(mail_state=MailState.SENT).count() == MAILS


def test_mail_without_the_lease_is_sent_more_than_once(server, waiting, monkeypatch):
    """Negative control: dispatchers that do not claim their rows."""
    server.refuses = False
    rows = list(Notification.objects.select_related("person"))

    def careless(number):
        return sum(notify._send(row) for row in rows)

    race(DISPATCHERS, careless)
    assert set(server.accepted.values()) == {DISPATCHERS}
