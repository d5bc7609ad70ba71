"""What a team spent: recorded by the team, accepted by finance, corrected where it was a mistake."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import CloseOut, Grant, LedgerEntry, Receipt, Tranche
from fund.queries import waiting_for
from fund.services import closing, payments, stopping
from fund.services.verifying import faults
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from lifecycle.transitions import rules_of
from people.enums import Role
from people.models import Notification
from people.policies import holds
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import civil_servant, second_factor
from ..races import race
from .paths import SAID, accounted_rest, paid, reached, spent, tranche, without


def recorded(cast, grant, amount=1_000, note="Travel", place=1):
    payments.account_for(tranche(grant, place), by=cast["lead"], note=note, amount=amount)
    return Receipt.objects.latest("pk")


def figures(grant, place=1):
    part = tranche(grant, place)
    return part.state, part.accounted, part.waiting, part.returned, Grant.objects.get(pk=grant.pk).spent


def another(cast, agency, role, email="other@x.example"):
    person = civil_servant(email, agency)
    second_factor(person)
    grant_role(by=system_user(), person=person, role=role, agency=None, reason="test")
    return person


# --- accepted or returned -------------------------------------------------------------------------------------


def test_receipt_counts_once_finance_accepts_it_and_the_last_closes_the_payment(cast, grant):
    paid(cast, grant, 1)
    first, second = recorded(cast, grant, 1_000), recorded(cast, grant, 3_000)
    assert figures(grant) == ("acknowledged", 0, 4_000, 0, 0)
    assert not LedgerEntry.objects.filter(kind="expenditure").exists()
    payments.accept_receipt(first, by=cast["maker"])
    assert figures(grant) == ("acknowledged", 1_000, 3_000, 0, 1_000)
    done = payments.accept_receipt(second, by=cast["maker"])
    assert (done.state, done.answered_by) == ("accepted", cast["maker"])
    assert figures(grant) == ("accounted", 4_000, 0, 0, 4_000)
    assert set(LedgerEntry.objects.filter(kind="expenditure").values_list("by", flat=True)) == {cast["maker"].pk}
    with pytest.raises(NotPossible, match="Accepted"):
        payments.accept_receipt(second, by=cast["maker"])
    assert list(faults()) == []


def test_receipt_that_is_returned_is_recorded_anew(client, cast, grant):
    paid(cast, grant, 1)
    receipt = recorded(cast, grant, 4_000)
    assert "Account for payment 1" not in [row.what for row in waiting_for(cast["lead"])]  # nothing is left to record
    with pytest.raises(NotPossible, match="Give a reason"):
        payments.return_receipt(receipt, by=cast["maker"])
    assert payments.return_receipt(receipt, by=cast["maker"], note="Which trip?").state == "returned"
    assert figures(grant) == ("acknowledged", 0, 0, 0, 0)
    assert Notification.objects.filter(person=cast["lead"], body__contains="Which trip?").exists()
    assert "Account for payment 1" in [row.what for row in waiting_for(cast["lead"])]
    accounted_rest(cast, grant, 1)
    client.force_login(cast["lead"])
    text = client.get(receipt.get_absolute_url()).content.decode()
    assert text.index("Returned to the team") < text.index("Which trip?") < text.index('"govuk-tag">Accepted')
    assert list(faults()) == []


@pytest.mark.parametrize("act", [payments.accept_receipt, payments.return_receipt])
@pytest.mark.parametrize("who", ["lead", "colleague", "sponsor", "checker", "secretariat", "head", "board", "auditor"])
def test_only_who_prepares_payments_looks_at_receipts(cast, grant, who, act):
    paid(cast, grant, 1)
    receipt = recorded(cast, grant)
    with pytest.raises(NotPossible) as no:
        act(receipt, by=cast[who], note="x")
    assert no.value.forbidden
    assert figures(grant)[2] == 1_000


@pytest.mark.parametrize("taken_away", [False, True])
def test_maker_of_the_teams_agency_is_refused(monkeypatch, client, cast, grant, agencies, taken_away):
    """With the policy: refused. Negative control, the policy taken away: accepted."""
    paid(cast, grant, 1)
    receipt, near = recorded(cast, grant), another(cast, agencies["health"], Role.MAKER)
    client.force_login(near)
    if taken_away:
        monkeypatch.setitem(rules_of(Receipt)["accept"].__dict__, "who", holds(Role.MAKER))
        assert payments.accept_receipt(receipt, by=near).state == "accepted"
        return
    with pytest.raises(NotPossible) as no:
        payments.accept_receipt(receipt, by=near)
    assert no.value.forbidden
    assert waiting_for(near) == []
    assert client.get(reverse("payment_receipts", args=[grant.case, 1])).status_code == 403


def test_who_released_a_payment_of_the_grant_does_not_look_at_its_receipts(cast, grant, agencies):
    cast["checker"] = another(cast, agencies["farms"], Role.CHECKER)
    paid(cast, grant, 1)
    grant_role(by=system_user(), person=cast["checker"], role=Role.MAKER, agency=None, reason="test")
    with pytest.raises(NotPossible) as no:
        payments.accept_receipt(recorded(cast, grant), by=cast["checker"])
    assert no.value.forbidden


def test_accepted_and_waiting_receipts_never_exceed_the_payment(cast, grant):
    paid(cast, grant, 1)
    recorded(cast, grant, 3_000)
    with pytest.raises(NotPossible, match=r"at most Nu\. 10,"):
        recorded(cast, grant, 1_001)
    with pytest.raises(IntegrityError, match="tranche_accounted_within_amount"), transaction.atomic():
        Tranche.objects.filter(grant=grant, position=1).update(waiting=4_001)


@pytest.mark.parametrize("taken_away", [False, True])
def test_page_offers_no_form_once_nothing_is_left_to_record(monkeypatch, client, cast, grant, taken_away):
    """With the guard: no button, and the form says why. Negative control, the guard taken away: both are offered."""
    paid(cast, grant, 1)
    receipt = recorded(cast, grant, 4_000)
    if taken_away:
        without(monkeypatch, Tranche, "something_is_left")
    client.force_login(cast["lead"])
    path = reverse("payment_account", args=[grant.case, 1])
    assert (path in client.get(receipt.get_absolute_url()).content.decode()) is taken_away
    assert client.get(path).status_code == (200 if taken_away else 302)
    with pytest.raises(NotPossible, match=r"at most Nu\. 0,"):
        recorded(cast, grant, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_record_no_more_than_was_paid(cast, grant):
    paid(cast, grant, 1)
    found = race(8, lambda n: payments.account_for(tranche(grant, 1), by=cast["lead"], note=f"{n}", amount=1_000).state,
                 NotPossible)  # fmt: skip
    assert (found.count("acknowledged"), figures(grant)[2], Receipt.objects.count()) == (4, 4_000, 4)


def test_only_what_is_accepted_opens_the_next_payment(cast, grant):
    paid(cast, grant, 1)
    reached(cast, grant, 1)
    receipt = recorded(cast, grant, 3_200)
    assert tranche(grant, 2).state == "locked"
    payments.accept_receipt(receipt, by=cast["maker"])
    assert tranche(grant, 2).state == "releasable"


@pytest.mark.parametrize("taken_away", [False, True])
def test_rest_comes_back_only_once_every_receipt_is_looked_at(monkeypatch, cast, grant, taken_away):
    """With the guard: a sentence. Negative control, the guard taken away: the database refuses it."""
    paid(cast, grant, 1)
    recorded(cast, grant)
    if taken_away:
        without(monkeypatch, Tranche, "no_receipt_waits")
        with pytest.raises(IntegrityError, match="tranche_accounted_within_amount"), transaction.atomic():
            payments.take_back(tranche(grant, 1), by=cast["checker"])
        return
    with pytest.raises(NotPossible, match="wait for finance"):
        payments.take_back(tranche(grant, 1), by=cast["checker"])


# --- the pages ------------------------------------------------------------------------------------------------


def test_maker_finds_the_receipts_in_my_work_and_accepts_the_ticked_ones(client, cast, grant):
    paid(cast, grant, 1)
    rows = [recorded(cast, grant, 1_000, note=f"Trip {number}") for number in (1, 2, 3)]
    row = next(row for row in waiting_for(cast["maker"]) if row.what == "Look at the receipts of payment 1")
    client.force_login(cast["maker"])
    assert "Receipts to look at (1)" in client.get(reverse("money")).content.decode()
    assert row.path in client.get(rows[0].get_absolute_url()).content.decode()
    text = client.get(row.path).content.decode()
    assert "Trip 2" in text
    assert "Accept all 3: Nu. 30" in text
    assert client.post(row.path, {}).status_code == 400
    assert client.post(row.path, {"receipts": [rows[0].pk, rows[2].pk]}).status_code == 302
    assert figures(grant) == ("acknowledged", 2_000, 1_000, 0, 2_000)
    again = client.post(row.path, {"receipts": [rows[0].pk]})
    assert (again.status_code, "does not wait any more" in again.content.decode()) == (400, True)


def test_a_long_list_is_accepted_together(client, cast, grant):
    paid(cast, grant, 1)
    rows = [recorded(cast, grant, 100, note=f"Bus {number}") for number in range(40)]
    client.force_login(cast["maker"])
    path = reverse("payment_receipts", args=[grant.case, 1])
    shown = re.findall(r'name="shown" value="(\d+)"', client.get(path).content.decode())
    assert shown == [str(row.pk) for row in rows]
    assert client.post(path, {"all": "yes", "shown": shown}).status_code == 302
    assert figures(grant) == ("accounted", 4_000, 0, 0, 4_000)


# --- corrected ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["accounted", "came back"])
def test_corrected_expenditure_is_reversed_and_the_payment_is_open_again(cast, grant, then):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 3_000)
    payments.take_back(tranche(grant, 1), by=cast["checker"])
    receipt = Receipt.objects.get()
    with pytest.raises(NotPossible, match="Give a reason"):
        payments.correct_receipt(receipt, by=cast["checker"])
    done = payments.correct_receipt(receipt, by=cast["checker"], note="Booked twice.")
    assert (done.state, done.answer) == ("corrected", "Booked twice.")
    assert figures(grant) == ("acknowledged", 0, 0, 1_000, 0)
    assert LedgerEntry.objects.get(kind="reversal").reverses.kind == "expenditure"
    assert Notification.objects.filter(person=cast["lead"], body__contains="Booked twice.").exists()
    assert list(faults()) == []
    with pytest.raises(NotPossible, match="Corrected"):
        payments.correct_receipt(receipt, by=cast["checker"], note="Again")
    if then == "accounted":
        accounted_rest(cast, grant, 1)
        assert figures(grant) == ("accounted", 3_000, 0, 1_000, 3_000)
    else:
        payments.take_back(tranche(grant, 1), by=cast["checker"])
        assert figures(grant) == ("accounted", 0, 0, 4_000, 0)
    assert list(faults()) == []


@pytest.mark.parametrize("who", ["lead", "maker", "secretariat", "head", "board", "auditor", "conflicted"])
def test_only_the_checker_corrects(cast, grant, who):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 1_000)
    with pytest.raises(NotPossible) as no:
        payments.correct_receipt(Receipt.objects.get(), by=cast[who], note="x")
    assert no.value.forbidden


@pytest.mark.parametrize("taken_away", [False, True])
def test_nothing_is_corrected_once_the_accounts_are_closed(monkeypatch, cast, grant, taken_away):
    paid(cast, grant, 1)
    accounted_rest(cast, grant, 1)
    stopping.terminate(grant, by=cast["board"], note="x")
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"])
    if taken_away:
        without(monkeypatch, Receipt, "accounts_not_closed")
        assert payments.correct_receipt(Receipt.objects.get(), by=cast["checker"], note="x").state == "corrected"
        return
    with pytest.raises(NotPossible, match="accounts of the grant are closed"):
        payments.correct_receipt(Receipt.objects.get(), by=cast["checker"], note="x")


def test_checker_finds_the_correction_on_the_payments_page_and_confirms_it(client, cast, grant):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 1_000)
    receipt = Receipt.objects.get()
    path = reverse("act", args=["fund.receipt", receipt.pk, "correct"])
    for who, found in (("checker", True), ("maker", False), ("lead", False)):
        client.force_login(cast[who])
        assert (path in client.get(receipt.get_absolute_url()).content.decode()) is found, who
    client.force_login(cast["checker"])
    assert "Correct this expenditure: “Nu. 10 of payment 1”?" in client.get(path).content.decode()
    assert client.post(path, {"note": ""}).status_code == 400
    assert client.post(path, {"note": "A wrong amount."}).headers["Location"] == receipt.get_absolute_url()
    text = client.get(receipt.get_absolute_url()).content.decode()
    assert "Corrected: it does not count" in text
    assert "A wrong amount." in text


def test_line_page_says_the_way_back_of_each_mistake(client, cast, grant):
    client.force_login(cast["checker"])
    text = client.get(grant.line.get_absolute_url()).content.decode()
    assert "goes back by a transfer" in text
    assert reverse("transfers") in text
