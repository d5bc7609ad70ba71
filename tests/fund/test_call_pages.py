"""The public list and page of calls."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from fund import call_queries
from fund.services import call_setup, calls
from lifecycle import clock
from lifecycle.performing import perform
from people.models import Holiday
from proposals.services import drafting

from .. import sparks
from ..factories import make_call, open_call


@pytest.fixture
def calls_of_all_kinds(cast, line):
    """Two days on: one open, one that opens later, one closed, one draft."""
    made = {"open": open_call(cast["secretariat"], cast["head"], reference="now", title="Open roads")}
    made["later"] = open_call(
        cast["secretariat"], cast["head"], reference="later", title="Later milk", stage="spark",
        opens_at=clock.shift(days=10), closes_at=clock.shift(days=40),
    )  # fmt: skip
    ended = {"reference": "over", "title": "Old seeds", "closes_at": clock.shift(days=1)}
    made["over"] = open_call(cast["secretariat"], cast["head"], **ended)
    make_call(cast["secretariat"], reference="hidden", title="Hidden")
    with clock.frozen(clock.shift(days=2)):
        yield made


def titles(client, **asked):
    return [call.title for call in client.get(reverse("call_list"), asked).context["object_list"]]


def test_list_shows_open_calls_first_and_no_drafts(client, calls_of_all_kinds):
    assert titles(client) == ["Open roads", "Later milk", "Old seeds"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "open"}, ["Open roads"]),
        ({"state": "later"}, ["Later milk"]),
        ({"state": "over"}, ["Old seeds"]),
        ({"stage": "spark"}, ["Later milk"]),
        ({"q": "seeds"}, ["Old seeds"]),
        ({"q": "second visit"}, ["Open roads", "Later milk", "Old seeds"]),
        ({"q": "nothing"}, []),
        ({"state": "nonsense"}, ["Open roads", "Later milk", "Old seeds"]),
    ],
)
def test_filters_stand_in_the_address(client, calls_of_all_kinds, asked, found):
    assert titles(client, **asked) == found


def test_calls_of_other_sectors_are_left_out_on_wish_and_refuse_a_start(client, cast, line):
    call = make_call(cast["secretariat"], title="Farms only")
    values = {name: getattr(call, name) for name in call_setup.COLUMNS["basics"]} | {"sectors": ["agriculture"]}
    call_setup.save_task(call, by=cast["secretariat"], task="basics", values=values, done=True)
    call = calls.approve(calls.hand_over(call, by=cast["secretariat"]), by=cast["head"], note="x")
    client.force_login(cast["lead"])
    assert (titles(client), titles(client, mine="yes")) == (["Farms only"], [])
    with pytest.raises(Exception, match="open to agencies of other sectors"):
        drafting.start(by=cast["lead"], title="x", call=call)
    client.force_login(cast["stranger"])
    assert titles(client, mine="yes") == ["Farms only"]
    assert drafting.start(by=cast["stranger"], title="x", call=call).state == "draft"


def test_page_of_a_call_that_opens_later_says_when(client, calls_of_all_kinds):
    page = client.get(calls_of_all_kinds["later"].get_absolute_url()).content.decode()
    assert ("Opens later" in page, "Opens in 7 days" in page, "Sign in to start" in page) == (True, True, False)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ({"days": 12, "hours": 3}, "Still open for 12 days"),
        ({"hours": 47, "minutes": 59}, "Still open for 47 hours"),
        ({"hours": 1}, "Still open for 1 hour"),
        ({"minutes": 59}, "Still open for 59 minutes"),
        ({"seconds": 1}, "Still open for 1 minute"),
        ({"seconds": 0}, ""),
    ],
)
def test_countdown_is_in_words(call, before, words):
    with clock.frozen(call.closes_at - timedelta(**before)):
        assert call_queries.countdown(call) == words


def test_answer_is_promised_in_business_days_after_the_last_day(client, cast, line):
    """The last day is Friday 3 January 2031; 30 business days with one holiday end on Monday 17 February."""
    Holiday.objects.create(day=datetime(2031, 1, 7).date(), name="x")
    call = open_call(cast["secretariat"], cast["head"], closes_at=datetime(2031, 1, 3, 18, tzinfo=UTC))
    assert call_queries.answer_by(call).isoformat() == "2031-02-17"
    assert "By 17 February 2031" in client.get(call.get_absolute_url()).content.decode()


def test_page_says_for_each_kind_of_post_what_it_can_lead_to(client, call):
    page = client.get(call.get_absolute_url()).content.decode()
    for words in ("Regular civil servants", "People on contract", "People on deputation", "never a promise"):
        assert words in page
    assert "It takes about 40 minutes." in page


def test_questions_page_has_the_standard_ones_and_the_calls_own(client, cast, line):
    call = make_call(cast["secretariat"])
    values = {"kind": "choice", "text": "Where is it?", "choices": ["Town", "Village"]}
    call_setup.save_question(call, by=cast["secretariat"], question=None, values=values)
    call_setup.save_task(call, by=cast["secretariat"], task="questions", values={}, done=True)
    calls.approve(calls.hand_over(call, by=cast["secretariat"]), by=cast["head"], note="x")
    page = client.get(reverse("call_questions", args=[call.reference])).content.decode()
    for words in (
        "What is the problem, and for whom?", "Where is it?", "Town, Village", "At most 3,000 characters.",
        "One of: Lower is better", "Working days a month it gives", "What interest does it have in the result?",
        "Which data do you need?", "One of: Not asked yet", "A number.", "A day.",
    ):  # fmt: skip
        assert words in page


def test_questions_page_of_a_spark_asks_for_no_partners(client, cast, line):
    call = sparks.spark_call(cast, line)
    page = client.get(reverse("call_questions", args=[call.reference])).content.decode()
    assert ("At most 1,500 characters." in page, "Partner agencies" in page) == (True, False)


def test_office_gives_more_time_cancels_and_opens_the_run_sheet_from_the_page(client, cast, call):
    client.force_login(cast["secretariat"])
    page = client.get(call.get_absolute_url()).content.decode()
    for route in ("call_extend", "call_people", "run_sheet"):
        assert reverse(route, args=[call.reference]) in page
    client.force_login(cast["lead"])
    assert reverse("call_extend", args=[call.reference]) not in client.get(call.get_absolute_url()).content.decode()


def test_cancelled_call_says_so(client, cast, call):
    perform(call, "cancel", by=cast["head"], note="No money.")
    assert "Cancelled" in client.get(call.get_absolute_url()).content.decode()
