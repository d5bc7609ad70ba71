from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse

from lifecycle import clock
from people.tasks import clear_sessions

from ..factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


def sign_in(client, email, password=PASSWORD, address="10.0.0.1"):
    data = {"login": email, "password": password}
    return client.post(reverse("account_login"), data, REMOTE_ADDR=address)


def test_sign_in_leads_home(client):
    person = UserFactory()
    assert sign_in(client, person.email).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_sign_in_too_often_waits_only_at_that_address(client):
    person = UserFactory()
    for _ in range(5):
        assert b"There is a problem" in sign_in(client, person.email, "wrong").content
    assert b"Too many tries" in sign_in(client, person.email).content
    assert sign_in(client, person.email, address="10.0.0.2").status_code == 302


def test_sign_in_answers_the_same_for_unknown_people(client):
    known = sign_in(client, UserFactory().email, "wrong")
    unknown = sign_in(client, "nobody@x.example", "wrong")
    words = b"The email address and/or password you specified are not correct."
    assert known.content.count(words) == unknown.content.count(words) == 1


def test_deactivated_person_is_out_on_the_next_request(client):
    person = UserFactory()
    sign_in(client, person.email)
    person.is_active = False
    person.save()
    assert client.get("/").status_code == 302


def test_idle_session_ends_and_an_active_one_goes_on(client):
    from datetime import timedelta

    sign_in(client, UserFactory().email)
    now = clock.now()
    with clock.frozen(now + timedelta(hours=7)):
        assert client.get("/").status_code == 200
    with clock.frozen(now + timedelta(hours=14)):
        assert client.get("/").status_code == 200
    with clock.frozen(now + timedelta(hours=23)):
        assert client.get("/").status_code == 302


def test_sign_up_is_closed(client):
    page = client.get(reverse("account_signup"))
    assert "sign up is currently closed" in page.content.decode().lower()


def test_addresses_come_from_the_register_and_nobody_adds_one(client):
    client.force_login(person := UserFactory())
    for answer in (client.get("/account/email/"), client.post("/account/email/", {"email": "me@x.example"})):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert not EmailAddress.objects.filter(user=person).exclude(email=person.email).exists()


def test_sessions_that_have_ended_are_forgotten(client):
    client.force_login(UserFactory())
    now = client.session.session_key
    Session.objects.create(session_key="old", session_data="", expire_date=clock.now() - timedelta(days=1))
    clear_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == [now]


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"])
def test_sign_in_never_leads_off_site(client, target):
    data = {"login": UserFactory().email, "password": PASSWORD, "next": target}
    assert client.post(reverse("account_login"), data).headers["Location"] == "/"
