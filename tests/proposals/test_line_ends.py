"""A line end is one character, whoever sends the form: nothing changes and nothing counts that was not typed."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from people.middleware import LineEndsAreOne
from proposals.enums import SectionKey
from proposals.models import Section
from proposals.services import drafting

from ..conftest import ended

JSON = {"HTTP_ACCEPT": "application/json"}
LINES = "\n".join(["x" * 99] * 29 + ["x" * 100])


def url(proposal):
    return reverse("section", args=[proposal.case, "problem"])


def said(problem, version):
    return {"title": "One visit is enough", "problem": problem, "idea": "", "version": version}


def test_save_of_an_untouched_text_after_autosave_changes_nothing(client, proposal, cast):
    client.force_login(cast["lead"])
    client.post(url(proposal), said("One\nTwo", 1), **JSON)
    client.post(url(proposal), said("One\r\nTwo", 2))
    section = Section.objects.get(key=SectionKey.PROBLEM)
    assert (section.version, section.answers["problem"]) == (2, "One\nTwo")


def test_text_of_three_thousand_characters_in_lines_is_not_too_long(client, proposal, cast):
    client.force_login(cast["lead"])
    assert len(LINES) == 3000
    assert client.post(url(proposal), said(LINES.replace("\n", "\r\n"), 1)).status_code == 302


def test_text_that_was_stored_with_a_browsers_line_ends_stays_as_it_is(client, proposal, cast):
    old = {"title": "One visit is enough", "problem": "One\r\nTwo", "idea": ""}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.PROBLEM, version=1, answers=old)
    client.force_login(cast["lead"])
    client.post(url(proposal), said("One\r\nTwo", 2))
    section = Section.objects.get(key=SectionKey.PROBLEM)
    assert (section.version, section.answers) == (2, old)


def test_text_kept_while_signed_out_and_texts_of_other_rooms_have_one_line_end(proposal, cast):
    client = ended(cast["lead"])
    client.post(url(proposal), said("One\r\nTwo", 1) | {"writer": cast["lead"].pk})
    assert "%0D" not in client.session["kept_text"]["text"]


def test_without_it_the_same_text_sent_by_the_button_is_another_text(client, proposal, cast, monkeypatch):
    monkeypatch.setattr(LineEndsAreOne, "process_view", lambda self, request, *view: None)
    client.force_login(cast["lead"])
    client.post(url(proposal), said("One\nTwo", 1), **JSON)
    client.post(url(proposal), said("One\r\nTwo", 2))
    assert Section.objects.get(key=SectionKey.PROBLEM).version == 3


@pytest.mark.parametrize(("typed", "kept"), [
    ("exe\u202etxt", "exetxt"), ("\u200eLeft\u2066in\u2069", "Leftin"), ("བོད\u200bཡིག", "བོད\u200bཡིག"),
    ("a\u200db", "a\u200db"), ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"), ("plain", "plain"),
])  # fmt: skip
def test_signs_that_turn_writing_round_are_left_out_of_every_text(client, proposal, cast, typed, kept):
    client.force_login(cast["lead"])
    client.post(url(proposal), said(typed, 1))
    assert Section.objects.get(key=SectionKey.PROBLEM).answers["problem"] == kept


def test_password_is_let_be():
    request = RequestFactory().post("/", {"password": "a\u202eb", "title": "a\u202eb"})
    LineEndsAreOne(lambda request: None).process_view(request)
    assert (request.POST["password"], request.POST["title"]) == ("a\u202eb", "ab")
