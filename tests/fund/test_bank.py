"""The payment file and the bank's answer."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from documents.models import StoredFile
from documents.reading import read_table
from documents.services import read_file
from fund.models import BudgetLine, Grant, PaymentFile, Tranche
from fund.services import bank, payments
from fund.services.verifying import faults
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform

from .paths import paid, tranche

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
    monkeypatch.setattr(bank, "_sent", lambda _by: waiting)
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
    paid(cast, grant, 1)
    Tranche.objects.filter(position=1).update(state="released")
    bank.make_file(by=cast["checker"])
    assert [e.column for e in bank.look(answer(said(grant), said(grant))).errors] == ["reference"]
    Tranche.objects.filter(position=1).update(state="acknowledged")
    assert [e.column for e in bank.look(answer(said(grant, "rejected", reason="x"))).errors] == ["result"]


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
