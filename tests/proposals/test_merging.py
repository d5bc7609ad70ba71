"""Two people write in the same section: what one of them changed is kept, and only what both changed is asked about."""

import pytest
from django.urls import reverse

from people.clashes import merged
from proposals import merging
from proposals.enums import SectionKey
from proposals.forms import BudgetForm
from proposals.models import Section
from proposals.services import co_writing, drafting

JSON = {"HTTP_ACCEPT": "application/json"}
TITLE = "One visit is enough"
BEGAN = {"title": TITLE, "problem": "P", "idea": "I"}


@pytest.fixture
def begun(client, proposal, cast):
    """A section that both have open at version 2; the lead is signed in."""
    save(proposal, cast["lead"], 1, BEGAN)
    client.force_login(cast["lead"])
    return proposal


def url(proposal, key="problem"):
    return reverse("section", args=[proposal.case, key])


def save(proposal, by, version, answers, key=SectionKey.PROBLEM):
    return drafting.save_section(proposal, by=by, key=key, version=version, answers=answers)


def stored(key=SectionKey.PROBLEM):
    return Section.objects.get(key=key).answers


def test_what_only_one_of_two_changed_is_kept_of_both(client, begun, cast):
    save(begun, cast["colleague"], 2, BEGAN | {"problem": "Theirs"})
    answer = client.post(url(begun), BEGAN | {"idea": "Mine", "version": "2"}, follow=True)
    assert stored() == {"title": TITLE, "problem": "Theirs", "idea": "Mine"}
    words = "Name of colleague changed “What is the problem, and for whom?” in the meantime. Both changes are kept."
    assert words in answer.content.decode()


def test_what_both_changed_is_asked_and_the_rest_is_not(client, begun, cast):
    save(begun, cast["colleague"], 2, {"title": TITLE, "problem": "Theirs", "idea": "Their idea"})
    answer = client.post(url(begun), BEGAN | {"idea": "My idea", "version": "2"})
    page = answer.content.decode()
    assert (answer.status_code, stored()["idea"]) == (409, "Their idea")
    assert ('name="take_idea"' in page, 'name="take_problem"' in page, " checked" in page) == (True, False, False)
    assert "Name of colleague alone changed “What is the problem, and for whom?”" in page
    shown = answer.context["form"]
    assert (shown["problem"].value(), shown["idea"].value(), answer.context["version"]) == ("Theirs", "My idea", 3)


def test_clash_page_without_a_choice_saves_nothing_and_asks_again(client, begun, cast):
    save(begun, cast["colleague"], 2, BEGAN | {"idea": "Their idea", "problem": "Theirs"})
    sent = {"title": TITLE, "problem": "Mine", "idea": "My idea", "version": "3", "asked": ["problem", "idea"]}
    answer = client.post(url(begun), sent | {"take_problem": "saved"})
    page = answer.content.decode()
    assert (answer.status_code, stored()["idea"]) == (400, "Their idea")
    assert (
        page.count("Choose which text to keep: “What do you want to try?”.") == 2
    )  # above, with a link, and beside it
    assert ('id="take_problem_saved" name="take_problem" value="saved" checked' in page) is True
    client.post(url(begun), sent | {"take_problem": "saved", "take_idea": "both"})
    assert stored() == {"title": TITLE, "problem": "Theirs", "idea": "Their idea\n\nMy idea"}


def test_third_save_in_between_keeps_the_choice_and_is_kept_itself(client, begun, cast):
    save(begun, cast["colleague"], 2, BEGAN | {"idea": "Their idea"})
    save(begun, cast["colleague"], 3, BEGAN | {"idea": "Their idea", "problem": "Third"})
    client.post(url(begun), BEGAN | {"idea": "Mine", "version": "3", "asked": "idea", "take_idea": "mine"})
    assert stored() == {"title": TITLE, "problem": "Third", "idea": "Mine"}


def test_autosave_merges_and_tells_the_page_what_to_show(client, begun, cast):
    save(begun, cast["colleague"], 2, BEGAN | {"problem": "Theirs"})
    said = client.post(url(begun), BEGAN | {"idea": "Mine", "version": "2"}, **JSON).json()
    assert (said["version"], said["brought"]) == (4, {"problem": "Theirs"})
    assert said["beside"].startswith("Name of colleague changed “What is the problem")
    save(begun, cast["colleague"], 4, BEGAN | {"problem": "Again"})
    clash = client.post(url(begun), BEGAN | {"problem": "Mine", "version": "4"}, **JSON)
    assert (clash.status_code, stored()["problem"]) == (409, "Again")


def test_autosave_asks_when_the_page_has_no_field_for_what_the_other_added(client, begun, cast):
    row = {"item_1": "Forms", "cost_1": "10"}
    save(begun, cast["lead"], 0, row, SectionKey.BUDGET)
    save(begun, cast["colleague"], 1, row | {"item_2": "Tablets", "cost_2": "20"}, SectionKey.BUDGET)
    mine = row | {"cost_1": "15", "version": "1"}
    assert client.post(url(begun, "budget"), mine, **JSON).status_code == 409
    assert client.post(url(begun, "budget"), mine).status_code == 302
    said = stored(SectionKey.BUDGET)
    assert (said["cost_1"], said["item_2"], said["cost_2"]) == ("15", "Tablets", "20")


def test_where_the_beginning_is_not_known_every_difference_is_asked(client, begun, cast, monkeypatch):
    save(begun, cast["colleague"], 2, BEGAN | {"problem": "Theirs"})
    monkeypatch.setattr(co_writing, "answers_at", lambda proposal, section, version: None)
    answer = client.post(url(begun), BEGAN | {"idea": "Mine", "version": "2"})
    assert (answer.status_code, [row["name"] for row in answer.context["rows"]]) == (409, ["problem", "idea"])


def test_text_at_a_version_is_read_from_the_trail(begun, cast):
    save(begun, cast["colleague"], 2, BEGAN | {"problem": "Theirs"})
    section = Section.objects.get(key=SectionKey.PROBLEM)
    assert [merging.answers_at(begun, section, n) for n in (3, 2)] == [BEGAN | {"problem": "Theirs"}, BEGAN]
    assert [merging.answers_at(begun, section, n) for n in (0, 4)] == [None, None]


def test_merge_by_field():
    found = merged({"a": "1", "b": "1", "c": "1"}, {"a": "2", "b": "1", "c": "3"}, {"a": "1", "b": "2", "c": "4"})
    assert (found.answers, found.asked, found.brought) == ({"a": "2", "b": "2", "c": "3"}, ["c"], ["b"])


def rows(*items):
    pairs = [(f"item_{n}", item, f"cost_{n}", cost) for n, (item, cost) in enumerate(items, 1)]
    return {name: text for a, x, b, y in pairs for name, text in ((a, x), (b, y))}


BASE = (("A", "1"), ("B", "2"), ("C", "3"))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ((*BASE, ("D", "4")), (*BASE, ("E", "5")), (*BASE, ("E", "5"), ("D", "4"))),  # both added one
        ((("A", "9"), *BASE[1:]), (*BASE, ("E", "5")), (("A", "9"), *BASE[1:], ("E", "5"))),
        (BASE, BASE[1:], BASE[1:]),  # only they took one out
        (BASE[:2], BASE, BASE[:2]),
    ],
)
def test_merge_of_rows(mine, theirs, expected):
    found = merging.merge(BudgetForm(rows(*mine)), rows(*BASE), rows(*mine), rows(*theirs))
    assert found.asked == []
    assert {name: text for name, text in found.answers.items() if text} == rows(*expected)


def test_rows_that_moved_under_a_change_are_all_asked_about():
    mine, theirs = rows(("A", "9"), *BASE[1:]), rows(*BASE[1:])
    found = merging.merge(BudgetForm(mine), rows(*BASE), mine, theirs)
    assert found.asked == ["item_1", "cost_1", "item_2", "cost_2", "item_3", "cost_3"]
