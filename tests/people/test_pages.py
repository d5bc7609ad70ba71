import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from lifecycle import clock
from people.probes import PROBES
from people.services.notify import notify

from ..factories import UserFactory


def test_account_shows_source_and_date_of_the_register(client, cast):
    client.force_login(cast["lead"])
    page = client.get(reverse("account")).content.decode()
    assert "Test register, as of 1 January 2026" in page


def test_inbox_shows_own_messages_and_opening_marks_them(client, cast):
    mine = notify(person=cast["lead"], key="a", subject="For you", body="b", path="/calls/")
    notify(person=cast["stranger"], key="b", subject="For another", body="b")
    client.force_login(cast["lead"])
    page = client.get(reverse("inbox")).content.decode()
    assert ("For you" in page, "For another" in page, "(1 new)" in page) == (True, False, True)
    assert client.post(reverse("open_message", args=[mine.pk])).headers["Location"] == "/calls/"
    assert "(1 new)" not in client.get(reverse("inbox")).content.decode()


def test_message_of_another_person_cannot_be_opened(client, cast):
    theirs = notify(person=cast["stranger"], key="b", subject="For another", body="b")
    client.force_login(cast["lead"])
    assert client.post(reverse("open_message", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None


@pytest.mark.django_db
def test_probes_answer(client):
    assert client.get("/health/live").json() == {"live": True}
    assert client.get("/health/ready").json() == {"database": True, "clock": True, "cache": True}


@pytest.mark.django_db
def test_ready_names_the_part_that_is_down(client, monkeypatch):
    def down():
        raise DatabaseError

    monkeypatch.setattr("people.probes.PROBES", PROBES | {"cache": down})
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "clock": True, "cache": False})


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clock of its own")
def test_ready_refuses_a_clock_that_is_off(client, soon):
    with clock.frozen(soon):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["clock"]) == (503, False)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["སྐལ་བཟང་རྡོ་རྗེ", "Tashi", "Sonam Choden"])
def test_names_are_shown_as_written_and_never_merge(client, name):
    first, second = UserFactory(full_name=name), UserFactory(full_name=name)
    client.force_login(first)
    page = client.get(reverse("account")).content.decode()
    assert name in page
    assert first.email in page
    assert second.email not in page
