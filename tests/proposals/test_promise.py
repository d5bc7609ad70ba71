"""The measure, its direction and stop rules; who was asked; the nine domains; the budget's sums."""

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.services import release
from proposals.enums import Domain, SectionKey
from proposals.forms import Frame, PeopleForm, items_in, notices_in, problems_in, requested_in
from proposals.models import Section
from proposals.services import drafting
from proposals.services.versions import compose

from .. import stages

MEASURE = stages.ANSWERS[SectionKey.MEASURE]
EXPLORE, BUILD = Frame("explore"), Frame("build")


def measure(**said):
    return problems_in(SectionKey.MEASURE, MEASURE | said)


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "words"),
    [
        ("lower", "2", "1", []),
        ("higher", "1", "2", []),
        ("lower", "1", "2", ["You said that lower is better; the target must be lower than what it is today."]),
        ("higher", "2", "1", ["You said that higher is better; the target must be higher than what it is today."]),
        ("lower", "2", "2.0", ["The target must differ from what it is today."]),
        ("", "2", "1", ["Answer “Which way is better?”."]),
    ],
)
def test_target_lies_in_the_promised_direction(direction, baseline, target, words):
    assert measure(direction=direction, baseline=baseline, target=target) == words


@pytest.mark.parametrize("name", ["target_date", "stop_rule", "stop_figure", "stop_date"])
def test_measure_without_a_date_or_a_whole_stop_rule_is_not_complete(name):
    assert len(measure(**{name: ""})) == 1


def test_second_stop_rule_is_whole_or_absent():
    assert len(measure(second_rule="If nobody comes.")) == 2
    assert measure(second_rule="If nobody comes.", second_figure="0", second_date="2027-03-01") == []


FRAME = Frame("explore", after=date(2026, 12, 31))


@pytest.mark.parametrize(("said", "words"), [
    ({"stop_date": "1900-01-01"}, "“By when will you know?”: enter a day after 31 December 2026. The work"),
    ({"stop_date": "2026-12-31"}, "“By when will you know?”: enter a day after 31 December 2026. The work"),
    ({"stop_date": "2028-01-01"}, "“By when will you know?”: enter a day not after 31 December 2027, the day"),
    ({"target_date": "1900-01-01", "stop_date": ""}, "“By when shall it be reached?”: enter a day after 31 December"),
    ({"target_date": "2099-01-01"}, "“By when shall it be reached?”: the year 2099 is too far ahead."),
    ({"second_rule": "x", "second_figure": "1", "second_date": "2029-01-01"}, "(second rule)”: enter a day not after"),
])  # fmt: skip
def test_stop_lies_after_the_call_and_not_after_the_target(said, words):
    assert any(words in found for found in problems_in(SectionKey.MEASURE, MEASURE | said, FRAME))
    assert problems_in(SectionKey.MEASURE, MEASURE | {"stop_date": "2027-01-01"}, FRAME) == []
    assert problems_in(SectionKey.MEASURE, MEASURE | {"stop_date": "2027-12-31"}, FRAME) == []


def test_check_page_names_a_stop_day_before_the_call_is_over(client, proposal, cast):
    stages.complete(proposal, cast)
    answers = MEASURE | {"stop_date": "1900-01-01"}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.MEASURE, version=1, answers=answers)
    client.force_login(cast["lead"])
    assert (
        "The work cannot begin before that."
        in client.get(reverse("proposal_check", args=[proposal.case])).content.decode()
    )


@pytest.mark.parametrize(
    ("baseline", "target", "near"),
    [("100", "95", True), ("100", "94.9", False), ("100", "105", True), ("100", "105.1", False), ("0", "1", False),
     ("-100", "-95", True), ("", "1", False), ("x", "1", False), ("100", "100", False)],
)  # fmt: skip
def test_target_within_five_percent_is_a_notice(baseline, target, near):
    assert bool(notices_in({SectionKey.MEASURE: {"baseline": baseline, "target": target}})) is near


def test_notice_is_shown_to_the_writer_and_frozen_but_hinders_nothing(client, proposal, cast):
    stages.complete(proposal, cast)
    answers = MEASURE | {"target": "2.3"}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.MEASURE, version=1, answers=answers)
    client.force_login(cast["lead"])
    for page in (reverse("section", args=[proposal.case, "measure"]), reverse("proposal_check", args=[proposal.case])):
        assert "within 5 % of what it is today" in client.get(page).content.decode()
    assert len(compose(stages.fresh(proposal))["notices"]) == 1
    assert measure(target="2.3") == []


def test_agreement_carries_direction_dates_and_a_second_rule_only_where_there_is_one():
    second = {"second_rule": "x", "second_figure": "1", "second_date": "2027-01-01"}
    assert set(release._promised(MEASURE | dict.fromkeys(second, ""))) == set(MEASURE)
    assert release._promised(MEASURE | second) == MEASURE | second


def test_consulted_groups_are_whole_rows():
    one = {"served": "a", "consulted_1": "b", "when_1": "May", "changed_1": "nothing"}
    assert problems_in(SectionKey.PEOPLE, one) == []
    assert problems_in(SectionKey.PEOPLE, one | {"consulted_2": "c"}) == [
        "Answer “When? (group 2)”.", "Answer “What did you change after it? (group 2)”.",
    ]  # fmt: skip
    assert len(problems_in(SectionKey.PEOPLE, {"served": "a"})) == 3


def test_emptied_row_closes_up():
    form = PeopleForm({"served": "a", "consulted_1": "", "when_1": "", "consulted_2": "c", "when_2": "June"})
    assert form.is_valid()
    assert {k: v for k, v in form.answers().items() if v} == {"served": "a", "consulted_1": "c", "when_1": "June"}


def test_wellbeing_is_required_from_build_up_and_offered_below():
    whole = {f"effect_{key}": "none" for key in Domain}
    assert problems_in(SectionKey.WELLBEING, {}, EXPLORE) == []
    assert len(problems_in(SectionKey.WELLBEING, {}, BUILD)) == len(Domain) == 9
    assert problems_in(SectionKey.WELLBEING, whole, BUILD) == []


@pytest.mark.parametrize("frame", [EXPLORE, BUILD])
def test_domain_that_may_be_harmed_needs_a_line(frame):
    said = {f"effect_{key}": "none" for key in Domain} | {"effect_time": "harms"}
    assert problems_in(SectionKey.WELLBEING, said, frame) == ["Say what may be harmed: time use."]
    assert problems_in(SectionKey.WELLBEING, said | {"harm_time": "Queues"}, frame) == []


costs = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**12 - 1)), min_size=1, max_size=40)


@settings(max_examples=50)
@given(costs)
def test_budget_sums_exactly_in_chhetrum(rows):
    answers = {}
    for number, (count, cost) in enumerate(rows, 1):
        answers |= {
            f"item_{number}": "x",
            f"count_{number}": str(count),
            f"cost_{number}": f"{cost // 100}.{cost % 100:02}",
        }
    assert [item.cost for item in items_in(answers)] == [cost for _, cost in rows]
    assert requested_in(answers) == sum(count * cost for count, cost in rows)


def test_budget_is_summed_by_agency_and_in_total(proposal, cast):
    stages.complete(proposal, cast)
    digital = cast["colleague"].snapshots.get().agency.code
    answers = stages.ANSWERS[SectionKey.BUDGET] | {"agency_2": digital}
    drafting.save_section(proposal, by=cast["lead"], key=SectionKey.BUDGET, version=1, answers=answers)
    content = compose(stages.fresh(proposal))
    assert content["budget"]["sums"] == {proposal.lead_agency.code: 30_000_000, digital: 9_999_999}
    assert sum(content["budget"]["sums"].values()) == content["requested"] == stages.REQUESTED


def test_budget_item_of_an_agency_that_left_is_asked_again():
    frame = Frame(agencies=(("moh", "Health"),))
    answers = {"item_1": "x", "cost_1": "5", "agency_1": "gone"}
    assert problems_in(SectionKey.BUDGET, answers, frame) == ["Choose an agency that takes part for item 1."]
    assert problems_in(SectionKey.BUDGET, answers | {"agency_1": "moh"}, frame) == []


def test_more_than_six_items_without_script(client, proposal, cast):
    client.force_login(cast["lead"])
    url = reverse("section", args=[proposal.case, "budget"])
    for number in range(1, 10):
        page = client.get(url)
        assert f'name="item_{number}"' in page.content.decode()
        said = Section.objects.filter(key="budget").values_list("answers", "version").first() or ({}, 0)
        answer = client.post(
            url, said[0] | {"version": said[1], f"item_{number}": "x", f"cost_{number}": "1", "add": "yes"}
        )
        assert answer.headers["Location"] == url
    assert requested_in(Section.objects.get(key="budget").answers) == 900


def test_unit_costs_come_only_from_funded_proposals_of_the_agencies(client, proposal, funded_call, cast):
    from .. import conftest

    earlier = stages.submit(conftest.new_proposal(funded_call, cast, "Earlier"), cast)
    client.force_login(cast["lead"])
    url = reverse("section", args=[proposal.case, "budget"])
    assert "earlier proposals of your agencies" not in client.get(url).content.decode()
    type(earlier)._base_manager.filter(pk=earlier.pk).update(state="funded")
    page = client.get(url).content.decode()
    assert all(words in page for words in ("Forms (set)", "Nu. 100,000", earlier.reference))
