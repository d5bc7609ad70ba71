"""Two officers change the same part of a call: nothing is overwritten that was not seen."""

import pytest
from django.test import Client
from django.urls import reverse

from fund.models import Call
from fund.services import call_setup
from people.enums import Role

from ..conftest import officers
from .test_call_set_up import begun, days, stored, task_url, texts  # noqa: F401  (begun is a fixture)


@pytest.fixture
def two(cast, agencies):
    """Return the browsers of two officers; the second is named in the clash."""
    browsers = []
    for person in (cast["secretariat"], officers(Role.SECRETARIAT, agencies["farms"], 1)[0]):
        browsers.append(Client())
        browsers[-1].force_login(person)
    return browsers


def opened(browser, url):
    """Return the fingerprint that the page holds when it is opened."""
    return browser.get(url).context["seen"]


def test_second_save_of_the_same_task_shows_both_texts_and_writes_nothing(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url))
    theirs = stored(second, begun, "basics", **texts(begun) | {"purpose": "Theirs"}, seen=opened(second, url))
    assert second.post(url, theirs).status_code == 302
    answer = first.post(url, mine | {"purpose": "Mine"})
    page = answer.content.decode()
    assert (answer.status_code, "saved this section at" in page, "secretariat-moal-0" in page) == (409, True, True)
    assert ("Theirs" in page, "Mine" in page, 'name="take_purpose" value="both"' in page) == (True, True, True)
    assert Call.objects.get(pk=begun.pk).purpose == "Theirs"


@pytest.mark.parametrize(("choice", "kept"), [("mine", "Mine"), ("saved", "Theirs"), ("both", "Theirs\n\nMine")])
def test_choice_of_the_clash_page_is_saved(two, begun, choice, kept):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url)) | {"purpose": "Mine"}
    second.post(url, stored(second, begun, "basics", **texts(begun)) | {"purpose": "Theirs"})
    fresh = first.post(url, mine).context["seen"]
    assert first.post(url, mine | {"seen": fresh, "take_purpose": choice}).status_code == 302
    assert Call.objects.get(pk=begun.pk).purpose.replace("\r\n", "\n") == kept


def test_nothing_is_chosen_beforehand_and_who_chooses_nothing_is_asked_again(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    page = first.get(url)
    opened_with = {f"was_{name}": text for name, text in page.context["was"]}
    mine = stored(first, begun, "basics", **texts(begun), seen=page.context["seen"]) | opened_with
    mine |= {"purpose": "Mine"}
    second.post(url, stored(second, begun, "basics", **texts(begun)) | {"purpose": "Theirs"})
    clash = first.post(url, mine)
    text = clash.content.decode()
    assert (" checked" in text.split("take_purpose")[1], 'name="asked" value="purpose"' in text) == (False, True)
    held = {f"was_{name}": words for name, words in clash.context["was"]}
    sent = mine | held | {"seen": clash.context["seen"], "asked": "purpose"}
    again = first.post(url, sent)
    assert (again.status_code, "#take_purpose_mine" in again.content.decode()) == (400, True)
    assert Call.objects.get(pk=begun.pk).purpose == "Theirs"
    held = {f"was_{name}": words for name, words in again.context["was"]}
    second.post(url, stored(second, begun, "basics") | {"have_ready": "A third save"})
    third = first.post(url, sent | held | {"seen": again.context["seen"], "take_purpose": "mine"})
    assert (third.status_code, third.context["brought"]) == (409, "“What should people have ready?”")


def test_third_save_in_between_clashes_again(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url)) | {"purpose": "Mine"}
    second.post(url, stored(second, begun, "basics", **texts(begun)) | {"purpose": "Theirs"})
    fresh = first.post(url, mine).context["seen"]
    second.post(url, stored(second, begun, "basics") | {"purpose": "Theirs again"})
    assert first.post(url, mine | {"seen": fresh}).status_code == 409


def test_wrong_answer_does_not_forget_what_was_seen(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url)) | {"title": ""}
    second.post(url, stored(second, begun, "basics", **texts(begun)) | {"purpose": "Theirs"})
    answer = first.post(url, mine)
    assert (answer.status_code, answer.context["seen"]) == (400, mine["seen"])


def test_other_tasks_and_the_same_values_do_not_clash(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url))
    assert second.post(task_url(begun, "dates"), stored(second, begun, "dates", **days())).status_code == 302
    assert first.post(url, mine).status_code == 302
    assert first.post(url, mine | {"seen": opened(second, url)}).status_code == 302


def test_criteria_of_two_officers_clash_row_by_row(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "criteria")
    mine = stored(first, begun, "criteria", seen=opened(first, url)) | {"name_1": "Mine"}
    second.post(url, stored(second, begun, "criteria") | {"name_1": "Theirs", "name_6": "A sixth", "weight_6": "5"})
    answer = first.post(url, mine)
    page = answer.content.decode()
    assert (answer.status_code, "Theirs" in page, "A sixth" in page) == (409, True, True)
    chosen = mine | {"seen": answer.context["seen"], "take_name_6": "saved", "take_weight_6": "saved"}
    chosen |= {f"take_anchor_6_{score}": "saved" for score in range(6)}
    assert first.post(url, chosen).status_code == 302
    assert list(begun.criteria.values_list("name", flat=True)[:1]) == ["Mine"]
    assert begun.criteria.get(position=6).name == "A sixth"


def test_question_of_two_officers_clashes(two, begun, cast):  # noqa: F811
    first, second = two
    values = {"kind": "text", "text": "Where?", "limit": 50}
    question = call_setup.save_question(begun, by=cast["secretariat"], question=None, values=values)
    url = reverse("call_question", args=[begun.reference, question.pk])
    sent = {"kind": "text", "limit": "50", "required": "on", "step": "save", "seen": opened(first, url)}
    assert second.post(url, sent | {"text": "Where, theirs?"}).status_code == 302
    answer = first.post(url, sent | {"text": "Where, mine?"})
    assert (answer.status_code, "Where, theirs?" in answer.content.decode()) == (409, True)
    question.refresh_from_db()
    assert question.text == "Where, theirs?"
    again = sent | {"text": "Where, mine?", "seen": answer.context["seen"], "asked": "text"}
    refused = first.post(url, again)
    assert (refused.status_code, "Choose which text to keep" in refused.content.decode()) == (400, True)
    question.refresh_from_db()
    assert question.text == "Where, theirs?"
    assert first.post(url, again | {"take_text": "mine"}).status_code == 302
    question.refresh_from_db()
    assert question.text == "Where, mine?"


def test_question_that_was_taken_out_is_not_brought_back(two, begun, cast):  # noqa: F811
    values = {"kind": "text", "text": "Where?", "limit": 50}
    question = call_setup.save_question(begun, by=cast["secretariat"], question=None, values=values)
    url = reverse("call_question", args=[begun.reference, question.pk])
    two[1].post(url, {"step": "remove"})
    assert two[0].post(url, {"text": "Where?", "kind": "text", "limit": "50"}).status_code == 404
    assert not begun.questions.exists()


def test_what_only_the_other_officer_changed_stands_in_the_form_already(two, begun):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    page = first.get(url)
    opened_with = {f"was_{name}": text for name, text in page.context["was"]}
    mine = stored(first, begun, "basics", **texts(begun), seen=page.context["seen"]) | opened_with
    theirs = stored(second, begun, "basics", **texts(begun)) | {"have_ready": "Their list", "purpose": "Theirs"}
    second.post(url, theirs)
    answer = first.post(url, mine | {"purpose": "Mine"})
    text = answer.content.decode()
    assert ('name="take_purpose"' in text, 'name="take_have_ready"' in text, "alone changed" in text) == (
        True, False, True,
    )  # fmt: skip
    sent = {field.name: field.value() for field in answer.context["form"] if field.value() not in (None, False)}
    again = sent | {"seen": answer.context["seen"], "take_purpose": "mine"}
    assert first.post(url, again).status_code == 302
    assert (begun.refresh_from_db(), begun.have_ready, begun.purpose) == (None, "Their list", "Mine")


def test_guard_taken_away_overwrites(two, begun, monkeypatch):  # noqa: F811
    first, second = two
    url = task_url(begun, "basics")
    mine = stored(first, begun, "basics", **texts(begun), seen=opened(first, url)) | {"purpose": "Mine"}
    second.post(url, stored(second, begun, "basics", **texts(begun)) | {"purpose": "Theirs"})
    monkeypatch.setattr(call_setup, "_refuse_clash", lambda seen, now: None)
    assert first.post(url, mine).status_code == 302
    assert Call.objects.get(pk=begun.pk).purpose == "Mine"
