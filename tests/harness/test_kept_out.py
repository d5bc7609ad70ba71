"""Finance, board and auditors whom a conflict keeps out of a grant: its money adds up, and nothing says which it is."""

import io
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from fund import balance
from fund.models import BudgetLine, Grant, LedgerEntry, Tranche, YearEndItem
from fund.services import bank, money_sheets, payments, year_end
from lifecycle import clock, jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from people.enums import Grade
from people.models import Block

from ..factories import make_grant, make_line
from ..fund.paths import tranche
from .crawl import pages
from .table_money import FINANCE

KEPT_OUT = sorted({*FINANCE} - {"out_board"})
TITLE, REFERENCE, VOUCHER = "Canarytitle", "canary-reference", "Canaryvoucher"
SECRETS = (TITLE, REFERENCE, VOUCHER)
SHEETS = ("budget", "reconciliation", "ledger", "year-end", *money_sheets.TABLES)


@pytest.fixture
def line_of_two(cast, grant):
    """The line of two grants, each with a payment on its way, one in a file; what is left of the first is prepared.

    All of finance is then kept out of the first.
    """
    Grant.objects.filter(pk=grant.pk).update(title=TITLE, reference=REFERENCE)
    line, year = grant.line, grant.line.fiscal_year
    make_line(cast["head"], code="next", agency=line.agency, fiscal_year=year + 1)
    other = sign_both(cast, make_grant(cast, line))
    for one, place in ((grant, 1), (other, 1)):
        payments.prepare_payment(tranche(one, place), by=cast["maker"])
        payments.release_payment(tranche(one, place), by=cast["checker"])
        if one == grant:
            bank.make_file(by=cast["checker"])
            payments.take_back(tranche(one, 1), by=cast["checker"], note="x")
            Tranche.objects.filter(grant=grant, position=2).update(
                state="released", prepared_by=cast["maker"], released_by=cast["checker"]
            )
    year_end.prepare(by=cast["maker"], year=year, choices={}, vouchers={f"grant-{grant.pk}": VOUCHER},
                     seen={one.key: one.amount for one in year_end.open_items(year)})  # fmt: skip
    for name in KEPT_OUT:
        Block.objects.create(
            case=grant.case, person=cast[name], grade=Grade.BLOCK, reason="relative", since=clock.now()
        )
    return line


def sign_both(cast, made):
    from fund.services.grants import sign

    return sign(sign(made, by=cast["lead"]), by=cast["sponsor"])


def money_pages(line):
    names = ("money", "budget_lines", "budget", "transfers", "bank", "grant_list", "finding_list", "innovation_share")
    year = reverse("year_end", args=[line.fiscal_year])
    return [*map(reverse, names), line.get_absolute_url(), f"{line.get_absolute_url()}?q={TITLE[:9]}", year]


def told(text, case):
    return [secret for secret in (*SECRETS, str(case)) if secret in text.replace(f"?q={TITLE[:9]}", "")]


def sheets_for(person, line):
    """Make every sheet for the person, and return kind -> its file."""
    files = {}
    for kind in SHEETS:
        about = line.code if kind == "ledger" else str(line.fiscal_year)
        job = money_sheets.ask(kind, about, by=person)
        assert jobs.run(job.pk), kind
        files[kind] = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    return files


def rows_of(stored):
    header, *rows = load_workbook(io.BytesIO(read_file(stored))).worksheets[0].values
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("who", KEPT_OUT)
def test_no_page_search_or_sheet_of_money_tells_which_grant_it_is(cast, grant, line_of_two, who):
    client = Client()
    client.force_login(cast[who])
    files = sheets_for(cast[who], line_of_two)
    paths = [*money_pages(line_of_two), *(reverse("own_file", args=[file.pk]) for file in files.values())]
    seen = {path: told(text, grant.case) for path, _, text in pages(client, paths)}
    assert {path: words for path, words in seen.items() if words} == {}
    text = client.get(line_of_two.get_absolute_url()).content.decode()
    assert text.count("Of a grant that is not shown to you.") == LedgerEntry.objects.filter(case=grant.case).count()
    assert "No entry fits" in client.get(f"{line_of_two.get_absolute_url()}?q={TITLE}").content.decode()


def test_the_same_walk_finds_the_grant_for_who_is_not_kept_out(cast, grant, line_of_two):
    """The guard taken away."""
    Block.objects.filter(person=cast["auditor"]).delete()
    client = Client()
    client.force_login(cast["auditor"])
    files = sheets_for(cast["auditor"], line_of_two)
    paths = [*money_pages(line_of_two), *(reverse("own_file", args=[file.pk]) for file in files.values())]
    seen = {path: told(text, grant.case) for path, _, text in pages(client, paths)}
    for path in (*paths[-len(files) :], line_of_two.get_absolute_url(), reverse("bank")):
        kind = next((kind for kind, file in files.items() if str(file.pk) in path), "page")
        assert bool(seen[path]) is (kind not in ("budget", "transfers", "findings")), (kind, path)


def test_reconciliation_of_who_is_kept_out_still_ties_to_the_chhetrum(cast, grant, line_of_two):
    rows = rows_of(sheets_for(cast["auditor"], line_of_two)["reconciliation"])
    for line in BudgetLine.objects.filter(fiscal_year=line_of_two.fiscal_year):
        own = [row for row in rows if row["Line"] == line.code]
        for name, column in zip(balance.TOTALS, money_sheets.MOVED, strict=True):
            assert sum(Decimal(str(row[column])) for row in own) * 100 == getattr(line, name), (line, name)
    hidden = [row for row in rows if row["Grant"] == "a grant that is not shown to you"]
    assert len(hidden) == LedgerEntry.objects.filter(case=grant.case).count()
    assert {(row["Source"], row["By"]) for row in hidden} == {(None, None)}


def test_acts_of_the_year_end_on_it_do_not_exist(client, cast, grant, line_of_two):
    item = YearEndItem.objects.get()
    for who, name in (("checker", "confirm"), ("maker", "withdraw")):
        client.force_login(cast[who])
        path = reverse("act", args=["fund.yearenditem", item.pk, name])
        assert path not in client.get(reverse("year_end", args=[line_of_two.fiscal_year])).content.decode()
        assert (client.get(path).status_code, client.post(path, {"note": "x"}).status_code) == (404, 404)
    YearEndItem.objects.update(state="withdrawn")
    client.force_login(cast["maker"])
    path = reverse("year_end", args=[line_of_two.fiscal_year])
    assert "A grant that is not shown to you" in client.get(path).content.decode()
    answer = client.post(path, {f"voucher-grant-{grant.pk}": "V-2"})
    assert (answer.status_code, YearEndItem.objects.count()) == (400, 1)


def test_who_is_kept_out_neither_sends_the_payment_nor_takes_its_answer(client, cast, grant, line_of_two):
    first, waiting = tranche(grant, 1), tranche(grant, 2)
    assert waiting.state == "released"
    made = bank.make_file(by=cast["checker"])
    waiting.refresh_from_db()
    assert (waiting.in_file, [row.grant.title != TITLE for row in made.tranches.all()]) == (None, [True])
    client.force_login(cast["checker"])
    assert client.get(reverse("payment_file", args=[made.number])).status_code == 200
    assert client.get(reverse("payment_file", args=[first.in_file.number])).status_code == 404
    with pytest.raises(NotPossible, match="waits for you to send"):
        bank.make_file(by=cast["checker"])
    Block.objects.all().delete()
    assert list(bank.make_file(by=cast["checker"]).tranches.all()) == [waiting]
