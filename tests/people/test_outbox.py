import smtplib

import pytest
from django.conf import settings
from django.core import mail

from lifecycle import clock
from people.enums import Grade, MailState
from people.models import Block, Notification
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
    assert sent.body == f"Body\n\n{settings.BASE_URL}/inbox/"


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


def test_inbox_hides_what_a_conflict_keeps_the_person_out_of(client, proposal, cast):
    person, path = cast["stranger"], proposal.get_absolute_url()
    for key, where in (("by path", {"path": path}), ("named", {"path": "/reviews/1/", "case": proposal.case})):
        notify.notify(person=person, key=key, subject="Secret title", body="b", **where)
    other = notify.notify(person=person, key="other", subject="Other", body="b", path="/inbox/")
    about = Notification.objects.filter(case=proposal.case, person=person)
    assert list(about.values_list("key", flat=True)) == ["named", "by path"]
    client.force_login(person)
    assert b"Inbox (3 new)" in client.get("/help/").content
    Block.objects.create(case=proposal.case, person=person, grade=Grade.BLOCK, reason="kin", since=clock.now())
    page = client.get("/inbox/").content
    assert (b"Secret title" in page, b"Inbox (1 new)" in page, b"Other" in page) == (False, True, True)
    hidden = Notification.objects.get(key="named")
    assert client.post(f"/inbox/{hidden.pk}/open/").status_code == 404
    assert client.post(f"/inbox/{other.pk}/open/").status_code == 302
