"""Forty at once over approving, releasing, reversing and transferring, on two lines in both directions."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from fund.models import BudgetLine, LedgerEntry
from fund.services import budget, ledger
from fund.services.verifying import faults
from lifecycle.errors import NotPossible

from ..factories import make_line
from ..races import race
from ..sizes import full_size_only, rounds


def contend(cast, lines):
    def work(number):
        codes, case = (lines if number % 2 else lines[::-1]), uuid4()
        line, other = (BudgetLine.objects.get(code=code) for code in codes)
        entry = ledger.commit(line=line, amount=100, source=f"{case}:approve:1", case=case, by=cast["head"])
        if number % 4 == 0:
            ledger.release_commitment(line=line, amount=60, source=f"{case}:free:1", case=case, by=cast["head"])
        elif number % 4 == 1:
            ledger.reverse(entry=entry, by=cast["head"])
        made = budget.propose_transfer(by=cast["maker"], from_line=line, to_line=other, amount=50, reason="x")
        return budget.approve_transfer(made, by=cast["checker"]).state

    return work


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_threads_leave_no_line_below_nought_and_no_deadlock(cast, agencies, again):
    lines = ("one", "two")
    for code in lines:
        make_line(cast["head"], amount=900, code=code, agency=agencies["health"])
    outcomes = race(40, contend(cast, lines), NotPossible)
    assert set(outcomes) <= {"done", "InsufficientFunds", "NotPossible"}
    assert outcomes.count("done") >= 4
    assert {line.available >= 0 for line in BudgetLine.objects.all()} == {True}
    assert sum(BudgetLine.objects.values_list("allocated", flat=True)) == 1_800
    out, into = (LedgerEntry.objects.filter(kind=kind).count() for kind in ("transfer_out", "transfer_in"))
    assert out == into == outcomes.count("done")
    assert list(faults()) == []


@full_size_only
@rounds
@pytest.mark.django_db(transaction=True)
def test_without_locks_the_same_forty_threads_leave_a_fault(cast, agencies, monkeypatch, again):
    """Negative control: a check is refused by the database, or a balance is no longer what its entries say.

    On a busy machine the forty can happen to go one by one, so they get more than one chance.
    """
    monkeypatch.setattr(ledger, "locked", lambda rows: transaction.atomic())
    lines = ("one", "two")
    for code in lines:
        make_line(cast["head"], amount=900, code=code, agency=agencies["health"])
    told = set()
    for _ in range(5):
        told |= set(race(40, contend(cast, lines), (NotPossible, DatabaseError)))
        if list(faults()) or not told <= {"done", "InsufficientFunds", "NotPossible"}:
            return
    pytest.fail("five races of forty without a lock left no fault")
