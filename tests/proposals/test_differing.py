"""Whatever differs between two frozen versions is shown to whoever has to agree, also what reads the same."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals import differing
from proposals.differing import differences
from proposals.services import outside
from proposals.services.versions import compose

from .test_attachments import attach

word = st.sampled_from(["", "a", "b"])
amount = st.integers(0, 2)
small = st.dictionaries(st.sampled_from(["title", "problem", "effect_health", "own"]), word, max_size=3)


def rows(**fields):
    return st.lists(st.fixed_dictionaries(fields), max_size=3)


item = {"item": word, "agency": word, "unit": word, "count": amount, "cost": amount, "total": amount}
contents = st.fixed_dictionaries(
    {
        "format": st.just(2), "case": word, "title": word, "call": st.none() | word, "lead_agency": word,
        "requested": amount, "notices": st.lists(word, max_size=2),
        "sections": st.fixed_dictionaries(
            {"problem": small, "budget": small}, optional={"wellbeing": small, "spark": small}
        ),
        "budget": st.fixed_dictionaries({"items": rows(**item), "sums": st.dictionaries(word, amount, max_size=2)}),
        "team": rows(number=word, name=word, agency=word, source=word, as_of=word),
        "partners": rows(agency=word, name=word, days=amount, contribution=word),
        "outside_partners": rows(name=word, kind=word, contribution=word, interests=word, letter=word),
        "data_needs": rows(dataset=word, owner=word, answer=word),
        "attachments": rows(id=word, file=word, name=word, size=amount, sha256=word, description=word),
    },
    optional={"approver": word, "own_questions": rows(question=word, answer=word, hidden=st.booleans(), file=word)},
)  # fmt: skip


@given(contents, contents)
def test_two_contents_differ_exactly_when_something_is_shown(before, after):
    assert (differences(before, after) == []) == (before == after)


@given(contents, st.data())
def test_one_change_anywhere_is_shown(before, data):
    """Two random contents differ in many places; here they differ in one alone."""
    after = copy.deepcopy(before)
    place = data.draw(st.sampled_from(sorted(after)))
    after[place] = data.draw(contents.map(lambda other: other.get(place, "")))
    assert (differences(before, after) == []) == (before == after)
    assert differences(before, before) == []


@pytest.fixture
def content(complete, cast):
    """A whole proposal with two files of the same name and an outside partner."""
    for text in (b"One", b"Two"):
        attach(complete, cast["lead"], text)
    firm = {"name": "Firm", "kind": "firm", "contribution": "Days", "interests": "None known", "letter": None}
    outside.save_partner(complete, partner=None, by=cast["lead"], **firm)
    return compose(complete)


def changed(before, change):
    after = copy.deepcopy(before)
    change(after)
    return [(row.label, row.before, row.after) for row in differences(before, after)]


def test_budget_items_of_one_name_and_the_same_sum_are_told_apart(content):
    first = content["budget"]["items"][0]
    content["budget"]["items"] = [first | {"count": 1, "cost": 200, "total": 200} for _ in range(2)]
    (row,) = changed(content, lambda after: after["budget"]["items"][1].update(count=2, cost=100))
    assert (row[0].endswith(f"{first['item']} (2)"), row[1] != row[2]) == (True, True)


def test_another_person_of_the_same_name_and_agency_is_shown(content):
    person = content["team"][0]
    (row,) = changed(content, lambda after: after["team"][0].update(number="999"))
    assert row == (f"Team: {person['name']}", f"{person['agency']}, {person['number']}", f"{person['agency']}, 999")


def test_another_entry_of_the_register_is_shown_in_words(content):
    (row,) = changed(content, lambda after: after["team"][0].update(as_of="2026-12-01"))
    assert row[2].endswith("(in the register of 2026-12-01)")


def test_one_of_two_files_of_the_same_name_is_shown_when_it_is_replaced(content):
    name = content["attachments"][1]["name"]
    (row,) = changed(content, lambda after: after["attachments"][1].update(sha256="f" * 64))
    assert (row[0], "ffff" in row[2]) == (f"Attached file: {name} (2)", True)


def test_answer_that_readers_are_not_shown_is_shown_when_it_changes(content):
    (row,) = changed(content, lambda after: after["sections"]["measure"].update(second_rule="Stop"))
    assert row[1:] == ("", "Stop")


def test_order_of_the_form_and_words_of_the_answers(content):
    def change(after):
        after["sections"]["measure"].update(direction="higher", stop_date="2027-03-01")
        after["sections"]["problem"].update(idea="Another")

    found = changed(content, change)
    assert [row[0].split(": ", 1)[1] for row in found] == [
        "What do you want to try?", "Which way is better?", "By when will you know?",
    ]  # fmt: skip
    assert found[2][2] == "1 March 2027"


def test_without_the_rest_something_stays_hidden(content, monkeypatch):
    monkeypatch.setattr(differing, "_unsaid", lambda before, after, parts: [])
    assert changed(content, lambda after: after.update(lead_agency="x")) == []
