"""The sheet of a list holds what the list shows: the same year, the same filters, and says so."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from fund.models import Finding, Tranche
from fund.services import findings, ledger, money_sheets
from lifecycle import jobs
from lifecycle.fiscal import fiscal_label
from lifecycle.models import Job

from ..factories import make_grant, make_line
from .paths import paid
from .test_budget import YEAR, propose


def read(pk):
    assert jobs.run(pk)
    book = load_workbook(io.BytesIO(read_file(StoredFile.objects.get(pk=Job.objects.get(pk=pk).result))))
    header, *rows = book.worksheets[0].values
    return [dict(zip(header, row, strict=True)) for row in rows], str(list(book.worksheets[1].values))


def made(client, path, kind):
    """Press the button of the page at `path`; return the rows of the sheet and what it says about itself."""
    text = client.get(path).content.decode()
    action = reverse("money_sheet", args=[kind])
    form = re.search(rf'<form method="post" action="{action}">.*?</form>', text, re.DOTALL)[0]
    data = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    chosen = re.search(r'<option value="(\d+)" selected', form)
    data |= {"about": chosen[1]} if chosen else {}
    answer = client.post(action, data)
    return read(answer.headers["Location"].strip("/").split("/")[-1])


@pytest.fixture
def carried(cast, grant):
    """A grant whose first payment was made from the old line, and what is left carried into the next."""
    paid(cast, grant, 1)
    line = grant.line
    new = make_line(cast["head"], code="moh-next", agency=line.agency, fiscal_year=YEAR + 1)
    ledger.carry_forward(line=line, into=new, amount=6_001, source="c", case=grant.case, by=cast["maker"])
    type(grant).objects.filter(pk=grant.pk).update(line=new)
    return type(grant).objects.get(pk=grant.pk)


def test_payment_stays_in_the_year_and_line_that_it_was_made_from(client, cast, carried):
    client.force_login(cast["auditor"])
    old, about = made(client, reverse("money"), "payments")
    assert [(row["Payment"], row["Budget code"]) for row in old] == [(1, "moh-2026")]
    assert f"payments; {fiscal_label(YEAR)}" in about
    new, _ = read(money_sheets.ask("payments", str(YEAR + 1), by=cast["auditor"]).pk)
    assert [(row["Payment"], row["Budget code"]) for row in new] == [(2, "moh-next"), (3, "moh-next")]
    assert Tranche.objects.get(position=1).paid_from.code == "moh-2026"


@pytest.mark.parametrize(("query", "shown"), [
    ("", 2), (f"?year={YEAR}", 2), (f"?year={YEAR + 1}", 1), ("?year=2001", 0), ("?q=ONE+VISIT", 1), ("?q=none", 0),
    ("?state=offered", 1), ("?due=late", 0), ("?agency=moh&q=visit", 1), ("?agency=none", 0), ("?year=nonsense", 2),
])  # fmt: skip
def test_sheet_of_grants_holds_what_the_list_shows(client, cast, carried, query, shown):
    make_grant(cast, carried.tranches.get(position=1).paid_from, title="Another")
    client.force_login(cast["auditor"])
    path = reverse("grant_list") + query
    rows, about = made(client, path, "grants")
    text = client.get(path).content.decode()
    assert len(rows) == shown == text.count('<h2 class="govuk-heading-s')
    assert ("words in the title: ONE VISIT" in about) is ("ONE" in query)
    assert ("state: Offered, waiting for signatures" in about) is ("state" in query)
    assert ("all fiscal years" in about) is not ("year=20" in query)


@pytest.mark.parametrize(("query", "shown"), [
    ("", 2), (f"?year={YEAR}", 1), (f"?year={YEAR - 1}", 1), ("?office=finance", 1), ("?late=1", 2), ("?q=receipt", 1),
    ("?state=closed", 0), ("?year=9999", 2),
])  # fmt: skip
def test_sheet_of_findings_holds_what_the_list_shows(client, cast, grant, query, shown):
    for title, office in (("No receipt", "team"), ("Late", "finance")):
        about = {"grant": grant} if office == "team" else {"line": grant.line}
        findings.raise_finding(by=cast["auditor"], title=title, text="x", office=office, **about)
    Finding.objects.update(due_on=date(YEAR, 1, 1))
    Finding.objects.filter(title="Late").update(raised_at=datetime(YEAR, 1, 2, tzinfo=UTC))
    client.force_login(cast["auditor"])
    rows, about = made(client, reverse("finding_list") + query, "findings")
    text = client.get(reverse("finding_list") + query).content.decode()
    assert len(rows) == shown == text.count('<h2 class="govuk-heading-s')
    assert ("answer: late" in about) is ("late" in query)


def test_sheet_of_transfers_is_of_the_year_on_the_page(client, cast):
    for year in (YEAR, YEAR + 1):
        pair = [make_line(cast["head"], code=f"t{n}-{year}", amount=100, fiscal_year=year) for n in (1, 2)]
        propose(cast, *pair, amount=10)
    client.force_login(cast["maker"])
    for query, codes in (("", [f"t1-{YEAR}", f"t1-{YEAR + 1}"]), (f"?year={YEAR + 1}", [f"t1-{YEAR + 1}"]),
                         ("?year=2001", [])):  # fmt: skip
        rows, about = made(client, reverse("transfers") + query, "transfers")
        assert [row["From"] for row in rows] == codes
        text = client.get(reverse("transfers") + query).content.decode()
        assert text.count("Make an Excel file") == 1
        assert ("No transfer fits" in text) is (not codes)
        assert (f"transfers; {fiscal_label(YEAR + 1)}" in about) is (query == f"?year={YEAR + 1}")


def test_long_words_reach_the_sheet_and_what_is_no_filter_does_not(cast):
    said = dict.fromkeys(("words", "state", "agency", "due"), '"' * 300) | {"csrfmiddlewaretoken": "t"}
    key = money_sheets.ask("grants", "", by=cast["auditor"], filters=said).key
    assert (len(key) <= 1000, "csrf" in key) == (True, False)
    assert money_sheets.ask("payments", "2026", by=cast["auditor"], filters=said).key.endswith("{}]")
