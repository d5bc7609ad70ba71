"""Any sequence of acts on grants and lines: every invariant holds, and each sabotaged guard is caught."""

from itertools import pairwise

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fund import balance
from fund.enums import PAID, MilestoneState, TrancheState
from fund.models import BudgetLine, Grant, Receipt, Tranche
from fund.services import amending, bank, budget, delivery, ledger, payments, stopping
from fund.services.grants import sign
from fund.services.verifying import faults
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from lifecycle.transitions import rules_of
from people.enums import Role
from people.policies import holds
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories
from ..factories import make_grant, make_line
from ..sizes import STEPS
from .paths import without

PLACES = st.integers(1, 3)
PEOPLE = st.sampled_from(("lead", "checker", "secretariat"))
MAKERS, CHECKERS = st.sampled_from(("both", "maker", "lead")), st.sampled_from(("both", "checker", "maker"))
AMOUNT = st.integers(1, 6_000)
EXAMPLES = max(STEPS // 50, 1)


class Machine(RuleBasedStateMachine):
    """Two lines and one running grant; every rule is tried by anybody, and what is refused changes nothing."""

    people = None

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        cast = self.people
        self.line = make_line(cast["head"], amount=20_000, code="one", agency=cast["agency"])
        self.other = make_line(cast["head"], amount=5_000, code="two", agency=cast["agency"])
        grant = make_grant(cast, self.line)
        self.grant = sign(sign(grant, by=cast["lead"]), by=cast["sponsor"])
        self.count = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def act(self, work):
        """Try it; a refusal leaves nothing behind, because acts are all or nothing."""
        try:
            with transaction.atomic():
                work()
        except NotPossible:
            pass

    def part(self, place):
        return self.grant.tranches.get(position=place)

    @initialize(start=st.sampled_from(("signed", "accounted", "accepted")))
    def begin(self, start):
        """Start where a guard of the second payment is all that stands between it and the money."""
        if start == "signed":
            return
        self.pay(1, "maker", "checker")
        if start == "accounted":
            self.act(lambda: self._account_rest(1))
        else:
            self.hand_in(1)
            self.answer(1, "secretariat", delivery.accept_milestone)

    @rule(place=PLACES, maker=MAKERS, checker=CHECKERS)
    def pay(self, place, maker, checker):
        self.act(lambda: payments.prepare_payment(self.part(place), by=self.people[maker]))
        self.act(lambda: payments.release_payment(self.part(place), by=self.people[checker]))

    @rule(maker=MAKERS, checker=CHECKERS)
    def pay_next(self, maker, checker):
        """Whatever finance finds on its page, released by whoever tries."""
        found = self.grant.tranches.filter(state=TrancheState.RELEASABLE).last()
        if found is not None:
            self.pay(found.position, maker, checker)

    @rule(place=PLACES, who=PEOPLE, amount=AMOUNT)
    def account(self, place, who, amount):
        def work():
            self._arrive(place)
            payments.account_for(self.part(place), by=self.people[who], note="x", amount=amount)

        self.act(work)

    @rule(place=PLACES)
    def account_for_all(self, place):
        self.act(lambda: self._account_rest(place))

    def _arrive(self, place):
        if self.part(place).state == TrancheState.RELEASED:
            bank.make_file(by=self.people["checker"])
            perform(self.part(place), "acknowledge", by=self.people["lead"])

    def _account_rest(self, place):
        self._arrive(place)
        part = self.part(place)
        if part.rest:
            payments.account_for(part, by=self.people["lead"], note="x", amount=part.rest)
        for receipt in part.receipts.filter(state="waiting"):
            payments.accept_receipt(receipt, by=self.people["maker"])

    @rule(place=st.integers(0, 40), who=MAKERS, how=st.sampled_from((payments.accept_receipt, payments.return_receipt)))
    def look_at_receipt(self, place, who, how):
        self.answer_receipt(place, "waiting", how, who)

    @rule(place=st.integers(0, 40), who=CHECKERS)
    def correct_receipt(self, place, who):
        self.answer_receipt(place, "accepted", payments.correct_receipt, who)

    def answer_receipt(self, place, state, how, who):
        found = list(Receipt.objects.filter(tranche__grant=self.grant, state=state))
        if found:
            self.act(lambda: how(found[place % len(found)], by=self.people[who], note="x"))

    @rule(place=PLACES, who=PEOPLE)
    def take_back(self, place, who):
        self.act(lambda: payments.take_back(self.part(place), by=self.people[who]))

    @rule(place=PLACES)
    def hand_in(self, place):
        milestone = self.grant.milestones.get(position=place)
        self.act(lambda: delivery.submit_milestone(milestone, by=self.people["lead"], evidence="x"))

    @rule(place=PLACES, who=PEOPLE, how=st.sampled_from((delivery.accept_milestone, delivery.miss_milestone)))
    def answer(self, place, who, how):
        self.act(lambda: how(self.grant.milestones.get(position=place), by=self.people[who], note="x"))

    @rule(place=PLACES, hold=st.booleans())
    def hold(self, place, hold):
        head = self.people["head"]
        if hold:
            self.act(lambda: perform(self.part(place), "hold", by=head, note="x"))
        else:
            self.act(lambda: payments.end_hold(self.part(place), by=head, note="x"))

    @rule(amount=st.integers(1, 30_000))
    def amend(self, amount):
        def work():
            change = amending.ask_for_change(
                self.grant, by=self.people["lead"], kind="amount", reason="x", amount=amount
            )
            amending.approve_change(change, by=self.people["board"])

        self.act(work)

    @rule(amount=AMOUNT, back=st.booleans())
    def transfer(self, amount, back):
        ends = (self.other, self.line) if back else (self.line, self.other)
        ends = [BudgetLine.objects.get(pk=line.pk) for line in ends]

        def work():
            made = budget.propose_transfer(
                by=self.people["maker"], from_line=ends[0], to_line=ends[1], amount=amount, reason="x"
            )
            budget.approve_transfer(made, by=self.people["checker"])

        self.act(work)

    @rule(place=st.integers(0, 40))
    def reverse(self, place):
        entries = [entry for entry in self.line.entries.order_by("seq") if entry.kind in ("allocation", "lapse")]
        if entries:
            self.act(lambda: ledger.reverse(entry=entries[place % len(entries)], by=self.people["checker"]))

    @rule(amount=AMOUNT)
    def lapse(self, amount):
        self.count += 1
        self.act(lambda: ledger.lapse(line=self.line, amount=amount, source=f"l{self.count}", by=self.people["head"]))

    @rule(pause=st.sampled_from((True, False, False)))
    def suspend(self, pause):
        act = stopping.suspend if pause else stopping.resume
        self.act(lambda: act(self.grant, by=self.people["head"], note="x"))

    @invariant()
    def ledger_follows_from_its_entries(self):
        assert list(faults()) == []

    @invariant()
    def line_and_grant_hold_together(self):
        for line in BudgetLine.objects.all():
            assert balance.is_sound(line.totals)
        assert BudgetLine.objects.aggregate(all=Sum("allocated"))["all"] <= 25_000

    @invariant()
    def payments_add_up_to_the_award_and_to_what_was_paid(self):
        grant = Grant.objects.get(pk=self.grant.pk)
        parts = list(grant.tranches.all())
        assert sum(part.amount for part in parts if part.state in PAID) == grant.disbursed <= grant.award
        assert sum(part.accounted for part in parts) == grant.spent
        for part in parts:
            said = {"accepted": part.accounted, "waiting": part.waiting}
            for state, amount in said.items():
                assert sum(part.receipts.filter(state=state).values_list("amount", flat=True)) == amount
            assert part.accounted + part.waiting + part.returned <= part.amount
        assert sum(part.returned for part in parts) == grant.refunded

    @invariant()
    def every_payment_had_its_facts_and_two_people(self):
        parts = list(Tranche.objects.filter(grant=self.grant).select_related("after").order_by("position"))
        for part in parts:
            if part.state in PAID:
                assert part.prepared_by_id != part.released_by_id
                assert part.after is None or part.after.state in (MilestoneState.ACCEPTED, MilestoneState.WAIVED)
        paid = [part for part in parts if part.state in PAID]
        for before, _ in pairwise(paid):  # what was corrected after the next payment was accepted when it was made
            undone = sum(before.receipts.filter(state="corrected").values_list("amount", flat=True))
            assert (before.accounted + before.returned + undone) * 100 >= before.amount * 80


@pytest.fixture
def run(cast, agencies):
    """Return how to run the machine; `both` prepares and releases, as a person with two roles may try to."""
    both = factories.civil_servant("both@x.example", agencies["health"])
    for role in (Role.MAKER, Role.CHECKER):
        grant_role(by=system_user(), person=both, role=role, agency=None, reason="test")
    Machine.people = cast | {"agency": agencies["health"], "both": both}
    return lambda examples=EXAMPLES, length=50: run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=length, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None, phases=(Phase.generate,),
        ),
    )  # fmt: skip


def test_any_sequence_of_acts_keeps_every_invariant(run):
    run()


def without_four_eyes(monkeypatch):
    """Let whoever releases payments release their own, and see no clash of parts."""
    rule = rules_of(Tranche)["pay"]
    monkeypatch.setitem(rule.__dict__, "who", holds(Role.CHECKER))
    monkeypatch.setattr(payments, "refuse_clash", lambda *args, **kwargs: None)
    monkeypatch.setattr(payments, "involve", lambda *args, **kwargs: None)


SABOTAGES = {
    "milestone_before_settled": lambda mp: without(mp, Tranche, "milestone_before_settled"),
    "payment_before_accounted": lambda mp: without(mp, Tranche, "payment_before_accounted"),
    "four eyes": without_four_eyes,
    "no more than is there": lambda mp: mp.setattr(ledger, "_refuse_beyond", lambda *args: None),
    "an award that payments can carry": lambda mp: mp.setattr(amending, "_refuse_award", lambda *args: None),
}


RARE = ("payment_before_accounted", "four eyes")  # chance needs longer than `make test` has: the step is taken


@pytest.mark.parametrize("guard", [guard for guard in SABOTAGES if guard not in RARE])
def test_each_sabotaged_guard_is_caught(run, monkeypatch, guard):
    """Negative control: without the guard an invariant breaks, or the database refuses what no act may try."""
    SABOTAGES[guard](monkeypatch)
    with pytest.raises((AssertionError, DatabaseError, IndexError)):
        run(examples=120, length=12)  # many short ones: each begins next to a guard


@pytest.mark.parametrize("sabotaged", [True, False])
@pytest.mark.parametrize("guard", RARE)
def test_guard_that_chance_seldom_meets_is_caught_where_it_matters(run, monkeypatch, guard, sabotaged):
    """The same machine and invariants, one step beside the guard; with the guard in place they hold."""
    if sabotaged:
        SABOTAGES[guard](monkeypatch)
    machine = Machine()
    try:
        caught = _caught(machine, *(("signed", "both") if guard == "four eyes" else ("accepted", "checker")))
    finally:
        machine.teardown()
    assert caught is sabotaged


def _caught(machine, start, checker):
    try:
        machine.begin(start)
        machine.pay_next("both", checker)
        machine.ledger_follows_from_its_entries()
        machine.payments_add_up_to_the_award_and_to_what_was_paid()
        machine.every_payment_had_its_facts_and_two_people()
    except (AssertionError, DatabaseError):
        return True
    return False
