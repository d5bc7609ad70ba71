"""What the secretariat does today, for one call."""

from datetime import UTC, date, datetime, timedelta

from django.urls import reverse

from evaluation.run_sheet import TO_CERTIFY, counts_of, steps_of, waiting_for
from lifecycle import clock
from people.enums import Role
from people.models import Holiday
from proposals.enums import ProposalState

from .. import stages
from ..factories import open_call
from .appeals import decline


def test_days_of_the_steps_follow_from_the_closing_in_business_days(cast, line):
    """Last day Friday 3 January 2031, 30 business days, Tuesday 7 is a holiday: shares 20, 30, .. 95, 100 %."""
    Holiday.objects.create(day=date(2031, 1, 7), name="x")
    call = open_call(cast["secretariat"], cast["head"], closes_at=datetime(2031, 1, 3, 18, tzinfo=UTC))
    assert [step.due.isoformat() for step in steps_of(call, {})] == [
        "2031-01-14", "2031-01-17", "2031-01-30", "2031-02-04", "2031-02-07", "2031-02-12", "2031-02-14",
        "2031-02-17",
    ]  # fmt: skip


def test_days_move_with_an_extension(cast, call):
    from fund.services.extensions import extend

    before = steps_of(call, {})[0].due
    extend(call, by=cast["secretariat"], until=call.closes_at + timedelta(days=7), reason="x")
    call.refresh_from_db()
    assert steps_of(call, {})[0].due - before == timedelta(days=7)


def test_rolling_call_has_counts_and_no_days(cast, line):
    call = open_call(cast["secretariat"], cast["head"], kind="rolling", closes_at=None)
    first = steps_of(call, {ProposalState.SUBMITTED: 2})[0]
    assert (first.count, first.due, first.late) == (2, None, False)


def test_step_is_late_from_the_day_after(call):
    due = steps_of(call, {})[0].due
    counts = {ProposalState.SCREENING: 1}
    for days, late in ((0, False), (1, True)):
        moment = datetime.combine(due + timedelta(days=days), datetime.min.time(), UTC)
        with clock.frozen(moment + timedelta(hours=1)):
            assert steps_of(call, counts)[0].late is late


def test_sheet_counts_what_waits_and_is_linked_from_my_work(client, cast, submitted, call):
    assert counts_of(cast["secretariat"]) == {call.pk: {"submitted": 1}}
    (row,) = waiting_for(cast["secretariat"], {Role.SECRETARIAT})
    assert row.path == reverse("run_sheet", args=[call.reference])
    client.force_login(cast["secretariat"])
    assert f"What to do today for “{call.title}”" in client.get("/").content.decode()
    page = client.get(row.path).content.decode()
    assert "First checks to finish" in page
    assert waiting_for(cast["lead"], set()) == []


def test_feedback_waits_until_the_chair_certifies_it(client, cast, panel, pending):
    declined = decline(pending, panel)
    assert counts_of(cast["secretariat"]) == {declined.call_id: {"declined": 1, TO_CERTIFY: 1}}
    client.force_login(cast["secretariat"])
    page = client.get(reverse("run_sheet", args=[declined.call.reference])).content.decode()
    assert f'href="{reverse("moderation_queue", args=[declined.call.reference])}">Feedback for the chair' in page
    stages.certify(declined, panel["chair"])
    assert counts_of(cast["secretariat"]) == {declined.call_id: {"declined": 1}}
