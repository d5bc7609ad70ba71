"""The secretariat's first call, alone, in the browser: every task, check, hand over, approval by the head."""

from datetime import timedelta

import pytest
from django.urls import reverse

from fund.models import Call
from fund.services import call_setup, calls
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import Notification

from ..conftest import officers
from ..factories import AgencyFactory, make_call
from ..remembering import remembered

RULES = {"funding_rule": "skip", "lots_rule": "exact_ties", "quorum": "3", "reserve_months": "6"}


@pytest.fixture
def office(client, cast):
    client.force_login(cast["secretariat"])
    return client


@remembered
def begun(cast, line):
    return calls.start_call(
        by=cast["secretariat"], reference="explore-roads", title="Roads", stage="explore", kind="dated"
    )


def task_url(call, task):
    return reverse("call_task", args=[call.reference, task])


def stored(client, call, task, **changes):
    """Return what the task's form holds now, with changes, as a browser would send it."""
    form = client.get(task_url(call, task)).context["form"]
    values = {}
    for field in form:
        value = field.value()
        if value is True:
            values[field.name] = "on"
        elif value not in (None, False):
            values[field.name] = value
    return values | changes


def texts(call):
    return {"purpose": "Slides close roads for days.", "who_can_apply": "Every civil servant.", "done": "yes"}


def days(first=20, last=50):
    today = clock.today()
    return {"opens_on": today + timedelta(days=first), "last_day": today + timedelta(days=last), "done": "yes"}


def complete(client, call, line):
    """Complete every task over HTTP."""
    for task, changes in {
        "basics": texts(call), "money": {"budget_line": line.pk, "done": "yes"}, "criteria": {"done": "yes"},
        "dates": days(), "rules": {"done": "yes"}, "questions": {"done": "yes"},
    }.items():  # fmt: skip
        answer = client.post(task_url(call, task), stored(client, call, task, **changes))
        assert answer.status_code == 302, (task, answer.context and answer.context["form"].errors)
    return Call.objects.get(pk=call.pk)


def test_a_call_is_begun_set_up_handed_over_and_approved_in_the_browser(office, cast, line):
    answer = office.post(reverse("call_new"), {"title": "Roads in the monsoon", "stage": "explore", "kind": "dated"})
    call = Call.objects.get()
    assert (answer.headers["Location"], call.reference) == ("/calls/explore-roads/set-up/", "explore-roads")
    page = office.get(answer.headers["Location"]).content.decode()
    assert "0 of 6 tasks completed" in page
    call = complete(office, call, line)
    assert "6 of 6 tasks completed" in office.get(reverse("call_set_up", args=[call.reference])).content.decode()
    assert office.post(reverse("call_check", args=[call.reference])).headers["Location"] == call.get_absolute_url()
    assert Notification.objects.filter(person=cast["head"], subject="A call waits for your approval").count() == 1
    office.force_login(cast["head"])
    assert f"Approve the call “{call.title}”?" in office.get("/").content.decode()
    people = reverse("call_people", args=[call.reference])
    refused = office.post(people, {"note": ""})
    assert (refused.status_code, Call.objects.get().state) == (400, "handed_over")
    assert "Say why the call opens anyway." in refused.content.decode()
    assert office.post(people, {"note": "More are being named."}).status_code == 302
    call = Call.objects.get()
    assert (call.state, call.approved_by, call.shortage_reason) == (
        "approved", cast["head"], "More are being named.",
    )  # fmt: skip


@pytest.mark.parametrize("copies", [False, True])
def test_page_that_arrives_twice_begins_one_call(office, cast, call, copies):
    page = office.get(reverse("call_new"))
    mark = page.context["form"]["begin"].value()
    assert f'name="begin" value="{mark}"' in page.content.decode()
    said = {"title": "Roads again", "stage": "explore", "kind": "dated", "begin": mark}
    said |= {"copy_of": call.pk} if copies else {}
    first, second = (office.post(reverse("call_new"), said) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (302, second.headers["Location"])
    assert Call.objects.filter(title="Roads again").count() == 1
    with pytest.raises(NotPossible, match="already a call"):  # two at one moment: the database lets one through
        calls.start_call(by=cast["secretariat"], reference="other", title="x", stage="explore", kind="dated", mark=mark)


def test_defaults_of_the_stage_are_filled_in_and_can_be_changed(office, line, begun):
    said = stored(office, begun, "money")
    assert (said["ceiling"], said["length_weeks"], said["reviews_needed"], said["answer_days"]) == (
        1_000_000,
        26,
        3,
        30,
    )
    changed = said | {"ceiling": "750,000.50", "reviews_needed": "4", "least_halves": "7", "done": "no"}
    assert office.post(task_url(begun, "money"), changed).status_code == 302
    call = Call.objects.get()
    assert (call.ceiling, call.reviews_needed, call.least_halves, call.tasks_done) == (75_000_050, 4, 7, [])


@pytest.mark.parametrize(
    ("stage", "figures"),
    [
        ("spark", (10_000_000, 8, 2, 6, 0, 10, True, 3)),
        ("explore", (100_000_000, 26, 3, 6, 65, 30, False, 5)),
        ("build", (500_000_000, 52, 3, 6, 70, 40, False, 5)),
        ("scale", (1_500_000_000, 78, 5, 7, 75, 60, False, 5)),
    ],
)
def test_each_stage_proposes_its_row_of_the_table(cast, line, stage, figures):
    call = calls.start_call(by=cast["secretariat"], reference="x", title="x", stage=stage, kind="dated")
    assert (
        call.ceiling, call.length_weeks, call.reviews_needed, call.least_halves, call.least_total, call.answer_days,
        call.names_hidden, call.criteria.count(),
    ) == figures  # fmt: skip
    assert sum(call.criteria.values_list("weight", flat=True)) == 100


@pytest.mark.parametrize(("weight", "saved"), [("30", True), ("29", False), ("31", False)])
def test_criteria_are_completed_only_when_the_weights_sum_to_100(office, begun, weight, saved):
    answer = office.post(task_url(begun, "criteria"), stored(office, begun, "criteria", weight_1=weight, done="yes"))
    assert (answer.status_code, "criteria" in Call.objects.get().tasks_done) == ((302, True) if saved else (400, False))
    if not saved:
        assert f"The weights add up to {70 + int(weight)}. They must add up to 100." in answer.content.decode()


def test_weights_that_do_not_sum_to_100_can_be_kept_as_work_in_progress(office, begun):
    said = stored(office, begun, "criteria", weight_1="10", done="no")
    assert office.post(task_url(begun, "criteria"), said).status_code == 302
    assert begun.criteria.first().weight == 10


def test_a_criterion_needs_six_anchors(office, begun):
    said = stored(office, begun, "criteria", done="yes") | {"anchor_2_3": ""}
    answer = office.post(task_url(begun, "criteria"), said)
    assert answer.status_code == 400
    assert "Say what each of the six scores of" in answer.content.decode()


def test_dates_are_whole_days_in_thimphu_with_an_exclusive_end(office, begun):
    office.post(task_url(begun, "dates"), stored(office, begun, "dates", opens_on="2031-03-01", last_day="2031-03-31",
                                                 done="yes"))  # fmt: skip
    call = Call.objects.get()
    assert (call.opens_at.isoformat(), call.closes_at.isoformat()) == (
        "2031-02-28T18:00:00+00:00", "2031-03-31T18:00:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": ""}, "Enter the last day."),
        ({"opens_on": "2031-03-02", "last_day": "2031-03-01"}, "must not lie before the opening day"),
        ({"kind": "rolling", "last_day": "2031-03-01"}, "A rolling call has no last day"),
        ({"kind": "urgent", "opens_on": "2031-03-01", "last_day": "2031-06-01"}, "90 days at most"),
        ({"kind": "urgent", "opens_on": "2031-03-01", "last_day": "2031-04-01"}, "Say why it is urgent"),
        ({"opens_on": "2020-03-01", "last_day": "2020-04-01"}, "must lie in the future"),
    ],
)
def test_dates_that_cannot_be_are_refused_with_words(office, begun, changes, words):
    answer = office.post(task_url(begun, "dates"), stored(office, begun, "dates", **days() | changes))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "dates" not in Call.objects.get().tasks_done


def test_a_call_handed_over_is_no_longer_edited_in_the_browser(office, cast, line):
    call = calls.hand_over(make_call(cast["secretariat"]), by=cast["secretariat"])
    answer = office.post(task_url(call, "rules"), RULES | {"done": "yes"})
    assert (answer.status_code, Call.objects.get().funding_rule) == (302, "stop")


def test_a_returned_call_shows_what_changed_since_the_last_version(office, cast, line):
    call = calls.hand_over(make_call(cast["secretariat"]), by=cast["secretariat"])
    call = calls.give_back(call, by=cast["head"], note="Say skip.")
    check = reverse("call_check", args=[call.reference])
    assert "Nothing changed since version 1" in office.get(check).content.decode()
    said = RULES | {"done": "yes"}
    office.post(task_url(call, "rules"), said)
    page = office.get(check).content.decode()
    assert "Stop: nothing below it is funded" in page
    assert "Skip: it is passed over and the next that fits is funded" in page
    calls.hand_over(call, by=cast["secretariat"])
    office.force_login(cast["head"])
    assert "What changed" in office.get(reverse("call_people", args=[call.reference])).content.decode()


def test_a_past_call_is_copied_in_the_browser(office, call):
    office.post(reverse("call_new"), {"title": "Again", "copy_of": call.pk})
    copied = Call.objects.get(title="Again")
    assert (copied.stage, copied.purpose, copied.state) == (call.stage, call.purpose, "draft")


def test_new_call_without_stage_and_without_a_copy_says_what_is_missing(office, db):
    answer = office.post(reverse("call_new"), {"title": "x"})
    assert answer.status_code == 400
    assert "Choose a stage." in answer.content.decode()


def test_preview_is_the_applicants_page_and_only_for_the_office(office, cast, begun):
    url = reverse("call_preview", args=[begun.reference])
    page = office.get(url).content.decode()
    assert ("This is how an applicant will see it" in page, "Hand over to the head" in page) == (True, False)
    office.force_login(cast["lead"])
    assert office.get(url).status_code == 404


# Questions


def ask(client, call, **fields):
    values = {"text": "Where?", "kind": "text", "limit": "100", "required": "on", "step": "save"} | fields
    return client.post(reverse("call_question_new", args=[call.reference]), values)


def test_questions_are_added_moved_and_taken_out(office, begun):
    ask(office, begun, text="First?")
    ask(office, begun, text="Second?", kind="choice", choices="Town\nVillage")
    second = begun.questions.get(position=2)
    assert second.choices == ["Town", "Village"]
    url = reverse("call_question", args=[begun.reference, second.pk])
    office.post(url, {"step": "up"})
    assert list(begun.questions.values_list("text", flat=True)) == ["Second?", "First?"]
    office.post(url, {"step": "remove"})
    assert list(begun.questions.values_list("text", flat=True)) == ["First?"]


def test_a_question_depends_only_on_an_earlier_choice(office, cast, begun):
    ask(office, begun, text="Where?", kind="choice", choices="Town\nVillage")
    first = begun.questions.get()
    assert ask(office, begun, text="Which?", shown_if=first.pk, shown_value="City").status_code == 400
    assert ask(office, begun, text="Which?", shown_if=first.pk, shown_value="Village").status_code == 302
    url = reverse("call_question", args=[begun.reference, first.pk])
    page = office.post(url, {"step": "remove"}, follow=True).content.decode()
    assert "Another question depends on this one" in page
    second = begun.questions.get(position=2)
    page = office.post(reverse("call_question", args=[begun.reference, second.pk]), {"step": "up"}, follow=True)
    assert "must stay below it" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "Write the question."),
        ({"kind": "choice", "choices": "One"}, "at least two different choices"),
        ({"kind": "table", "columns": ""}, "Name one to four columns"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(office, begun, fields, words):
    answer = ask(office, begun, **fields)
    assert (answer.status_code, begun.questions.count()) == (400, 0)
    assert words in answer.content.decode()


def test_a_changed_question_opens_its_task_again(office, cast, line):
    call = make_call(cast["secretariat"])
    ask(office, call)
    assert "questions" not in Call.objects.get().tasks_done


# People


def test_people_suffice_when_every_role_has_enough_of_other_agencies(cast, panel, agencies, line):
    from fund.people_check import shortages_of

    call = make_call(cast["secretariat"], expected=5)
    assert len(shortages_of(call)) > 0
    for number in range(8):
        place = AgencyFactory(sector=("energy", "local", "finance")[number % 3])
        officers(Role.REVIEWER, place, 1)
        officers(Role.BOARD, place, 1)
        officers(Role.CHAIR, place, 1)
        officers(Role.VERIFIER, place, 1)
    assert shortages_of(call) == []
    call.expected = 50
    assert shortages_of(call) == [  # 12 reviewers without the two largest agencies (4 and 1) are 7; 7 x 12 = 84
        "Reviews that can be written, 12 by each reviewer: 84, and 150 needed. 50 proposals need 3 reviews each."
    ]


def test_shortages_are_named_one_by_one(cast, line):
    from fund.people_check import checks_of

    short = {check.what: (check.there, check.needed) for check in checks_of(make_call(cast["secretariat"]))}
    assert short["Board members without a conflict"] == (0, 3)
    assert short["Agencies with reviewers, besides those that apply"] == (0, 3)
    assert short["One who prepares payments and another who releases"] == (2, 2)


@pytest.mark.parametrize(("expected", "needed"), [(1, 1), (60, 1), (61, 2), (600, 10), (5000, 84)])
def test_verifiers_grow_with_the_expected_proposals(cast, line, expected, needed):
    from fund.people_check import checks_of

    found = [check for check in checks_of(make_call(cast["secretariat"], expected=expected)) if "Verif" in check.what]
    assert [(check.there, check.needed) for check in found] == [(0, needed)]
    assert "one verifier checks 12 results" in found[0].short


def test_head_without_a_deputy_is_short_when_it_is_one_person(cast, line):
    """One person holding both parts is not two people."""
    from fund.people_check import Pool, _two

    assert _two("x", Pool({1: 1}, {}), Pool({1: 1}, {})).short == "x: 1, and 2 needed. They must be two people."
    assert _two("x", Pool({1: 1}, {}), Pool({2: 1}, {})).short == ""
    assert _two("x", Pool({1: 1, 2: 1}, {}), Pool({}, {})).there == 1


def test_every_set_up_service_is_for_the_secretariat_only(begun, cast):
    for name in ("head", "lead", "board", "auditor"):
        with pytest.raises(NotPossible) as no:
            call_setup.save_criteria(begun, by=cast[name], rows=[], done=False)
        assert no.value.forbidden
