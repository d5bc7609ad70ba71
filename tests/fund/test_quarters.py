"""The one-page report of each quarter: when it is asked for, what it begins with, and what it holds up."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from fund.models import Report
from fund.queries import waiting_for
from fund.services import amending, delivery, following, payments, quarters, reminding, stopping
from fund.services.grants import sign
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.fiscal import quarter_bounds
from lifecycle.performing import explain, perform
from people.enums import Part
from people.models import Notification
from people.services.accounts import system_user
from people.services.calendar import add_business_days
from people.services.involvement import involve

from ..factories import make_grant, make_line
from .paths import accounted, reached, tranche

START = date(2031, 8, 10)  # later than the roles of the cast, which begin today
FIRST = (START, date(2031, 9, 30))
SECOND = (date(2031, 10, 1), date(2031, 12, 31))


@pytest.mark.parametrize(("starts", "ends", "found"), [
    (START, date(2031, 12, 7), []),  # 119 days
    (START, date(2031, 12, 31), [FIRST]),  # the end has the last milestone's report
    (START, date(2032, 1, 1), [FIRST, SECOND]),
    (date(2031, 9, 1), date(2032, 1, 1), [(date(2031, 9, 1), date(2031, 9, 30)), SECOND]),
    (date(2031, 9, 2), date(2032, 1, 1), [SECOND]),  # 29 days of a quarter
])  # fmt: skip
def test_quarters_of_a_grant(starts, ends, found):
    assert list(quarters.quarters_of(starts, ends)) == found


def test_quarter_of_every_day_of_a_year_holds_the_day():
    for day in (date(2031, 1, 1) + timedelta(n) for n in range(366)):
        first, last = quarter_bounds(day)
        assert first <= day <= last
        assert (first.day, first.month % 3, (last + timedelta(1)).day) == (1, 1, 1)


def on(monkeypatch, day):
    moment = timezone.make_aware(datetime(day.year, day.month, day.day, 12))
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(clock, "today", lambda: day)


@pytest.fixture
def long(cast, agencies, monkeypatch):
    """A grant of ten months, signed on 10 August 2031."""
    on(monkeypatch, START)
    line = make_line(cast["head"], code="later", agency=agencies["health"])
    made = make_grant(cast, line, steps=((150, 40), (300, 60)))
    involve(case=made.case, person=cast["colleague"], part=Part.MEMBER)
    sign(made, by=cast["lead"])
    return sign(made, by=cast["sponsor"])


def states(grant):
    return list(grant.reports.exclude(quarter=None).order_by("quarter").values_list("state", flat=True))


def test_report_opens_after_the_quarter_and_waits_for_the_team(cast, long, monkeypatch):
    assert states(long) == ["scheduled"] * 3
    on(monkeypatch, FIRST[1])
    assert quarters.open_due() == 0
    on(monkeypatch, FIRST[1] + timedelta(1))
    assert (quarters.open_due(), quarters.open_due()) == (1, 0)
    report = long.reports.get(quarter=1)
    assert (str(report), report.state, report.due_on) == (
        "Quarterly report, 10 August to 30 September 2031", "open", date(2031, 10, 15),
    )  # fmt: skip
    assert "Write quarterly report 1" in [row.what for row in waiting_for(cast["lead"])]
    assert Notification.objects.filter(person=cast["lead"], subject__contains="write it now").count() == 1
    told = set()
    for day in (report.due_on - timedelta(7), report.due_on - timedelta(2), report.due_on + timedelta(1)):
        on(monkeypatch, day)
        reminding.remind()
        told |= {key.split(":")[-2] for key in Notification.objects.filter(
            key__contains=f"due:report:{report.pk}").values_list("key", flat=True)}  # fmt: skip
    assert told == {"-7", "-2", "+1"}
    on(monkeypatch, add_business_days(report.due_on, 3))
    reminding.remind()
    late = Notification.objects.filter(
        key__contains=f"due:report:{report.pk}", key__endswith=f"late:{cast['sponsor'].pk}"
    )
    assert late.count() == 1


def test_overdue_quarter_holds_payments_until_it_is_there_or_not_needed(cast, long, monkeypatch):
    on(monkeypatch, date(2031, 10, 16))
    quarters.open_due()
    with pytest.raises(NotPossible, match="overdue"):
        payments.prepare_payment(tranche(long, 1), by=cast["maker"])
    with pytest.raises(NotPossible, match="Give a reason"):
        quarters.skip_report(long.reports.get(quarter=1), by=cast["secretariat"])
    with pytest.raises(NotPossible):
        quarters.skip_report(long.reports.get(quarter=1), by=cast["lead"], note="We were away")
    quarters.skip_report(long.reports.get(quarter=1), by=cast["secretariat"], note="Only set up so far")
    payments.prepare_payment(tranche(long, 1), by=cast["maker"])
    assert Notification.objects.filter(person=cast["lead"], subject__contains="is not needed").count() == 1


def test_page_begins_with_the_quarter_and_ends_accepted(client, cast, long, monkeypatch):
    on(monkeypatch, FIRST[1])
    delivery.add_note(long, by=cast["lead"], happened_on=FIRST[1], text="Visited")
    following.read_measure(long, by=cast["lead"], measured_on=FIRST[1], value=Decimal("1.5"), source="Log")
    on(monkeypatch, date(2031, 10, 5))
    delivery.add_note(long, by=cast["lead"], happened_on=date(2031, 10, 5), text="The next quarter")
    quarters.open_due()
    client.force_login(cast["lead"])
    path = reverse("quarter_submit", args=[long.case, 1])
    text = client.get(path).content.decode()
    for words in ("30 September 2031, Name of lead: Visited", "1.5 visits (Log)", "Step 1, due", "Newest reading"):
        assert words in text
    assert "The next quarter" not in text
    client.post(path, {"done": "Visited", "measured": "1.5", "next_steps": "More"})
    report = long.reports.get(quarter=1)
    assert report.state == "submitted"
    client.force_login(cast["secretariat"])
    text = client.get(reverse("grant_part", args=[long.case, "quarter", 1])).content.decode()
    link = reverse("act", args=["fund.report", report.pk, "accept"])
    assert link in text
    assert "Look at quarterly report 1" in [row.what for row in waiting_for(cast["secretariat"])]
    client.post(link, {"note": ""})
    assert long.reports.get(quarter=1).state == "accepted"


def test_more_time_brings_more_quarters_and_the_end_asks_for_none(cast, long, monkeypatch):
    days = [report.due_on for report in long.reports.exclude(quarter=None)]
    change = amending.ask_for_change(long, by=cast["lead"], kind="time", reason="Rain", days=60)
    amending.approve_change(change, by=cast["secretariat"])
    assert len(states(long)) == 4
    assert [report.due_on for report in long.reports.exclude(quarter=None)][:3] == days  # quarters do not move
    Report.objects.filter(grant=long, quarter=4).delete()
    quarters.open_due()  # what an older version did not schedule is scheduled by the clock
    assert len(states(long)) == 4
    accounted(cast, long, 1)
    long.refresh_from_db()
    stopping.ask_to_stop(long, by=cast["lead"], note="Nobody came", unspent=0)
    stopping.confirm_stop(long, by=cast["secretariat"])
    assert states(long) == ["skipped"] * 4
    assert not Notification.objects.filter(subject__contains="is not needed").exists()


def test_report_is_of_a_milestone_or_of_a_quarter_and_of_each_quarter_once(cast, long):
    report = long.reports.get(quarter=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(milestone=long.milestones.get(position=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(quarter=2)
    with pytest.raises(NotPossible, match="not over"):
        perform(report, "fall_due", by=system_user())


def test_open_quarter_must_be_settled_before_the_grant_is_completed(cast, long, monkeypatch):
    reason = "Every report must be accepted first."
    for place in (1, 2):
        reached(cast, long, place)
    assert reason not in explain(long, "complete")
    on(monkeypatch, FIRST[1] + timedelta(1))
    quarters.open_due()
    assert reason in explain(long, "complete")
