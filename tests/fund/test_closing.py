"""Suspending, ending by the board, and closing what has ended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from fund.models import Asset, BudgetLine, CloseOut, Grant, Tranche
from fund.queries import waiting_for
from fund.services import bank, closing, payments, stopping
from fund.services.verifying import faults
from fund.services.year_end import open_items
from incentives.models import Outcome
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.models import Notification

from ..factories import make_grant
from .paths import SAID, accounted_rest, completed, paid, spent, tranche, without


def fresh(grant):
    return Grant.objects.get(pk=grant.pk)


def stopped(grant, cast):
    stopping.ask_to_stop(grant, by=cast["lead"], note="Too few", unspent=fresh(grant).unaccounted)
    stopping.confirm_stop(fresh(grant), by=cast["secretariat"])
    return CloseOut.objects.get()


def test_suspended_grant_is_paid_nothing_until_it_goes_on(cast, grant):
    stopping.suspend(grant, by=cast["head"], note="A complaint is looked into")
    with pytest.raises(NotPossible, match="not running"):
        payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    assert stopping.resume(fresh(grant), by=cast["head"], note="Nothing found").state == "active"
    assert payments.prepare_payment(tranche(grant, 1), by=cast["maker"]).state == "prepared"
    assert Notification.objects.filter(body__contains="Nothing found").count() == 2


@pytest.mark.parametrize("act", [stopping.suspend, stopping.terminate])
def test_suspending_and_ending_need_a_reason(cast, grant, act):
    with pytest.raises(NotPossible, match="Give a reason"):
        act(grant, by=cast["head" if act is stopping.suspend else "board"])


@pytest.mark.parametrize("who", ["lead", "secretariat", "head", "maker", "checker", "administrator"])
def test_only_the_board_ends_a_grant(cast, grant, who):
    with pytest.raises(NotPossible) as no:
        stopping.terminate(grant, by=cast[who], note="x")
    assert no.value.forbidden


def test_ended_grant_frees_what_was_not_paid_and_closes_its_promise(cast, grant):
    paid(cast, grant, 1)
    done = stopping.terminate(grant, by=cast["board"], note="Material breach")
    assert (done.state, done.stop_reason, done.released) == ("terminated", "Material breach", 6_001)
    assert [part.state for part in grant.tranches.all()] == ["acknowledged", "cancelled", "cancelled"]
    assert Outcome.objects.get().state == "closed_unclaimed"
    assert list(faults()) == []


def test_accounts_close_only_when_all_paid_money_is_accounted_for(cast, grant, monkeypatch):
    paid(cast, grant, 1)
    stopping.terminate(grant, by=cast["board"], note="x")
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    with pytest.raises(NotPossible, match="not accounted for"):
        perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"])
    payments.take_back(tranche(grant, 1), by=cast["checker"], note="Paid back")
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"
    assert BudgetLine.objects.get().available == 1_000_000_000


@pytest.mark.parametrize("ends", ["team", "checker"])
def test_paid_money_of_a_stopped_grant_stays_open_until_it_is_spent_or_back(client, cast, grant, ends):
    paid(cast, grant, 1)
    close_out = stopped(grant, cast)
    closing.hand_in(close_out, by=cast["lead"], **SAID)
    assert "Account for payment 1" in [row.what for row in waiting_for(cast["lead"])]
    row = next(row for row in waiting_for(cast["checker"]) if row.what == "Record what came back of payment 1")
    with pytest.raises(NotPossible, match="not accounted for"):
        perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"])
    client.force_login(cast["checker"])
    page = client.get(reverse("grant_part", args=[grant.case, "payment", 1])).content.decode()
    assert row.path in page
    assert "Record that the rest came back: Nu. 40<" in page
    if ends == "team":
        accounted_rest(cast, grant, 1)
    else:
        assert "all of the Nu. 40 is back" in client.get(row.path).content.decode()
        assert client.post(row.path, {"amount": "1", "note": "V-7"}).status_code == 400
        assert client.post(row.path, {"amount": "4000", "note": "V-7"}).status_code == 302
    text = client.get(grant.get_absolute_url()).content.decode()
    came = "Nu. 0" if ends == "team" else "Nu. 40"
    assert f"The lead reports Nu. 40; {came} came back; nothing is open." in text
    assert "Record what came back of payment 1" not in [row.what for row in waiting_for(cast["checker"])]
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"
    assert list(faults()) == []


def test_lead_states_anew_from_the_grants_page(client, cast, grant):
    paid(cast, grant, 1)
    stopping.ask_to_stop(grant, by=cast["lead"], note="Too few", unspent=4_000)
    client.force_login(cast["lead"])
    path = reverse("grant_unspent", args=[grant.case])
    page = client.get(grant.get_absolute_url()).content.decode()
    assert path in page
    assert "The lead reports Nu. 40; Nu. 0 came back; Nu. 40 is still open." in page
    assert 'value="40"' in client.get(path).content.decode()
    assert client.post(path, {"unspent": "41"}).status_code == 400
    assert client.post(path, {"unspent": "12.50"}).status_code == 302
    assert fresh(grant).unspent == 1_250


def test_without_its_guard_an_account_would_close_with_money_missing(cast, grant, monkeypatch):
    paid(cast, grant, 1)
    stopping.terminate(grant, by=cast["board"], note="x")
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    without(monkeypatch, CloseOut, "nothing_unaccounted")
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"


def test_checklist_needs_every_answer_and_comes_back_with_a_reason(cast, grant):
    close_out = stopped(grant, cast)
    with pytest.raises(NotPossible, match="Answer every point"):
        closing.hand_in(close_out, by=cast["lead"], receipts_at="Room 3")
    with pytest.raises(NotPossible):
        closing.hand_in(close_out, by=cast["colleague"], **SAID)
    closing.hand_in(close_out, by=cast["lead"], **SAID)
    with pytest.raises(NotPossible, match="Give a reason"):
        closing.return_checklist(CloseOut.objects.get(), by=cast["checker"])
    assert closing.return_checklist(CloseOut.objects.get(), by=cast["checker"], note="Which room?").state == "to_do"


@pytest.mark.parametrize("who", ["lead", "maker", "secretariat", "board", "administrator"])
def test_only_the_checker_closes(cast, grant, who):
    close_out = stopped(grant, cast)
    closing.hand_in(close_out, by=cast["lead"], **SAID)
    with pytest.raises(NotPossible) as no:
        perform(CloseOut.objects.get(), "close_accounts", by=cast[who])
    assert no.value.forbidden


def test_what_was_bought_is_handed_over_once_and_for_all(cast, grant, agencies):
    close_out = stopped(grant, cast)
    given = {"what": "Two tablets", "value": 50_000, "receiver": agencies["farms"]}
    today = clock.today()
    with pytest.raises(NotPossible, match="The lead"):
        closing.hand_over(close_out, by=cast["colleague"], handed_over_on=today, **given)
    with pytest.raises(NotPossible, match="future"):
        closing.hand_over(close_out, by=cast["lead"], handed_over_on=today + timedelta(days=1), **given)
    key = uuid4()  # of one opened page, whose button is pressed twice
    for _ in range(2):
        closing.hand_over(close_out, by=cast["lead"], handed_over_on=today, key=key, **given)
    assert Asset.objects.count() == 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Asset.objects.update(value=1)
    closing.hand_in(close_out, by=cast["lead"], **SAID)
    with pytest.raises(NotPossible, match="handed in already"):
        closing.hand_over(close_out, by=cast["lead"], handed_over_on=today, **given)


def test_closing_waits_for_lead_and_then_for_the_checker(client, cast, grant, agencies):
    close_out = stopped(grant, cast)
    rows = waiting_for(cast["lead"])
    assert [(row.what, row.path) for row in rows] == [
        ("Close the grant: fill in the checklist", close_out.get_absolute_url())
    ]
    client.force_login(cast["lead"])
    asset = {"what": "Tablet", "value": "500", "receiver": agencies["farms"].pk, "handed_over_on": "2026-11-01"}
    assert client.post(reverse("asset_new", args=[grant.case]), asset).status_code == 302
    answer = client.post(reverse("closing_fill", args=[grant.case]), SAID)
    assert answer.headers["Location"] == close_out.get_absolute_url()
    assert "Close the accounts" in [row.what for row in waiting_for(cast["checker"])]
    client.force_login(cast["checker"])
    text = client.get(close_out.get_absolute_url()).content.decode()
    assert "Tablet" in text
    assert reverse("act", args=["fund.closeout", close_out.pk, "close_accounts"]) in text


def test_running_grant_has_no_closing(client, cast, grant):
    client.force_login(cast["lead"])
    assert client.get(reverse("closing", args=[grant.case])).status_code == 404


# --- the last payment ---------------------------------------------------------------------------------------

WAITS = "waits until the grant is completed and its close-out checklist is handed in"


def test_last_payment_waits_for_the_close_out(client, cast, grant):
    done = completed(cast, grant)
    assert (done.released, tranche(grant, 3).state) == (0, "locked")  # its money stays set aside
    assert WAITS in "".join(explain(tranche(grant, 3), "unlock"))
    client.force_login(cast["lead"])
    assert "close-out checklist" in client.get(reverse("grant_part", args=[grant.case, "payment", 3])).content.decode()
    closing.hand_in(done.close_out, by=cast["lead"], **SAID)
    assert "Prepare payment 3" in [row.what for row in waiting_for(cast["maker"])]
    payments.prepare_payment(tranche(grant, 3), by=cast["maker"])
    closing.return_checklist(done.close_out, by=cast["checker"], note="Which room?")
    with pytest.raises(NotPossible, match=WAITS):
        payments.release_payment(tranche(grant, 3), by=cast["checker"])
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    with pytest.raises(NotPossible, match="neither made nor done without"):
        perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"])
    payments.release_payment(tranche(grant, 3), by=cast["checker"])
    assert "Confirm that payment 3 has arrived" not in [row.what for row in waiting_for(cast["lead"])]
    bank.make_file(by=cast["checker"])
    assert "Confirm that payment 3 has arrived" in [row.what for row in waiting_for(cast["lead"])]
    perform(tranche(grant, 3), "acknowledge", by=cast["lead"])
    spent(cast, grant, 3, 2_001)
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"
    assert list(faults()) == []


def test_without_its_guard_the_last_payment_would_be_made_before_the_close_out(cast, grant, monkeypatch):
    without(monkeypatch, Tranche, "closed_out_before_last")
    completed(cast, grant)
    payments.open_payments(fresh(grant))
    payments.prepare_payment(tranche(grant, 3), by=cast["maker"])
    assert payments.release_payment(tranche(grant, 3), by=cast["checker"]).state == "released"


def test_last_payment_may_be_done_without_by_the_lead_alone(cast, grant):
    with pytest.raises(NotPossible, match="Only the last payment of a completed grant"):
        payments.forgo_payment(tranche(grant, 3), by=cast["lead"], note="Not needed")
    completed(cast, grant)
    with pytest.raises(NotPossible):
        payments.forgo_payment(tranche(grant, 3), by=cast["colleague"], note="Not needed")
    payments.forgo_payment(tranche(grant, 3), by=cast["lead"], note="Not needed")
    assert (tranche(grant, 3).state, fresh(grant).released) == ("cancelled", 2_001)
    assert BudgetLine.objects.get().available == 1_000_000_000 - 8_000
    assert list(faults()) == []


def test_team_of_a_grant_that_the_board_ended_still_accounts_for_what_it_was_paid(cast, grant):
    paid(cast, grant, 1)
    stopping.terminate(grant, by=cast["board"], note="x")
    assert "Account for payment 1" in [row.what for row in waiting_for(cast["lead"])]
    spent(cast, grant, 1, 4_000)
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"


def test_last_of_several_payments_is_worth_waiting_for(cast, line):
    with pytest.raises(NotPossible, match="at least 10 %"):
        make_grant(cast, line, steps=((30, 91), (60, 9)))


def test_year_end_proposes_to_carry_the_last_payment_of_a_completed_grant(cast, grant):
    completed(cast, grant)
    item = next(one for one in open_items(grant.line.fiscal_year) if one.grant)
    assert (item.amount, item.proposed) == (2_001, "carry")
