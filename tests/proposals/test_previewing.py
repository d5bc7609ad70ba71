"""The office tries a call's form before it opens: it is the applicant's, it is checked, and nothing is kept."""

import pytest
from django.test import Client
from django.urls import reverse

from proposals.enums import SectionKey
from proposals.sections import sections_of

from .. import conftest, stages
from ..factories import make_call
from ..harness.test_access import photograph
from .test_questions import asking_call, names  # noqa: F401  (asking_call is a fixture)


@pytest.fixture
def office(cast):
    made = Client()
    made.force_login(cast["secretariat"])
    return made


@pytest.fixture
def prepared(cast, line):
    return make_call(cast["secretariat"], reference="prepared", budget_line=line)


def part(call, key):
    return reverse("call_form_part", args=[call.reference, key])


def test_every_section_of_a_draft_call_opens_with_the_fields_of_an_applicant(office, prepared, cast, call):
    applicants = sections_of(conftest.new_proposal(call, cast))
    page = office.get(reverse("call_form", args=[prepared.reference]))
    assert [section.key for section in page.context["sections"]] == [section.key for section in applicants]
    for section in applicants:
        tried = office.get(part(prepared, section.key))
        assert (tried.status_code, list(tried.context["form"].fields)) == (200, list(section.form(initial={}).fields))


def test_what_is_typed_is_checked_shown_again_and_kept_nowhere(office, prepared):
    office.get(part(prepared, "measure"))
    before = photograph()
    wrong = office.post(part(prepared, "measure"), {"baseline": "many", "indicator": "Days"})
    assert (wrong.status_code, "baseline" in wrong.context["form"].errors) == (400, True)
    half = office.post(part(prepared, "measure"), {"indicator": "Days of waiting"})
    text = half.content.decode()
    assert (half.status_code, "Yours is kept nowhere" in text, 'value="Days of waiting"' in text) == (200, True, True)
    assert "Answer “Where does the figure come from?”." in half.context["tried"].missing
    whole = office.post(part(prepared, "problem"), stages.ANSWERS[SectionKey.PROBLEM])
    assert whole.context["tried"].missing == []
    assert office.get(part(prepared, "measure")).context["form"]["indicator"].value() is None
    assert photograph() == before


def test_budget_says_what_the_call_gives_and_takes_one_more_row(office, prepared):
    row = {"item_1": "Tablets", "unit_1": "piece", "count_1": "2", "cost_1": "100", "add": "yes"}
    answer = office.post(part(prepared, "budget"), row)
    assert (answer.context["requested"], "item_2" in answer.context["form"].fields) == (20_000, True)
    row["cost_1"] = str(prepared.ceiling)
    assert office.post(part(prepared, "budget"), row).context["over"] == prepared.ceiling * 199


def test_own_questions_and_those_of_a_small_idea_are_tried_too(office, asking_call, cast, line):  # noqa: F811
    first = names(asking_call)[0]
    tried = office.post(part(asking_call, "questions"), {first: "Village"})
    assert "Answer “Which village?”." in tried.context["tried"].missing
    small = make_call(cast["secretariat"], stage="spark", reference="small", budget_line=line)
    page = office.get(reverse("call_form", args=["small"]))
    assert [section.key for section in page.context["sections"]] == ["spark", "budget"]
    assert office.get(part(small, "problem")).status_code == 404


@pytest.mark.parametrize("who", ["lead", "reviewer", "citizen"])
def test_others_find_nothing(client, cast, prepared, who):
    client.force_login(cast[who])
    assert client.get(reverse("call_form", args=[prepared.reference])).status_code == 404
    assert client.post(part(prepared, "problem"), {"title": "x"}).status_code == 404
