"""Budgets: the year's page, import, transfers by two, and sheets that tie to the ledger."""

import csv
import io
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from documents.models import StoredFile
from documents.reading import read_table
from documents.services import read_file
from fund import balance, ledger_queries
from fund.errors import InsufficientFunds
from fund.models import BudgetLine, LedgerEntry, Transfer
from fund.services import budget, findings, ledger, money_sheets, stopping
from fund.services.verifying import faults
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_year
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Role
from people.models import Block
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import make_line
from .paths import accounted, paid

YEAR = fiscal_year(clock.today())
HEADER = ",".join(budget.REQUIRED)
GOOD = f'{HEADER}\nmoal-1,Farms,moal,{YEAR},"2,500,000",1,20000.50\nall-1,Fund,,{YEAR},,0.5,\n'


def table(text, name="b.csv"):
    return read_table(io.BytesIO(text.encode()), name=name, required=budget.REQUIRED)


def rows(*lines):
    return table("\n".join((HEADER, *lines)))


def row(**values):
    said = {
        "code": "x-1", "name": "X", "agency": "moh", "fiscal_year": str(YEAR), "programme_budget": "100",
        "target_share": "1", "allocated": "1",
    } | values  # fmt: skip
    return ",".join(f'"{said[name]}"' for name in budget.REQUIRED)


# --- import -------------------------------------------------------------------------------------------------


def test_look_writes_nothing_and_says_what_would_grow(cast, line):
    plan = budget.look(rows(row(), row(code=line.code, programme_budget="5", allocated="10000001")))
    assert [(one.code, one.known, one.programme, one.allocated) for one in plan.rows] == [
        ("x-1", False, 10_000, 100), (line.code, True, 500, 100),
    ]  # fmt: skip
    assert (plan.errors, LedgerEntry.objects.count(), BudgetLine.objects.count()) == ([], 1, 1)


@pytest.mark.parametrize(("values", "column"), [
    ({"code": ""}, "code"), ({"code": "a b"}, "code"), ({"code": "x" * 31}, "code"), ({"name": ""}, "name"),
    ({"name": "n" * 151}, "name"), ({"agency": "nowhere"}, "agency"), ({"fiscal_year": "26"}, "fiscal_year"),
    ({"fiscal_year": "²"}, "fiscal_year"), ({"fiscal_year": "9" * 30}, "fiscal_year"),
    ({"target_share": "101"}, "target_share"), ({"target_share": "-1"}, "target_share"),
    ({"target_share": "x"}, "target_share"), ({"programme_budget": "1.005"}, "programme_budget"),
    ({"programme_budget": "NaN"}, "programme_budget"), ({"allocated": "-1"}, "allocated"),
    ({"allocated": "1" * 20}, "allocated"), ({"code": "moh-2026", "allocated": "1"}, "allocated"),
    ({"code": "moh-2026", "fiscal_year": "2001", "allocated": "10000000"}, "fiscal_year"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_row_and_column(cast, line, values, column):
    plan = budget.look(rows(row(code="fine"), row(**values)))
    assert {(error.row, error.column) for error in plan.errors} == {(3, column)}


def test_code_twice_is_named(cast, line):
    assert [(e.row, e.column) for e in budget.look(rows(row(), row())).errors] == [(3, "code")]


def test_import_is_all_or_nothing_and_again_changes_nothing(cast, agencies):
    text = f"{HEADER}\n{row()}\n{row(code='y 1')}"
    with pytest.raises(NotPossible, match="1 things to correct"):
        budget.apply(table(text), by=cast["maker"], source="f1")
    assert not BudgetLine.objects.exists()
    good = rows(row(), row(code="y-1", target_share="0.5%", allocated="2.25"))
    budget.apply(good, by=cast["maker"], source="f1")
    made = BudgetLine.objects.get(code="y-1")
    assert (made.allocated, made.programme_budget, made.target_share_bp, made.agency) == (
        225, 10_000, 50, agencies["health"],
    )  # fmt: skip
    before = LedgerEntry.objects.count()
    budget.apply(good, by=cast["maker"], source="f1")
    assert LedgerEntry.objects.count() == before
    assert list(faults()) == []


@pytest.mark.parametrize("who", ["lead", "checker", "secretariat", "auditor", "administrator"])
def test_nobody_else_imports(cast, line, who):
    with pytest.raises(NotPossible) as no:
        budget.apply(rows(row()), by=cast[who], source="f")
    assert no.value.forbidden


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_import_in_the_browser_looks_first(client, cast, agencies, kind):
    client.force_login(cast["maker"])
    path = reverse("budget_import")
    good = f"{HEADER}\n{row(programme_budget='2,500,000', allocated='20000.50')}"
    content = good.encode() if kind == "csv" else as_workbook(good)
    page = client.post(path, {"file": SimpleUploadedFile(f"b.{kind}", content)})
    assert page.status_code == 200
    assert "Nu. 20,000.50" in page.content.decode()
    assert not BudgetLine.objects.exists()
    answer = client.post(path, {"stored": StoredFile.objects.get(kind="budget").pk})
    assert answer.headers["Location"] == reverse("budget")
    assert BudgetLine.objects.get().allocated == 2_000_050


def as_workbook(text):
    book, buffer = Workbook(), io.BytesIO()
    for line in csv.reader(io.StringIO(text)):
        book.active.append(line)
    book.save(buffer)
    return buffer.getvalue()


def test_errors_and_files_that_are_none_are_told_on_the_page(client, cast, agencies):
    client.force_login(cast["maker"])
    path = reverse("budget_import")
    page = client.post(path, {"file": SimpleUploadedFile("b.csv", f"{HEADER}\n{row(name='')}".encode())})
    assert page.status_code == 400
    assert "1 thing to correct" in page.content.decode()
    assert client.post(path, {"file": SimpleUploadedFile("b.txt", b"x")}).status_code == 400
    assert client.post(path, {}).status_code == 400
    assert client.post(path, {"stored": "x"}).status_code == 404


def test_file_that_no_longer_fits_is_refused_whole(client, cast, agencies):
    client.force_login(cast["maker"])
    path = reverse("budget_import")
    client.post(path, {"file": SimpleUploadedFile("b.csv", f"{HEADER}\n{row()}".encode())})
    made = make_line(cast["head"], code="x-1", amount=500)
    answer = client.post(path, {"stored": StoredFile.objects.get(kind="budget").pk}, follow=True)
    assert "Nothing was imported" in answer.content.decode()
    made.refresh_from_db()
    assert made.allocated == 500


# --- transfers ----------------------------------------------------------------------------------------------


@pytest.fixture
def other(cast, agencies):
    return make_line(cast["head"], amount=100, code="moal-2026", agency=agencies["farms"])


def propose(cast, line, other, amount=1_000, who="maker"):
    return budget.propose_transfer(by=cast[who], from_line=line, to_line=other, amount=amount, reason="Need")


def test_transfer_moves_nothing_until_another_person_approves(cast, line, other):
    made = propose(cast, line, other)
    assert BudgetLine.objects.get(code=other.code).allocated == 100
    with pytest.raises(NotPossible) as no:
        budget.approve_transfer(made, by=cast["maker"])
    assert no.value.forbidden
    done = budget.approve_transfer(made, by=cast["checker"])
    assert (done.state, BudgetLine.objects.get(code=other.code).allocated) == ("done", 1_100)
    assert BudgetLine.objects.get(code=line.code).allocated == 1_000_000_000 - 1_000
    assert [entry.kind for entry in LedgerEntry.objects.order_by("-pk")[:2]] == ["transfer_in", "transfer_out"]
    assert list(faults()) == []


def test_nobody_approves_their_own_transfer_through_a_second_role_or_as_superuser(cast, line, other):
    made = propose(cast, line, other)
    grant_role(by=system_user(), person=cast["maker"], role=Role.CHECKER, agency=None, reason="test")
    cast["maker"].is_superuser = True
    cast["maker"].save()
    with pytest.raises(NotPossible):
        budget.approve_transfer(made, by=cast["maker"])
    with pytest.raises(IntegrityError, match="transfer_four_eyes"), transaction.atomic():
        Transfer.objects.update(decided_by=cast["maker"])


def test_money_that_is_gone_meanwhile_does_not_move(cast, line, other):
    made = propose(cast, line, other)
    ledger.lapse(line=line, amount=1_000_000_000, source="gone", by=cast["head"])
    with pytest.raises(InsufficientFunds):
        budget.approve_transfer(made, by=cast["checker"])
    assert Transfer.objects.get().state == "proposed"


def test_transfer_that_does_not_fit_is_not_proposed(cast, line, other):
    later = make_line(cast["head"], code="next", fiscal_year=line.fiscal_year + 1)
    for from_line, to_line, amount in ((line, line, 1), (line, later, 1), (other, line, 101), (other, line, 0)):
        with pytest.raises(NotPossible):
            propose(cast, from_line, to_line, amount)
    with pytest.raises(NotPossible, match="Finance proposes"):
        propose(cast, line, other, who="head")
    with pytest.raises(NotPossible, match="same fiscal year"):
        ledger.transfer(line=line, into=later, amount=1, source="x", by=cast["maker"])


def test_transfer_is_refused_with_a_reason(cast, line, other):
    made = propose(cast, line, other)
    with pytest.raises(NotPossible, match="Give a reason"):
        perform(made, "refuse", by=cast["checker"])
    assert perform(made, "refuse", by=cast["checker"], note="Not now").state == "refused"


def test_transfer_goes_its_way_in_the_browser(client, cast, line, other):
    client.force_login(cast["maker"])
    data = {"from_line": line.pk, "to_line": other.pk, "amount": "10", "reason": "Need"}
    assert client.post(reverse("transfer_new"), data | {"to_line": line.pk}).status_code == 400
    assert client.post(reverse("transfer_new"), data).headers["Location"] == reverse("transfers")
    made = Transfer.objects.get()
    act = reverse("act", args=["fund.transfer", made.pk, "approve"])
    assert act not in client.get(reverse("transfers")).content.decode()
    client.force_login(cast["checker"])
    assert act in client.get(reverse("transfers")).content.decode()
    client.post(act)
    assert Transfer.objects.get().state == "done"


def test_triggers_of_the_ledger_stand_after_its_kinds_have_grown(cast, line):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.update(amount=1)


# --- pages and sheets ---------------------------------------------------------------------------------------


def test_public_page_says_who_met_the_share_and_what_is_set_aside(client, cast, grant):
    line = grant.line
    ledger.appropriate(line=line, amount=100_000_000_000, source="p", by=cast["head"])
    assert reverse("innovation_share") in client.get(reverse("call_list")).content.decode()
    text = " ".join(client.get(reverse("innovation_share")).content.decode().split())
    assert "Set aside for projects this fiscal year: <strong>Nu. 100.01</strong>" in text
    assert '<td data-label="Target met" class="govuk-table__cell">yes</td>' in text
    BudgetLine.objects.update(target_share_bp=101)
    text = client.get(reverse("innovation_share")).content.decode()
    assert '<td data-label="Target met" class="govuk-table__cell">not yet</td>' in text
    assert ledger_queries.sums_of(ledger_queries.lines_of_year(line.fiscal_year))["set_aside"] == 10_001


def test_public_page_waits_until_the_team_is_told(client, cast, grant):
    line = grant.line

    def page():
        return client.get(reverse("innovation_share")).content.decode()

    before, case = page(), uuid4()
    ledger.commit(line=line, amount=500, source="approved", case=case, by=cast["head"])
    assert page() == before
    ledger.release_commitment(line=line, amount=200, source="smaller", case=case, by=cast["head"])
    assert page() == before
    ledger.release_commitment(line=line, amount=100, source="less", case=grant.case, by=cast["head"])
    assert page() != before


def test_another_year_stands_in_the_address(client, cast, line):
    client.force_login(cast["auditor"])
    assert line.name in client.get(reverse("budget")).content.decode()
    empty = client.get(reverse("budget") + "?year=2001").content.decode()
    assert "Budget 2001-02" in empty
    assert line.name not in empty
    assert client.get(reverse("budget") + "?year=²").status_code == 200


def sheet(kind, about, by):
    job = money_sheets.ask(kind, about, by=by)
    assert jobs.run(job.pk)
    stored = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    return [list(values) for values in load_workbook(io.BytesIO(read_file(stored))).worksheets[0].values]


def test_reconciliation_read_back_and_summed_equals_the_ledger_to_the_chhetrum(cast, grant, other):
    accounted(cast, grant, 1)
    propose(cast, grant.line, other)
    budget.approve_transfer(Transfer.objects.get(), by=cast["checker"])
    stopping.ask_to_stop(grant, by=cast["lead"], note="x", unspent=0)
    stopping.confirm_stop(type(grant).objects.get(), by=cast["secretariat"])
    ledger.reverse(entry=ledger.allocate(line=other, amount=77, source="slip", by=cast["head"]), by=cast["head"])
    header, *entries = sheet("reconciliation", str(YEAR), cast["auditor"])
    for line in BudgetLine.objects.all():
        own = [dict(zip(header, values, strict=True)) for values in entries if values[0] == line.code]
        for name, column in zip(balance.TOTALS, money_sheets.MOVED, strict=True):
            assert sum(Decimal(str(one[column])) for one in own) * 100 == getattr(line, name), (line, name)
        assert Decimal(str(own[-1]["Available afterwards"])) * 100 == line.available
    assert len(entries) == LedgerEntry.objects.count()
    assert {values[-3] for values in entries} == {None, grant.reference}


def test_sheet_of_the_budget_and_of_one_ledger(client, cast, grant):
    paid(cast, grant, 1)
    header, only = sheet("budget", str(YEAR), cast["maker"])
    assert dict(zip(header, only, strict=True))["Paid out"] == 40
    assert len(sheet("ledger", grant.line.code, cast["maker"])) == 1 + grant.line.entries.count()
    client.force_login(cast["maker"])
    for kind, about, status in (
        ("budget", "2026", 302), ("ledger", grant.line.code, 302), ("ledger", "none", 404), ("budget", "x", 404),
        ("salaries", "2026", 404),
    ):  # fmt: skip
        assert client.post(reverse("money_sheet", args=[kind]), {"about": about}).status_code == status, kind


def test_sheets_of_grants_payments_transfers_and_findings(cast, grant, other):
    paid(cast, grant, 1)
    propose(cast, grant.line, other)
    findings.raise_finding(by=cast["auditor"], line=other, title="Late", text="Why?", office="finance")
    found = {kind: sheet(kind, str(YEAR), cast["auditor"]) for kind in ("grants", "payments", "transfers", "findings")}
    assert {kind: len(rows) for kind, rows in found.items()} == {
        "grants": 2, "payments": 4, "transfers": 2, "findings": 2
    }  # fmt: skip
    assert sum(Decimal(str(row[4])) for row in found["payments"][1:]) * 100 == grant.amount
    assert dict(zip(*found["grants"], strict=True))["Not accounted for"] == 40
    assert found["findings"][1][1] == other.code


def test_sheet_is_not_made_for_whoever_may_not_see_money(cast, line):
    with pytest.raises(NotPossible):
        money_sheets.ask("budget", "2026", by=cast["lead"])
    job = money_sheets.ask("budget", "2026", by=cast["maker"])
    cast["maker"].role_grants.all().delete()
    jobs.run(job.pk)
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("what", ["tie", "role"])
def test_sheet_made_before_a_conflict_or_the_end_of_the_role_is_not_handed_out_after_it(client, cast, grant, what):
    job = money_sheets.ask("ledger", grant.line.code, by=cast["maker"])
    assert jobs.run(job.pk)
    path = reverse("own_file", args=[Job.objects.get(pk=job.pk).result])
    client.force_login(cast["maker"])
    assert client.get(path).status_code == 200
    if what == "tie":
        Block.objects.create(case=grant.case, person=cast["maker"], grade="block", reason="x", since=clock.now())
    else:
        cast["maker"].role_grants.update(until=clock.now())
    assert client.get(path).status_code == 404


def test_ledger_is_narrowed_by_days_and_by_words_of_the_grant(client, cast, grant):
    client.force_login(cast["auditor"])
    path = grant.line.get_absolute_url()
    today = clock.today().isoformat()
    assert "2. Set aside" in client.get(f"{path}?since={today}&until={today}").content.decode()
    assert "No entry fits" in client.get(f"{path}?until=2020-01-01").content.decode()
    assert "No entry fits" in client.get(f"{path}?since=2030-01-01").content.decode()
    found = client.get(f"{path}?q=ONE+VISIT").content.decode()
    assert ("2. Set aside" in found, "1. Allocated" in found) == (True, False)
    assert "1. Allocated" in client.get(f"{path}?since=nonsense").content.decode()
