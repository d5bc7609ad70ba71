"""The payment file and the bank's answer."""

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from documents.models import StoredFile
from documents.reading import read_table
from documents.services import read_file
from fund.models import BudgetLine, CloseOut, Grant, PaymentFile, Report, Tranche, YearEndItem
from fund.queries import waiting_for
from fund.services import bank, closing, ledger, payments, stopping, year_end
from fund.services.verifying import faults
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_year
from lifecycle.performing import perform
from people.models import Notification

from ..factories import make_line
from .paths import SAID, spent, tranche, without

YEAR = fiscal_year(clock.today())
HEADER = ",".join(bank.REQUIRED)


def released(cast, grant, place=1):
    payments.prepare_payment(tranche(grant, place), by=cast["maker"])
    return payments.release_payment(tranche(grant, place), by=cast["checker"])


def answer(*rows):
    text = "\n".join((HEADER, *rows))
    return read_table(io.BytesIO(text.encode()), name="a.csv", required=bank.REQUIRED)


def said(grant, result="paid", day="", bank_reference="B-1", reason="", place=1, again=""):
    return f"{grant.reference}-{place}{again},{result},{day or clock.today()},{bank_reference},{reason}"


def test_file_holds_each_released_payment_once(cast, grant):
    released(cast, grant)
    made = bank.make_file(by=cast["checker"])
    text = read_file(made.file).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    found = dict(zip(header, row, strict=True))
    assert found["reference"] == f"{grant.reference}-1"
    assert (found["amount"], found["currency"], found["budget_code"]) == ("40", "BTN", "moh-2026")
    with pytest.raises(NotPossible, match="No released payment waits"):
        bank.make_file(by=cast["checker"])


@pytest.mark.parametrize("who", ["maker", "head", "lead", "auditor", "administrator"])
def test_only_the_checker_deals_with_the_bank(cast, grant, who):
    released(cast, grant)
    with pytest.raises(NotPossible) as no:
        bank.make_file(by=cast[who])
    assert no.value.forbidden
    with pytest.raises(NotPossible) as no:
        bank.apply(answer(said(grant)), by=cast[who])
    assert no.value.forbidden


def test_paid_is_noted_with_day_and_reference_and_asked_only_once(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    bank.apply(answer(said(grant)), by=cast["checker"])
    found = tranche(grant, 1)
    assert (found.bank_on, found.bank_reference, found.state) == (clock.today(), "B-1", "released")
    assert [e.column for e in bank.look(answer(said(grant))).errors] == ["reference"]


def test_answer_that_came_at_the_same_moment_is_not_written_over(cast, grant, monkeypatch):
    """Both read what waits before either wrote."""
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    waiting = bank._sent()
    bank.apply(answer(said(grant)), by=cast["checker"])
    monkeypatch.setattr(bank, "_sent", lambda _by=None: waiting)
    with pytest.raises(NotPossible, match="answered at the same moment"):
        bank.apply(answer(said(grant, bank_reference="B-2")), by=cast["checker"])
    assert tranche(grant, 1).bank_reference == "B-1"


def test_rejected_payment_is_undone_and_paid_anew_under_another_reference(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    bank.apply(answer(said(grant, "rejected", bank_reference="", reason="Account closed")), by=cast["checker"])
    found = tranche(grant, 1)
    assert (found.state, found.prepared_by, found.in_file, found.attempt) == ("releasable", None, None, 1)
    assert (Grant.objects.get().disbursed, BudgetLine.objects.get().disbursed) == (0, 0)
    assert list(faults()) == []
    released(cast, grant)
    assert f"{grant.reference}-1-2" in read_file(bank.make_file(by=cast["checker"]).file).decode()
    bank.apply(answer(said(grant, again="-2")), by=cast["checker"])
    assert (Grant.objects.get().disbursed, BudgetLine.objects.get().disbursed) == (4_000, 4_000)
    perform(tranche(grant, 1), "acknowledge", by=cast["lead"])
    payments.account_for(tranche(grant, 1), by=cast["lead"], note="x", amount=4_000)
    assert list(faults()) == []


@pytest.mark.parametrize(("row", "column"), [
    ({"place": 2}, "reference"), ({"result": "maybe"}, "result"), ({"day": "soon"}, "day"),
    ({"day": "2999-01-01"}, "day"), ({"bank_reference": ""}, "bank_reference"), ({"result": "rejected"}, "reason"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_taken(cast, grant, row, column):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    table = answer(said(grant, **row))
    assert [(error.row, error.column) for error in bank.look(table).errors] == [(2, column)]
    with pytest.raises(NotPossible, match="Nothing was taken"):
        bank.apply(table, by=cast["checker"])
    assert tranche(grant, 1).bank_on is None


def test_payment_twice_or_one_that_arrived_cannot_be_rejected(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    assert [e.column for e in bank.look(answer(said(grant), said(grant))).errors] == ["reference"]
    perform(tranche(grant, 1), "acknowledge", by=cast["lead"])
    assert [e.column for e in bank.look(answer(said(grant, "rejected", reason="x"))).errors] == ["result"]


def test_team_confirms_only_what_went_to_the_bank(client, cast, grant):
    released(cast, grant)
    client.force_login(cast["lead"])
    part = reverse("grant_part", args=[grant.case, "payment", 1])
    act = reverse("act", args=["fund.tranche", tranche(grant, 1).pk, "acknowledge"])
    for page in (part, grant.get_absolute_url()):
        text = client.get(page).content.decode()
        assert ("inance sends it to the bank" in text, act in text) == (True, False)
    with pytest.raises(NotPossible, match="has not gone to the bank yet"):
        perform(tranche(grant, 1), "acknowledge", by=cast["lead"])
    bank.make_file(by=cast["checker"])
    assert "sends it to the bank" not in client.get(grant.get_absolute_url()).content.decode()
    assert act in client.get(part).content.decode()
    assert perform(tranche(grant, 1), "acknowledge", by=cast["lead"]).state == "acknowledged"


def test_without_its_guard_what_never_went_out_would_be_confirmed(cast, grant, monkeypatch):
    without(monkeypatch, Tranche, "is_in_bank_file")
    released(cast, grant)
    perform(tranche(grant, 1), "acknowledge", by=cast["lead"])
    with pytest.raises(NotPossible, match="No released payment waits"):
        bank.make_file(by=cast["checker"])


def test_nobody_undoes_a_payment_by_hand(cast, grant):
    released(cast, grant)
    with pytest.raises(NotPossible) as no:
        bank.bounce(tranche(grant, 1), by=cast["checker"], note="x")
    assert no.value.forbidden


def test_payment_file_never_changes(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PaymentFile.objects.update(number=7)


def test_bank_goes_its_way_in_the_browser(client, cast, grant):
    released(cast, grant)
    client.force_login(cast["maker"])
    assert client.post(reverse("bank")).status_code == 403
    client.force_login(cast["checker"])
    client.post(reverse("bank"))
    assert "Payment file 1" in client.get(reverse("bank")).content.decode()
    assert grant.reference in client.get(reverse("payment_file", args=[1])).content.decode()
    assert "No released payment" in client.post(reverse("bank"), follow=True).content.decode()
    path = reverse("bank_answer")
    assert client.post(path, {}).status_code == 400
    assert client.post(path, {"file": SimpleUploadedFile("a.txt", b"x")}).status_code == 400
    wrong = SimpleUploadedFile("a.csv", f"{HEADER}\n{said(grant, 'maybe')}".encode())
    assert "1 thing to correct" in client.post(path, {"file": wrong}).content.decode()
    good = SimpleUploadedFile("a.csv", f"{HEADER}\n{said(grant)}".encode())
    assert "1 paid, 0 rejected" in client.post(path, {"file": good}).content.decode()
    stored = {"stored": StoredFile.objects.get(kind="bank").pk}
    assert client.post(path, {"stored": "x"}).status_code == 404
    assert client.post(path, stored).headers["Location"] == reverse("bank")
    assert "Nothing was taken" in client.post(path, stored, follow=True).content.decode()
    assert "all answered" in client.get(reverse("bank")).content.decode()


# --- what the bank rejects later -----------------------------------------------------------------------------


@pytest.fixture
def following(cast, line):
    return make_line(cast["head"], amount=500, code="moh-next", agency=line.agency, fiscal_year=YEAR + 1)


@pytest.fixture
def june(monkeypatch):
    Report.objects.update(due_on=date(YEAR + 1, 6, 30))
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 6, 20))


def carried(cast, grant):
    """Carry what is not paid into the next year."""
    (one,) = [one for one in year_end.open_items(grant.line.fiscal_year) if one.grant]
    key, year = one.key, one.line.fiscal_year
    said = {"choices": {key: "carry"}, "vouchers": {key: f"V-{year}"}, "seen": {key: one.amount}}
    year_end.prepare(by=cast["maker"], year=year, **said)
    year_end.confirm(YearEndItem.objects.get(voucher=f"V-{year}"), by=cast["checker"])
    return Grant.objects.get(pk=grant.pk)


def rejected(cast, grant, place=1, again=""):
    row = said(grant, "rejected", bank_reference="", reason="Account closed", place=place, again=again)
    return bank.apply(answer(row), by=cast["checker"])


def test_payment_rejected_after_the_year_end_goes_on_in_the_next_year(cast, grant, following, june, monkeypatch):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    grant = carried(cast, grant)
    ledger.lapse(
        line=BudgetLine.objects.get(code="moh-2026"), amount=1_000_000_000 - 10_001, source="x", by=cast["head"]
    )
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 7, 3))
    Report.objects.update(due_on=date(YEAR + 1, 9, 30))
    rejected(cast, grant)
    old, new = BudgetLine.objects.get(code="moh-2026"), BudgetLine.objects.get(code="moh-next")
    assert (old.open_commitments, old.disbursed, old.allocated, old.available) == (0, 0, 0, 0)
    assert (new.open_commitments, new.available) == (10_001, 500)
    assert year_end.open_items(YEAR) == []
    assert next(one.amount for one in year_end.open_items(YEAR + 1) if one.grant) == 10_001
    assert list(faults()) == []
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    bank.apply(answer(said(grant, again="-2")), by=cast["checker"])
    assert (tranche(grant, 1).paid_from, Grant.objects.get().disbursed) == (new, 4_000)
    assert list(faults()) == []


def test_payment_rejected_two_year_ends_later_follows_both(cast, grant, following, june, monkeypatch):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    grant = carried(cast, grant)
    last = make_line(cast["head"], amount=1, code="moh-last", agency=grant.line.agency, fiscal_year=YEAR + 2)
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 2, 6, 20))
    carried(cast, grant)
    rejected(cast, grant)
    lines = [BudgetLine.objects.get(code=code).open_commitments for code in ("moh-2026", "moh-next", "moh-last")]
    assert (lines, Grant.objects.get().line) == ([0, 0, 10_001], last)
    assert list(faults()) == []


def test_payment_rejected_after_the_end_by_the_board_is_cancelled_and_its_money_free(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    stopping.terminate(grant, by=cast["board"], note="Breach")
    rejected(cast, grant)
    assert [part.state for part in grant.tranches.all()] == ["cancelled"] * 3
    found = Grant.objects.get()
    assert (found.disbursed, found.award, found.line.available) == (0, 0, 1_000_000_000)
    assert Notification.objects.filter(body__contains="not paid again, because the grant has ended").exists()
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    assert perform(CloseOut.objects.get(), "close_accounts", by=cast["checker"]).state == "closed"
    assert list(faults()) == []


def test_payment_of_an_earlier_year_that_is_cancelled_is_free_in_that_year(cast, grant, following, june):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    grant = carried(cast, grant)
    stopping.terminate(grant, by=cast["board"], note="Breach")
    rejected(cast, grant)
    old, new = BudgetLine.objects.get(code="moh-2026"), BudgetLine.objects.get(code="moh-next")
    assert (old.open_commitments, old.available, new.open_commitments, new.available) == (0, 999_993_999, 0, 6_501)
    assert [one.amount for one in year_end.open_items(YEAR)] == [999_993_999]
    assert list(faults()) == []


def test_rejected_payment_of_a_stopping_grant_is_no_longer_reported_as_unspent(cast, grant):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    stopping.ask_to_stop(grant, by=cast["lead"], note="Too few", unspent=4_000)
    rejected(cast, grant)
    assert Grant.objects.get().unspent == 0
    assert stopping.confirm_stop(Grant.objects.get(), by=cast["secretariat"]).state == "stopped_early"
    assert BudgetLine.objects.get().available == 1_000_000_000
    assert list(faults()) == []


# --- accounts that are faster than the bank ------------------------------------------------------------------


@pytest.mark.parametrize("back", [0, 1_000, 4_000])
def test_bank_may_answer_after_all_is_accounted_for_or_came_back(cast, grant, back):
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    perform(tranche(grant, 1), "acknowledge", by=cast["lead"])
    if back < 4_000:
        spent(cast, grant, 1, 4_000 - back)
    if back:
        payments.take_back(tranche(grant, 1), by=cast["checker"], note="x")
    (error,) = bank.look(answer(said(grant, "rejected", reason="x"))).errors
    assert ("came back" if back == 4_000 else "confirmed that this payment arrived") in error.message
    assert error.message.endswith("take this row out of the file.")
    bank.apply(answer(said(grant)), by=cast["checker"])
    assert (tranche(grant, 1).state, tranche(grant, 1).bank_reference) == ("accounted", "B-1")


# --- kept from the bank --------------------------------------------------------------------------------------


def test_payment_of_a_suspended_grant_stays_out_of_the_file_until_it_goes_on(client, cast, grant):
    released(cast, grant)
    stopping.suspend(grant, by=cast["head"], note="A complaint")
    with pytest.raises(NotPossible, match="because their grants are suspended"):
        bank.make_file(by=cast["checker"])
    assert "Send released payments to the bank" not in [row.what for row in waiting_for(cast["checker"])]
    client.force_login(cast["checker"])
    text = client.get(reverse("bank")).content.decode()
    assert ("For the next file (0)" in text, "Kept here (1)" in text, "Make the payment file" in text) == (
        True, True, False,
    )  # fmt: skip
    assert "while the grant is suspended" in client.get(grant.get_absolute_url()).content.decode()
    stopping.resume(Grant.objects.get(), by=cast["head"], note="Nothing found")
    assert "Kept here" not in client.get(reverse("bank")).content.decode()
    bank.make_file(by=cast["checker"])
    assert tranche(grant, 1).in_file is not None


def test_released_payment_is_put_on_hold_before_it_goes_out_and_is_made_anew_by_two(cast, grant):
    released(cast, grant)
    with pytest.raises(NotPossible, match="Give a reason"):
        bank.keep_back(tranche(grant, 1), by=cast["head"])
    held = bank.keep_back(tranche(grant, 1), by=cast["head"], note="Wrong account")
    assert (held.state, held.prepared_by, held.released_by, held.attempt) == ("held", None, None, 1)
    assert (Grant.objects.get().disbursed, BudgetLine.objects.get().disbursed) == (0, 0)
    with pytest.raises(NotPossible, match="No released payment waits"):
        bank.make_file(by=cast["checker"])
    assert payments.end_hold(tranche(grant, 1), by=cast["head"]).state == "releasable"
    released(cast, grant)
    assert f"{grant.reference}-1-2" in read_file(bank.make_file(by=cast["checker"]).file).decode()
    with pytest.raises(NotPossible, match="in a file for the bank already"):
        bank.keep_back(tranche(grant, 1), by=cast["head"], note="Wrong account")
    assert list(faults()) == []


def test_without_its_guard_money_would_be_set_aside_again_that_is_on_its_way(cast, grant, monkeypatch):
    without(monkeypatch, Tranche, "not_in_bank_file")
    released(cast, grant)
    bank.make_file(by=cast["checker"])
    bank.keep_back(tranche(grant, 1), by=cast["head"], note="x")
    assert (PaymentFile.objects.count(), Grant.objects.get().disbursed) == (1, 0)


@pytest.mark.parametrize("who", ["lead", "maker", "checker", "secretariat", "board", "auditor"])
def test_only_the_head_keeps_a_payment_from_the_bank(cast, grant, who):
    released(cast, grant)
    with pytest.raises(NotPossible) as no:
        bank.keep_back(tranche(grant, 1), by=cast[who], note="x")
    assert no.value.forbidden


def test_payment_that_is_kept_back_after_the_year_end_goes_on_in_the_next_year(cast, grant, following, june):
    released(cast, grant)
    carried(cast, grant)
    bank.keep_back(tranche(grant, 1), by=cast["head"], note="x")
    lines = [BudgetLine.objects.get(code=code).open_commitments for code in ("moh-2026", "moh-next")]
    assert lines == [0, 10_001]
    assert list(faults()) == []


def test_ending_a_grant_undoes_what_was_released_and_not_sent(cast, grant):
    released(cast, grant)
    stopping.suspend(grant, by=cast["head"], note="A complaint")
    done = stopping.terminate(Grant.objects.get(), by=cast["board"], note="Breach")
    assert [part.state for part in done.tranches.all()] == ["cancelled"] * 3
    assert (done.disbursed, done.award, done.line.available) == (0, 0, 1_000_000_000)
    assert not Tranche.objects.filter(state="released").exists()
    assert list(faults()) == []
