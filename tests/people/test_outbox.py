import smtplib

import pytest
from django.core import mail

from lifecycle import clock
from people.enums import MailState
from people.models import Notification
from people.services import notify

from ..factories import UserFactory

pytestmark = pytest.mark.django_db


def send_one():
    return notify.notify(
        person=UserFactory(), key="k", subject="Hello\r\nBcc: x@y.example", body="Body", path="/inbox/"
    )


def test_outbox_sends_once_with_its_message_id():
    row = send_one()
    assert (notify.dispatch(), notify.dispatch()) == (1, 0)
    (sent,) = mail.outbox
    assert sent.extra_headers["Message-ID"] == row.message_id
    assert sent.subject == "Hello Bcc: x@y.example"
    assert sent.body == "Body\n\nhttp://localhost:8000/inbox/"


def test_outbox_same_key_is_one_row():
    assert send_one().pk == send_one().pk


def test_outbox_refused_mail_is_kept_with_the_same_id(monkeypatch, soon):
    row = send_one()

    def refuses(self):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuses)
        assert notify.dispatch() == 0
    assert notify.dispatch() == 0  # it waits before the next try
    with clock.frozen(soon):
        assert notify.dispatch() == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == row.message_id


def test_outbox_poison_row_is_parked(monkeypatch):
    def refuses(self):
        raise OSError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuses)
    row = send_one()
    for _ in range(notify.MAX_ATTEMPTS):
        Notification.objects.update(lease_until=None)
        notify.dispatch()
    row.refresh_from_db()
    assert (row.mail_state, row.attempts) == (MailState.PARKED, notify.MAX_ATTEMPTS)


def test_outbox_row_of_a_dead_dispatcher_is_sent_later(soon):
    row = send_one()
    Notification.objects.filter(pk=row.pk).update(lease_until=clock.now() + notify.LEASE, attempts=1)
    assert notify.dispatch() == 0
    with clock.frozen(soon):
        assert notify.dispatch() == 1
