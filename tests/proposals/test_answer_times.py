"""By when an answer is promised, and what happens when it is late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from fund.stage_defaults import STAGES
from lifecycle import clock
from people.services.calendar import add_business_days
from proposals.answer_times import is_kept, promised_for
from proposals.queries import late_decisions

from .. import sparks
from ..remembering import remembered


class Call:
    """What the promise reads of a call."""

    ends_at = datetime(2026, 3, 31, 18, tzinfo=UTC)  # the last minute is 23:59 on 31 March in Thimphu

    def __init__(self, stage):
        self.kind = "rolling" if stage == "spark" else "dated"
        self.answer_days = STAGES[stage].answer_days


@pytest.mark.parametrize(
    ("stage", "days", "begins"),
    [("spark", 10, "2026-03-02"), ("explore", 30, "2026-03-31"), ("build", 40, "2026-03-31"),
     ("scale", 60, "2026-03-31")],
)  # fmt: skip
def test_promise_counts_business_days_from_arrival_or_from_the_closing(db, stage, days, begins):
    day = datetime.fromisoformat(begins).date()
    assert promised_for(Call(stage), datetime(2026, 3, 2, 6, tzinfo=UTC)) == add_business_days(day, days)


@remembered
def late(cast, line, panel):
    """Promised for yesterday."""
    idea = sparks.sent(sparks.spark_call(cast, line), cast["lead"])
    type(idea).objects.filter(pk=idea.pk).update(answer_by=clock.today() - timedelta(days=1))
    return sparks.fresh(idea)


def test_late_answer_is_on_the_boards_my_work_and_gone_when_answered(client, late, cast, panel):
    assert not is_kept(late)
    client.force_login(panel["board"][0])
    assert "1 answer is late" in client.get("/").content.decode()
    text = client.get(reverse("late_decisions")).content.decode()
    assert (late.reference in text, late.title in text) == (True, False)
    type(late).objects.filter(pk=late.pk).update(released_at=clock.now())
    assert not late_decisions(panel["board"][0]).exists()


def test_late_answer_of_the_own_agency_is_not_shown(late, cast):
    """The cast's board member is of the lead's ministry."""
    assert list(late_decisions(cast["board"])) == []


def test_applicant_reads_the_promise_and_that_it_is_late(client, late, cast):
    client.force_login(cast["lead"])
    text = client.get(late.get_absolute_url()).content.decode()
    assert "The board sees that it is late." in text
    type(late).objects.filter(pk=late.pk).update(answer_by=clock.today())
    assert "You have an answer by" in client.get(late.get_absolute_url()).content.decode()
