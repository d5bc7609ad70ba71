import threading
from contextlib import contextmanager
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from fund.enums import EntryKind
from fund.errors import InsufficientFunds
from fund.models import BudgetLine, LedgerEntry
from fund.services import ledger
from fund.services.budget import add_line
from fund.services.verifying import faults
from lifecycle.append_only import statements
from lifecycle.errors import NotPossible, UndeclaredLock
from lifecycle.locking import locked
from lifecycle.models import TrailEntry
from lifecycle.trail import stream_key

from ..factories import make_line
from ..races import race
from ..sizes import rounds

CASE = UUID("00000000-0000-0000-0000-00000000000a")
OTHER = UUID("00000000-0000-0000-0000-00000000000b")


@pytest.fixture
def post(line, cast):
    """Post on the line as the maker: post("commit", 5, case=…)."""
    count = iter(range(10_000))

    def call(name, amount, case=CASE, **fields):
        extra = {} if name in ("allocate", "appropriate", "lapse") else {"case": case}
        values = {"line": line, "amount": amount, "source": f"{name}:{next(count)}", "by": cast["maker"]}
        return getattr(ledger, name)(**values | extra | fields)

    return call


def totals(line):
    fresh = BudgetLine.objects.get(pk=line.pk)
    return (fresh.allocated, fresh.committed, fresh.released, fresh.disbursed, fresh.spent, fresh.refunded)


def test_a_grants_whole_way_moves_each_total_once(line, post):
    post("commit", 400)
    post("disburse", 300)
    post("record_expenditure", 250)
    post("refund", 50)
    post("release_commitment", 100)
    assert totals(line) == (1_000_000_000, 400, 100, 300, 250, 50)
    assert BudgetLine.objects.get().available == 1_000_000_000 - 300 + 50
    assert [e.balance_after - 1_000_000_000 for e in line.entries.order_by("seq")] == [0, -400, -400, -400, -350, -250]
    assert list(line.entries.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert list(faults()) == []


def test_every_entry_leaves_a_trail(line, post, cast):
    post("commit", 400)
    entry = TrailEntry.objects.filter(stream__key=stream_key(line)).latest("seq")
    assert (entry.action, entry.actor_id) == ("commitment", cast["maker"].pk)
    assert '"amount":[null,400]' in entry.payload.text


def test_commit_beyond_the_line_names_line_left_and_wanted(line, post):
    post("commit", 999_999_900)
    with pytest.raises(InsufficientFunds) as no:
        post("commit", 25_050, case=OTHER)
    assert no.value.reason == "Budget line moh-2026 has Nu. 1 available; Nu. 250.50 is wanted."
    assert (no.value.left, no.value.wanted) == (100, 25_050)
    assert totals(line)[1] == 999_999_900
    post("commit", 100, case=OTHER)
    assert BudgetLine.objects.get().available == 0


@pytest.mark.parametrize(("name", "words"), [
    ("release_commitment", "set aside and not yet paid out"), ("disburse", "set aside and not yet paid out"),
    ("record_expenditure", "paid out and not yet accounted for"), ("refund", "paid out and not yet accounted for"),
])  # fmt: skip
def test_one_case_never_uses_the_money_of_another(line, post, name, words):
    for case in (CASE, OTHER):
        post("commit", 100, case=case)
    for case in (CASE, OTHER):
        post("disburse", 60, case=case)
    left = 40 if "paid out" in words and "not yet paid" in words else 60
    before = totals(line)
    with pytest.raises(InsufficientFunds, match=words):
        post(name, left + 1)
    assert totals(line) == before
    post(name, left)


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_must_be_positive(line, post, amount):
    with pytest.raises(NotPossible, match="more than zero"):
        post("commit", amount)


def test_the_same_source_twice_moves_money_once(line, post):
    first = post("commit", 100, source="x:approve:1")
    assert post("commit", 100, source="x:approve:1") == first
    assert totals(line)[1] == 100
    assert post("disburse", 100, source="x:approve:1").kind == EntryKind.DISBURSEMENT


def test_the_same_source_with_another_amount_is_refused(line, post):
    post("commit", 100, source="x:approve:1")
    with pytest.raises(NotPossible, match="already recorded"):
        post("commit", 101, source="x:approve:1")


def test_reverse_moves_back_exactly_what_the_entry_moved_and_only_once(line, post, cast):
    before = totals(line)
    entry = post("commit", 100)
    back = ledger.reverse(entry=entry, by=cast["checker"])
    assert ledger.reverse(entry=entry, by=cast["checker"]) == back
    assert (totals(line), back.reverses, back.amount) == (before, entry, 100)
    with pytest.raises(NotPossible, match="cannot be corrected"):
        ledger.reverse(entry=back, by=cast["checker"])
    assert list(faults()) == []


def test_reverse_of_what_others_rest_on_is_refused(line, post, cast):
    entry = post("commit", 100)
    post("disburse", 1)
    with pytest.raises(NotPossible, match="rest on this entry"):
        ledger.reverse(entry=entry, by=cast["checker"])
    assert totals(line)[1] == 100


def test_reverse_of_an_allocation_in_use_is_refused(line, post, cast):
    post("commit", 1_000_000_000)
    with pytest.raises(NotPossible, match="rest on this entry"):
        ledger.reverse(entry=line.entries.get(seq=1), by=cast["checker"])


def test_lapse_returns_what_is_available_and_no_more(line, post):
    post("commit", 400)
    with pytest.raises(InsufficientFunds):
        post("lapse", 1_000_000_000)
    post("lapse", 1_000_000_000 - 400)
    assert BudgetLine.objects.get().available == 0


def test_carry_forward_moves_an_unpaid_commitment_into_the_next_year(line, post, cast):
    post("commit", 400)
    post("disburse", 100)
    new = add_line(by=cast["head"], code="moh-next", name="Next", fiscal_year=line.fiscal_year + 1)
    entries = ledger.carry_forward(line=line, into=new, amount=300, source="y", case=CASE, by=cast["maker"])
    assert [e.kind for e in entries] == ["commitment_release", "lapse", "carry_forward"]
    assert totals(line) == (999_999_700, 400, 300, 100, 0, 0)
    assert totals(new) == (300, 300, 0, 0, 0, 0)
    assert list(faults()) == []


def test_carry_forward_into_any_other_year_is_refused(line, post, cast):
    post("commit", 400)
    with pytest.raises(NotPossible, match="following fiscal year"):
        ledger.carry_forward(line=line, into=line, amount=1, source="y", case=CASE, by=cast["maker"])


def test_target_is_the_share_of_the_programme_budget(line, post):
    post("appropriate", 12_345_678)
    fresh = BudgetLine.objects.get()
    assert (fresh.programme_budget, fresh.target, fresh.allocated) == (12_345_678, 123_456, 1_000_000_000)


@pytest.mark.parametrize("who", ["lead", "sponsor", "reviewer", "citizen", "checker", "auditor"])
def test_lines_are_set_up_by_head_or_maker_alone(cast, who):
    with pytest.raises(NotPossible) as no:
        add_line(by=cast[who], code="x", name="x", fiscal_year=2026)
    assert no.value.forbidden


@pytest.mark.parametrize(("name", "fields"), [
    ("line_totals_not_negative", {"programme_budget": -1}),
    ("line_totals_not_negative", {"spent": -1}),
    ("line_(released|disbursed)_within_committed", {"released": 101}),
    ("line_released_within_committed", {"released": -1}),
    ("line_committed_within_allocated", {"committed": 1_000_000_001}),
    ("line_disbursed_within_committed", {"disbursed": 101}),
    ("line_disbursed_within_committed", {"disbursed": 91, "released": 10}),
    ("line_spent_within_disbursed", {"spent": 30, "refunded": 31, "disbursed": 60}),
    ("line_target_share_percent", {"target_share_bp": 10_001}),
])  # fmt: skip
def test_the_database_itself_refuses_totals_that_do_not_hold(line, post, name, fields):
    post("commit", 100)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BudgetLine.objects.filter(pk=line.pk).update(**fields)


@pytest.mark.parametrize("change", [
    lambda rows: rows.update(amount=1), lambda rows: rows.delete(),
    lambda rows: LedgerEntry.objects.bulk_update([rows.get()], ["amount"]),
    lambda rows: rows.get().save(), lambda rows: rows.get().delete(),
])  # fmt: skip
def test_an_entry_is_never_changed(line, post, change):
    post("commit", 100)
    _put_back_what_the_runner_drops("fund_ledgerentry")
    before = list(LedgerEntry.objects.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(LedgerEntry.objects.filter(kind="commitment"))
    assert list(LedgerEntry.objects.values()) == before


def _put_back_what_the_runner_drops(table):
    """Conftest takes the last trigger away; put it back for this test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statements(connection.vendor, table)[-1])


def test_verify_ledger_names_every_altered_number(line, post, capsys):
    post("commit", 100)
    assert call_verify() == (0, "2 entries checked, 0 faults\n")
    BudgetLine.objects.filter(pk=line.pk).update(committed=90)
    code, text = call_verify()
    assert (code, text) == (
        1, "FAULT moh-2026: committed is 90, the entries say 100\n2 entries checked, 1 faults\n",
    )  # fmt: skip


def call_verify():
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def test_verify_ledger_names_a_wrong_balance_and_a_gap(line, cast):
    LedgerEntry.objects.create(
        line=line, seq=3, kind="commitment", amount=5, source="s", balance_after=7, by=cast["maker"],
        at=line.entries.get().at,
    )  # fmt: skip
    BudgetLine.objects.filter(pk=line.pk).update(committed=5)
    assert list(faults()) == [
        "moh-2026 entry 3: the number should be 2",
        "moh-2026 entry 3: balance_after is 7, the entries say 999999995",
    ]


# --- many at once ---------------------------------------------------------------------------------------------


def contend(line, by):
    def commit(number):
        ledger.commit(line=line, amount=100, source=f"c{number}:approve:1", case=uuid4(), by=by)
        return "committed"

    return commit


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_approvals_on_one_line_never_overspend(cast, again):
    line = make_line(cast["head"], amount=1_000)
    outcomes = race(40, contend(line, cast["maker"]), InsufficientFunds)
    assert sorted(outcomes) == ["InsufficientFunds"] * 30 + ["committed"] * 10
    assert totals(line)[:2] == (1_000, 1_000)
    assert sum(LedgerEntry.objects.filter(kind="commitment").values_list("amount", flat=True)) == 1_000
    assert list(faults()) == []


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_approvals_of_one_source_commit_once(cast, again):
    line = make_line(cast["head"], amount=1_000)

    def commit(number):
        return ledger.commit(line=line, amount=100, source="x:approve:1", case=CASE, by=cast["maker"]).pk

    assert len(set(race(40, commit))) == 1
    assert totals(line)[1] == 100


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_refuses_to_overspend(cast, monkeypatch):
    """Negative control of the CHECK: the lock taken away, only it is left."""
    line = make_line(cast["head"], amount=1_000)

    @contextmanager
    def no_lock(rows):
        with transaction.atomic():
            yield

    monkeypatch.setattr(ledger, "locked", no_lock)
    race(40, contend(line, cast["maker"]), (InsufficientFunds, DatabaseError))
    assert totals(line)[1] <= 1_000


@rounds
@pytest.mark.django_db(transaction=True)
def test_without_lock_and_check_the_same_race_overspends(cast, again):
    """Negative control of both: look first, write later, and let nothing in between object."""
    line = make_line(cast["head"], amount=1_000)
    constraint = _drop_check(line)

    def careless(number):
        fresh = BudgetLine.objects.get(pk=line.pk)
        barrier.wait()
        if fresh.available < 100:
            return "refused"
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = ON")
        BudgetLine.objects.filter(pk=line.pk).update(committed=F("committed") + 100)
        return "committed"

    barrier = threading.Barrier(40)
    try:
        outcomes = race(40, careless)
    finally:
        _restore_check(constraint)
    assert outcomes.count("committed") == 40
    assert totals(line)[1] == 4_000  # four times what the line holds


def _drop_check(line):
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'line_committed_within_allocated'"
        )
        definition = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE fund_budgetline DROP CONSTRAINT line_committed_within_allocated")
    return definition


def _restore_check(definition):
    if definition:
        with connection.cursor() as cursor:  # not for the rows of this test, which the runner empties
            cursor.execute(
                f"ALTER TABLE fund_budgetline ADD CONSTRAINT line_committed_within_allocated {definition} NOT VALID"
            )


@pytest.mark.django_db(transaction=True)
def test_a_nested_movement_needs_its_line_declared(cast, line):
    other = make_line(cast["head"], code="other")
    with locked([other]), pytest.raises(UndeclaredLock):
        ledger.commit(line=line, amount=1, source="s", case=CASE, by=cast["maker"])
