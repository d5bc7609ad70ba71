"""The innovation share: what was allocated for a year, whatever became of the money since."""

import re
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import BudgetLine
from fund.services import budget, ledger
from fund.services.verifying import faults

from ..factories import make_line
from .paths import paid
from .test_budget import YEAR, propose, row, rows, sheet


@pytest.fixture
def other(cast, agencies):
    return make_line(cast["head"], amount=100, code="moal-2026", agency=agencies["farms"])


def shown(client, line):
    """Return what the public page says of the line's share: the amount and share, and whether the target is met."""
    text = client.get(f"{reverse('innovation_share')}?year={line.fiscal_year}").content.decode()
    cells = [re.search(f'data-label="{label}".*?</td>', text)[0] for label in ("Allocated for the year", "Target met")]
    return tuple(" ".join(re.sub("<[^>]+>", " ", cell.partition(">")[2]).split()) for cell in cells)


def test_share_is_what_was_allocated_for_the_year_whatever_is_returned_or_carried(client, cast, grant, agencies):
    old = grant.line
    new = make_line(cast["head"], amount=500, code="moh-next", agency=agencies["health"], fiscal_year=YEAR + 1)
    for line in (old, new):
        ledger.appropriate(line=line, amount=100_000, source=line.code, by=cast["head"])
    BudgetLine.objects.filter(pk=old.pk).update(target_share_bp=10_000)
    before = shown(client, old)
    assert before == ("Nu. 10,000,000 1000000 %", "yes")
    ledger.carry_forward(line=old, into=new, amount=10_001, source="c", case=grant.case, by=cast["maker"])
    old.refresh_from_db()
    ledger.lapse(line=old, amount=old.available, source="l", by=cast["maker"])
    assert BudgetLine.objects.get(pk=old.pk).allocated == 0
    assert shown(client, old) == before
    assert shown(client, new) == ("Nu. 5 0.50 %", "not yet")
    client.force_login(cast["head"])
    assert "allocated for the year 1000000 %: met" in client.get(reverse("budget")).content.decode()
    assert "Nu. 5 (0.50 %) was allocated for the year" in client.get(new.get_absolute_url()).content.decode()
    for line, year, met in ((old, YEAR, "yes"), (new, YEAR + 1, "not yet")):
        header, row = sheet("budget", str(year), cast["auditor"])
        found = dict(zip(header, row, strict=True))
        line.refresh_from_db()
        assert found["Target met"] == met
        assert found["Allocated for the year"] * 100 == line.allocated_for_year
    assert list(faults()) == []


def test_share_follows_transfers_and_corrections(cast, line, other):
    budget.approve_transfer(propose(cast, line, other, 40), by=cast["checker"])
    ledger.reverse(entry=ledger.allocate(line=other, amount=77, source="slip", by=cast["head"]), by=cast["head"])
    found = dict(BudgetLine.objects.values_list("code", "allocated_for_year"))
    assert found == {line.code: 1_000_000_000 - 40, other.code: 140}
    BudgetLine.objects.filter(pk=other.pk).update(allocated_for_year=141)
    assert list(faults()) == [f"{other.code}: allocated_for_year is 141, the entries say 140"]


def test_money_that_was_carried_in_and_set_free_can_move_on(cast, grant, agencies):
    new = make_line(cast["head"], amount=1, code="moh-next", agency=agencies["health"], fiscal_year=YEAR + 1)
    ledger.carry_forward(line=grant.line, into=new, amount=10_001, source="c", case=grant.case, by=cast["maker"])
    ledger.release_commitment(line=new, amount=10_001, source="r", case=grant.case, by=cast["maker"])
    into = make_line(cast["head"], amount=1, code="moal-next", agency=agencies["farms"], fiscal_year=YEAR + 1)
    ledger.transfer(line=new, into=into, amount=10_002, source="t", by=cast["maker"])
    assert list(faults()) == []


def test_import_after_the_year_end_does_not_allocate_again_what_was_returned(cast, line):
    ledger.lapse(line=line, amount=100, source="l", by=cast["head"])
    text = row(code=line.code, programme_budget="0", allocated="10,000,000")
    assert [one.allocated for one in budget.look(rows(text)).rows] == [0]


def test_public_page_names_each_line_and_shows_its_bars_and_what_is_paid(client, cast, grant, agencies):
    for code, name in (("spark-1", "Spark line"), ("prize-1", "Prize line")):
        make_line(cast["head"], code=code, name=name, amount=500)
    BudgetLine.objects.filter(code="spark-1").update(sector="health")
    paid(cast, grant, 1)
    ledger.commit(line=grant.line, amount=700, source="secret", case=uuid4(), by=cast["head"])
    text = client.get(reverse("innovation_share")).content.decode()
    assert "The whole fund" not in text
    for words in ("Spark line<br>", "Prize line<br>", "Ministry of Health<br>", "Health, spark-1"):
        assert words in text, words
    assert 'data-label="Paid out" class="govuk-table__cell govuk-table__cell--numeric">Nu. 40</td>' in text
    said = 'aria-label="Ministry of Health: allocated Nu. 10,000,000, set aside Nu. 100.01, paid out Nu. 40, spent'
    assert said in text  # and not the Nu. 7 that nobody has been told of
    assert text.count('class="fund-bars" role="img"') == 3
    assert grant.line.name not in text
    header, *rows = sheet("budget", str(YEAR), cast["auditor"])
    assert {row[0]: row[header.index("Sector")] for row in rows}["spark-1"] == "Health"
    client.force_login(cast["head"])
    assert "The whole fund, Health" in client.get(reverse("budget")).content.decode()
    line = BudgetLine.objects.get(code="spark-1")
    assert "The whole fund, Health" in client.get(line.get_absolute_url()).content.decode()


def test_a_sector_that_is_none_is_refused_by_the_database(line):
    with pytest.raises(IntegrityError, match="line_sector_known"), transaction.atomic():
        BudgetLine.objects.update(sector="moon")
