"""What somebody typed when their session had ended: kept for them, in one place for all pages, and within limits."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from fund.services import calls
from people import kept

from ..conftest import ended
from ..factories import PASSWORD


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def sign_in(client, address, person):
    client.post(address, {"login": person.email, "password": PASSWORD})


def outside(proposal):
    return reverse("proposal_outside_add", args=[proposal.case])


GIVES = {
    "name": "Druk Software", "kind": "firm", "contribution": "Ten days\nof a programmer", "interests": "none known",
}  # fmt: skip


def test_text_of_any_page_comes_back_after_signing_in_and_is_sent_by_one_press(proposal, cast):
    client = ended(cast["lead"])
    sent = client.post(outside(proposal), GIVES)
    assert sent.headers["Location"] == f"/account/login/?next={outside(proposal)}"
    sign_in(client, sent.headers["Location"], cast["lead"])
    page = client.get(outside(proposal)).content.decode()
    assert "You were signed out before this text arrived." in page
    assert "Ten days\nof a programmer</textarea>" in page
    assert "What does it give?</label>" in page
    assert '<input type="hidden" name="kind" value="firm">' in page
    assert not proposal.outside_partners.exists()
    client.post(outside(proposal), GIVES)
    assert proposal.outside_partners.get().contribution.split() == ["Ten", "days", "of", "a", "programmer"]
    assert "You were signed out" not in client.get(outside(proposal)).content.decode()


@pytest.mark.parametrize("page", ["partners", "data", "call", "return", "ask", "act"])
def test_every_page_with_a_text_keeps_it(page, awaiting, cast, line):
    begun = calls.start_call(by=cast["secretariat"], reference="roads", title="Roads", stage="explore", kind="dated")
    who, address = {
        "partners": ("lead", reverse("proposal_partners", args=[awaiting.case])),
        "data": ("lead", reverse("proposal_data_add", args=[awaiting.case])),
        "call": ("secretariat", reverse("call_task", args=[begun.reference, "basics"])),
        "return": ("sponsor", reverse("proposal_endorse", args=[awaiting.case])),
        "ask": ("secretariat", reverse("info_ask", args=[awaiting.case])),
        "act": ("lead", reverse("act", args=["proposals.proposal", awaiting.pk, "withdraw"])),
    }[page]
    client = ended(cast[who])
    client.post(address, {"answer": "return", "note": "Name the ward, please.", "days": "5"})
    client.force_login(cast[who])
    assert "Name the ward, please.</textarea>" in client.get(address).content.decode()


def test_a_session_that_was_idle_too_long_keeps_the_text_too(proposal, cast, settings):
    client = Client()
    client.force_login(cast["lead"])
    client.get("/account/")
    settings.SESSION_IDLE = timedelta(seconds=-1)
    assert client.post(outside(proposal), GIVES).headers["Location"].startswith("/account/login/")
    settings.SESSION_IDLE = timedelta(hours=8)
    client.force_login(cast["lead"])
    assert "Druk Software" in client.get(outside(proposal)).content.decode()


def test_text_that_is_thrown_away_is_gone_and_its_page_opens(proposal, cast):
    client = ended(cast["lead"])
    client.post(outside(proposal), GIVES)
    client.force_login(cast["lead"])
    client.get(outside(proposal))
    assert client.post(outside(proposal), {"forget_typed": "yes"}).headers["Location"] == outside(proposal)
    assert "Druk Software" not in client.get(outside(proposal)).content.decode()
    assert not proposal.outside_partners.exists()


def test_text_is_shown_to_nobody_else_on_the_same_phone(proposal, cast):
    client = ended(cast["lead"])
    client.post(outside(proposal), GIVES)
    client.force_login(cast["colleague"])
    assert "Druk Software" not in client.get(outside(proposal)).content.decode()


def test_a_refused_send_leaves_the_text(proposal, cast):
    client = ended(cast["lead"])
    client.post(outside(proposal), GIVES)
    client.force_login(cast["lead"])
    client.get(outside(proposal))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(outside(proposal), {"name": "x"}).status_code == 403
    assert "Druk Software" in client.get(outside(proposal)).content.decode()


# Limits


def section(proposal):
    return reverse("section", args=[proposal.case, "people"])


@pytest.mark.parametrize("address", [outside, section])
def test_a_browser_in_which_nobody_was_signed_in_stores_nothing(proposal, cast, address):
    client = Client()
    client.cookies["known"] = f"{cast['lead'].pk}:1xyz:forged"
    client.post(address(proposal), {"served": "x y", "name": "A text", "writer": cast["lead"].pk})
    assert not Session.objects.exists()


@pytest.mark.parametrize("address", [outside, section])
def test_a_known_browser_stores_so_much_and_so_often(proposal, cast, address, monkeypatch):
    client = ended(cast["lead"])
    monkeypatch.setattr(kept, "MOST", 2)
    known = client.cookies["known"].value
    for _ in range(4):
        client = Client()
        client.cookies["known"] = known
        client.post(address(proposal), {"served": "x y", "name": "A text"})
    assert Session.objects.count() == 2
    Session.objects.all().delete()
    monkeypatch.setattr(kept, "MOST", 20)
    client.post(address(proposal), {"served": "x " * kept.LONGEST})
    assert not Session.objects.exists()


@pytest.mark.parametrize("form", [
    {"oldpassword": "a long test phrase", "password1": "An other phrase"}, {"code": "12 34", "reason": "A b"},
    {"answer": "agree", "version": "1"}, {"note": ""},
])  # fmt: skip
def test_secrets_and_mere_buttons_are_never_kept(proposal, cast, form):
    client = ended(cast["lead"])
    client.post(outside(proposal), form)
    assert not Session.objects.exists()


def test_a_new_password_is_never_kept(cast):
    client = ended(cast["lead"])
    client.post("/account/password/change/", {"old": "A b", "new": "C d"})
    assert not Session.objects.exists()


# The token of an older sign-in


def strict_client(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    client.get("/account/")
    return client


def test_a_form_with_an_old_token_is_offered_again_with_its_text(proposal, cast):
    client = strict_client(cast["lead"])
    answer = client.post(outside(proposal), GIVES, HTTP_ORIGIN="http://testserver")
    page = answer.content.decode()
    assert (answer.status_code, "Send it now" in page, "Druk Software</textarea>" in page) == (403, True, True)
    assert f"signed in as <strong>{cast['lead'].full_name}" in page
    assert ("DEBUG" in page, proposal.outside_partners.exists()) == (False, False)
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    client.post(outside(proposal), GIVES | {"csrfmiddlewaretoken": token}, HTTP_ORIGIN="http://testserver")
    assert proposal.outside_partners.exists()


@pytest.mark.parametrize("origin", ["https://evil.example", None])
def test_a_form_of_another_site_is_not_offered(proposal, cast, origin):
    more = {"HTTP_ORIGIN": origin} if origin else {}
    answer = strict_client(cast["lead"]).post(outside(proposal), GIVES, **more)
    page = answer.content.decode()
    assert (answer.status_code, "Druk Software" in page, "This form is too old" in page) == (403, False, True)
    assert "Innovation Fund" in page


def test_an_old_form_of_somebody_else_is_not_offered(proposal, cast):
    form = {"served": "Typed by hand", "writer": cast["colleague"].pk}
    answer = strict_client(cast["lead"]).post(section(proposal), form, HTTP_ORIGIN="http://testserver")
    assert (answer.status_code, "Typed by hand" in answer.content.decode()) == (403, False)
