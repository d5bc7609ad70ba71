"""Any sequence of movements: the ledger agrees with a plain model and with its own entries."""

from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fund.models import BudgetLine, LedgerEntry
from fund.services import ledger
from fund.services.verifying import faults
from lifecycle.errors import NotPossible

from ..factories import make_line
from ..sizes import STEPS

CASES = [UUID(int=n) for n in range(1, 4)]
AMOUNTS = st.integers(1, 120)
NAMES = ("allocated", "committed", "released", "disbursed", "spent", "refunded")


class Plain:
    """The rules of the ledger as a few lines of arithmetic, written from the domain's text, not from the code."""

    def __init__(self):
        self.allocated = 0
        self.cases = {case: dict.fromkeys(NAMES[1:], 0) for case in CASES}

    def sum(self, name):
        return sum(case[name] for case in self.cases.values())

    def available(self):
        return self.allocated - self.sum("committed") + self.sum("released") + self.sum("refunded")

    def holds(self):
        return (
            self.allocated >= 0
            and self.available() >= 0
            and all(
                0 <= c["released"] <= c["committed"]
                and c["disbursed"] <= c["committed"] - c["released"]
                and c["spent"] + c["refunded"] <= c["disbursed"]
                and min(c.values()) >= 0
                for c in self.cases.values()
            )
        )

    def move(self, name, case, amount):
        """Apply; return False and change nothing when the rules would break."""
        self._add(name, case, amount)
        if self.holds():
            return True
        self._add(name, case, -amount)
        return False

    def _add(self, name, case, amount):
        if case is None:
            self.allocated += amount
        else:
            self.cases[case][name] += amount


class Machine(RuleBasedStateMachine):
    by = None

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.line = make_line(self.by, amount=200, code="machine")
        self.plain, self.count = Plain(), 0
        self.plain.allocated = 200
        self.done = [("allocated", None, 200, LedgerEntry.objects.get(), False)]

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def do(self, function, name, case, amount, sign=1):
        expected = self.plain.move(name, case, sign * amount)
        extra = {"case": case} if case else {}
        self.count += 1
        try:
            entry = function(line=self.line, amount=amount, source=f"s{self.count}", by=self.by, **extra)
        except NotPossible:
            assert not expected
        else:
            assert expected
            assert entry.balance_after == self.plain.available()
            self.done.append((name, case, sign * amount, entry, False))

    @rule(amount=AMOUNTS)
    def allocate(self, amount):
        self.do(ledger.allocate, "allocated", None, amount)

    @rule(amount=AMOUNTS)
    def lapse(self, amount):
        self.do(ledger.lapse, "allocated", None, amount, -1)

    @rule(case=st.sampled_from(CASES), amount=AMOUNTS)
    def commit(self, case, amount):
        self.do(ledger.commit, "committed", case, amount)

    @rule(case=st.sampled_from(CASES), amount=AMOUNTS)
    def free(self, case, amount):
        self.do(ledger.release_commitment, "released", case, amount)

    @rule(case=st.sampled_from(CASES), amount=AMOUNTS)
    def disburse(self, case, amount):
        self.do(ledger.disburse, "disbursed", case, amount)

    @rule(case=st.sampled_from(CASES), amount=AMOUNTS)
    def spend(self, case, amount):
        self.do(ledger.record_expenditure, "spent", case, amount)

    @rule(case=st.sampled_from(CASES), amount=AMOUNTS)
    def refund(self, case, amount):
        self.do(ledger.refund, "refunded", case, amount)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def reverse(self, data):
        place = data.draw(st.integers(0, len(self.done) - 1))
        name, case, amount, entry, gone = self.done[place]
        expected = gone or self.plain.move(name, case, -amount)
        try:
            ledger.reverse(entry=entry, by=self.by)
        except NotPossible:
            assert not expected
        else:
            assert expected
            self.done[place] = (name, case, amount, entry, True)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat(self, data):
        """The same source again moves nothing."""
        _, _, _, entry, _ = data.draw(st.sampled_from(self.done))
        functions = {
            "allocation": ledger.allocate, "lapse": ledger.lapse, "commitment": ledger.commit,
            "commitment_release": ledger.release_commitment, "disbursement": ledger.disburse,
            "expenditure": ledger.record_expenditure, "refund": ledger.refund,
        }  # fmt: skip
        extra = {"case": entry.case} if entry.case else {}
        again = functions[entry.kind](line=self.line, amount=entry.amount, source=entry.source, by=self.by, **extra)
        assert again == entry

    @invariant()
    def agrees(self):
        line = BudgetLine.objects.get(pk=self.line.pk)
        assert line.allocated == self.plain.allocated
        assert {name: getattr(line, name) for name in NAMES[1:]} == {n: self.plain.sum(n) for n in NAMES[1:]}
        assert line.available == self.plain.available() >= 0

    @invariant()
    def verifies(self):
        assert list(faults()) == []


@pytest.mark.django_db
def test_any_sequence_of_movements_agrees_with_the_plain_model(cast):
    Machine.by = cast["head"]
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=STEPS // 50, stateful_step_count=50, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
