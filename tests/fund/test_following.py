"""Readings and stop rules, receipts, reminders, and the pages of the parts of a grant."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund import stop_rules
from fund.models import Grant, Reading, Receipt, StopAnswer
from fund.queries import waiting_for
from fund.report_start import report_so_far
from fund.services import delivery, following, payments, reminding
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import Notification
from people.services.calendar import add_business_days

from .paths import paid, tranche

LOWER = {"direction": "lower", "stop_figure": "2.0", "stop_date": "2026-06-30"}
HIGHER = {"direction": "higher", "stop_figure": "1,000", "stop_date": "2026-06-30"}
ON, BEFORE = date(2026, 6, 30), date(2026, 6, 29)


@pytest.mark.parametrize(("terms", "value", "day", "past"), [
    (LOWER, "2.0", ON, True), (LOWER, "1.9999", ON, False), (LOWER, "2.5", BEFORE, False),
    (HIGHER, "1000", ON, True), (HIGHER, "1000.5", ON, False), (HIGHER, "0", BEFORE, False),
    ({"stop_figure": "2"}, "2", BEFORE, True), ({"stop_figure": "2"}, "3", BEFORE, False),
    ({"baseline": "9", "target": "3", "stop_figure": "8"}, "8.5", ON, True),
    ({"stop_figure": "soon"}, "1", ON, False), ({"stop_figure": "NaN"}, "1", ON, False), ({}, "1", ON, False),
    ({"direction": "lower", "second_figure": "5"}, "5", BEFORE, True),
])  # fmt: skip
def test_reading_passes_a_stop_rule_only_at_its_figure_from_its_day_on(terms, value, day, past):
    assert stop_rules.passes(terms, Decimal(value), day) is past


def measured(grant, cast, value="2.4", who="lead", day=None):
    return following.read_measure(
        grant, by=cast[who], measured_on=day or clock.today(), value=Decimal(value), source="Log"
    )


def test_reading_past_a_stop_rule_asks_team_and_approver_at_once(cast, grant):
    measured(grant, cast)
    asked = Notification.objects.filter(key__contains=":stop:").values_list("person__email", flat=True)
    assert sorted(asked) == ["colleague@x.example", "lead@x.example", "sponsor@x.example"]
    assert "Go on, change or stop?" in [row.what for row in waiting_for(cast["lead"])]
    assert "Go on, change or stop?" not in [row.what for row in waiting_for(cast["colleague"])]


def test_reading_short_of_every_stop_rule_asks_nobody(cast, grant):
    assert measured(grant, cast, "2.1").stops is False
    assert not Notification.objects.filter(key__contains=":stop:").exists()


def test_question_is_answered_once_by_the_lead_with_a_reason(cast, grant):
    reading = measured(grant, cast)
    with pytest.raises(NotPossible, match="The lead or the deputy"):
        following.answer_stop(reading, by=cast["colleague"], choice="stop", reason="x")
    with pytest.raises(NotPossible, match="Give a reason"):
        following.answer_stop(reading, by=cast["lead"], choice="stop", reason=" ")
    following.answer_stop(reading, by=cast["lead"], choice="go_on", reason="One bad week")
    with pytest.raises(NotPossible, match="answered already"):
        following.answer_stop(reading, by=cast["lead"], choice="stop", reason="x")
    assert StopAnswer.objects.get().choice == "go_on"
    assert "Go on, change or stop?" not in [row.what for row in waiting_for(cast["lead"])]


def test_reading_that_passes_nothing_has_no_question(cast, grant):
    with pytest.raises(NotPossible, match="passes no stop rule"):
        following.answer_stop(measured(grant, cast, "1"), by=cast["lead"], choice="stop", reason="x")


@pytest.mark.parametrize("who", ["sponsor", "secretariat", "stranger", "conflicted"])
def test_nobody_outside_the_team_records_readings(cast, grant, who):
    with pytest.raises(NotPossible, match="Only the team"):
        measured(grant, cast, who=who)


def test_reading_of_tomorrow_or_of_an_offer_is_refused(cast, offered):
    with pytest.raises(NotPossible, match="not running"):
        measured(offered, cast)
    Grant.objects.filter(pk=offered.pk).update(
        state="active", signed_by_lead_at=clock.now(), signed_by_sponsor_at=clock.now()
    )
    with pytest.raises(NotPossible, match="future"):
        measured(offered, cast, day=clock.today() + timedelta(days=1))
    Grant.objects.filter(pk=offered.pk).update(state="stopping")
    with pytest.raises(NotPossible, match="not running"):
        following.answer_stop(measured(offered, cast), by=cast["lead"], choice="stop", reason="x")


@pytest.mark.parametrize("model", [Reading, StopAnswer, Receipt])
def test_what_was_recorded_never_changes(cast, grant, model):
    paid(cast, grant, 1)
    payments.account_for(tranche(grant, 1), by=cast["lead"], note="Tea", amount=5)
    following.answer_stop(measured(grant, cast), by=cast["lead"], choice="stop", reason="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(by=cast["head"])


def test_report_begins_with_notes_and_readings_since_the_last_one(cast, grant):
    first, second = grant.reports.all()[:2]
    delivery.add_note(grant, by=cast["colleague"], happened_on=date(2026, 1, 2), text="Visited")
    measured(grant, cast, "2.10", day=date(2026, 1, 3))
    so_far = report_so_far(first)
    assert so_far["done"] == "2 January 2026, Name of colleague: Visited"
    assert so_far["measured"] == "3 January 2026: 2.1 visits (Log)"
    delivery.submit_report(first, by=cast["lead"], done="All", measured="2.1", next_steps="More")
    assert report_so_far(second) == {"done": "", "measured": "", "next_steps": ""}
    assert report_so_far(grant.reports.first())["done"] == "All"


def test_receipt_keeps_note_amount_and_file_and_is_read_by_who_sees_the_grant(client, cast, grant):
    paid(cast, grant, 1)
    client.force_login(cast["lead"])
    path = reverse("payment_account", args=[grant.case, 1])
    file = SimpleUploadedFile("bill.txt", b"Tea 12.50")
    client.post(path, {"amount": "12.50", "note": "Tea", "upload": file})
    receipt = Receipt.objects.get()
    assert (receipt.amount, receipt.note, receipt.file.original_name) == (1_250, "Tea", "bill.txt")
    client.force_login(cast["maker"])
    page = reverse("grant_part", args=[grant.case, "payment", 1])
    link = reverse("receipt_file", args=[grant.case, receipt.pk])
    assert link in client.get(page).content.decode()
    assert client.get(link).content == b"Tea 12.50"


def test_receipt_that_is_no_file_is_refused_and_nothing_is_spent(client, cast, grant):
    paid(cast, grant, 1)
    client.force_login(cast["lead"])
    path = reverse("payment_account", args=[grant.case, 1])
    answer = client.post(path, {"amount": "1", "note": "Tea", "upload": SimpleUploadedFile("bill.exe", b"MZ")})
    assert answer.status_code == 400
    assert "bill.exe" in answer.content.decode()
    assert (Grant.objects.get().spent, Receipt.objects.count()) == (0, 0)


# --- reminders ----------------------------------------------------------------------------------------------

DUE = date(2026, 11, 6)  # a Friday


@pytest.mark.parametrize(("today", "steps"), [
    (DUE - timedelta(8), []), (DUE - timedelta(7), ["-7"]), (DUE - timedelta(3), ["-7"]), (DUE - timedelta(2), ["-2"]),
    (DUE, ["-2"]), (DUE + timedelta(1), ["+1"]), (DUE + timedelta(4), ["+1"]), (DUE + timedelta(5), ["+1", "late"]),
])  # fmt: skip
@pytest.mark.django_db
def test_steps_of_a_reminder_by_day(today, steps):
    assert list(reminding.steps_due(DUE, today)) == steps


def at_day(monkeypatch, day):
    monkeypatch.setattr(clock, "today", lambda: day)


def told(words):
    found = Notification.objects.filter(key__contains=":due:", subject__contains=words).values_list("person__email")
    return sorted(email.split("@")[0] for (email,) in found)


def test_reminders_go_out_once_for_each_step_and_at_last_to_the_offices(cast, grant, monkeypatch):
    due = grant.milestones.get(position=1).due_on
    for day in (due - timedelta(8), due - timedelta(7), due - timedelta(7), due - timedelta(6)):
        at_day(monkeypatch, day)
        reminding.remind()
    assert told("Milestone 1: Step 1: due soon") == ["colleague", "lead"]
    at_day(monkeypatch, due - timedelta(2))
    reminding.remind()
    assert told("Milestone 1: Step 1: due soon") == ["colleague", "colleague", "lead", "lead"]
    at_day(monkeypatch, due + timedelta(1))
    reminding.remind()
    assert told("Milestone 1: Step 1: late") == ["colleague", "lead"]
    assert told("A grant is late") == []
    at_day(monkeypatch, add_business_days(due, 3))
    reminding.remind()
    assert told("A grant is late") == ["secretariat", "secretariat", "sponsor", "sponsor"]  # milestone and report


def test_what_is_handed_in_is_not_reminded_of(cast, grant, monkeypatch):
    first = grant.milestones.get(position=1)
    delivery.submit_milestone(first, by=cast["lead"], evidence="x")
    delivery.submit_report(first.report, by=cast["lead"], done="x")
    at_day(monkeypatch, first.due_on)
    assert reminding.remind() == 0


# --- pages of the parts -------------------------------------------------------------------------------------


def test_payment_page_says_why_it_is_not_due_and_gives_head_the_hold(client, cast, grant):
    client.force_login(cast["head"])
    text = client.get(reverse("grant_part", args=[grant.case, "payment", 2])).content.decode()
    assert "The milestone before this payment is not accepted yet." in text
    assert reverse("act", args=["fund.tranche", tranche(grant, 2).pk, "hold"]) in text


def test_board_finds_the_waiver_on_the_milestones_page(client, cast, grant):
    client.force_login(cast["board"])
    first = grant.milestones.get(position=1)
    text = client.get(reverse("grant_part", args=[grant.case, "milestone", 1])).content.decode()
    assert reverse("act", args=["fund.milestone", first.pk, "waive"]) in text


@pytest.mark.parametrize(("kind", "position"), [("payment", 9), ("nonsense", 1), ("report", 0)])
def test_part_that_does_not_exist_is_404(client, cast, grant, kind, position):
    client.force_login(cast["lead"])
    assert client.get(reverse("grant_part", args=[grant.case, kind, position])).status_code == 404


@pytest.mark.parametrize("kind", ["payment", "milestone", "report"])
@pytest.mark.parametrize("who", ["lead", "maker", "secretariat"])
def test_part_page_costs_at_most_fifteen_queries(client, cast, grant, kind, who):
    client.force_login(cast[who])
    client.get("/help/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("grant_part", args=[grant.case, kind, 1])).status_code == 200
    assert len(queries) <= 15, [q["sql"][:110] for q in queries]


def test_lead_who_records_a_reading_past_the_stop_rule_is_asked_next(client, cast, grant):
    client.force_login(cast["lead"])
    data = {"measured_on": clock.today().isoformat(), "value": "2.4", "source": "Log"}
    answer = client.post(reverse("reading_new", args=[grant.case]), data)
    asking = reverse("stop_answer", args=[grant.case, Reading.objects.get().pk])
    assert answer.headers["Location"] == asking
    answer = client.post(asking, {"choice": "stop", "reason": "Too many visits"})
    assert answer.headers["Location"] == reverse("grant_stop", args=[grant.case])
    text = client.get(reverse("readings", args=[grant.case])).content.decode()
    assert "Too many visits" in text
    data["value"] = "1.5"
    answer = client.post(reverse("reading_new", args=[grant.case]), data)
    assert answer.headers["Location"] == reverse("readings", args=[grant.case])


def test_reading_of_tomorrow_says_so_beside_the_field(client, cast, grant):
    client.force_login(cast["lead"])
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    data = {"measured_on": tomorrow, "value": "2", "source": "Log"}
    answer = client.post(reverse("reading_new", args=[grant.case]), data)
    assert answer.status_code == 400
    assert "cannot lie in the future" in answer.content.decode()
