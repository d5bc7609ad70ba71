"""From each entry of the ledger to what caused it, where the reader may open that, else in plain words."""

import re
from datetime import date

import pytest
from django.urls import reverse

from documents.services import store_file
from fund.models import BudgetLine, Transfer, YearEndItem
from fund.services import bank, budget, ledger, payments, year_end
from lifecycle import clock
from people.services.accounts import system_user

from ..factories import make_line
from .paths import accounted, tranche
from .test_budget import YEAR, propose, row, rows


def sources(client, person, line):
    """Return entry number -> (its kind and amount, the words of its source, where they lead)."""
    client.force_login(person)
    text = client.get(line.get_absolute_url()).content.decode()
    found = {}
    for part in re.findall(r"<h3 class=.*?</section>", text, re.DOTALL):
        number = int(re.search(r">(\d+)\. ", part)[1])
        links = {words: path for path, words in re.findall(r'href="([^"]+)"[^>]*>([^<]+)<', part)}
        found[number] = (" ".join(re.sub(r"<[^>]+>", " ", part).split()), links)
    return found


def opens(client, path):
    answer = client.get(path.partition("#")[0])
    anchor = path.partition("#")[2]
    return answer.status_code == 200 and (not anchor or f'id="{anchor}"' in answer.content.decode())


def test_payments_and_what_became_of_them_lead_to_the_payment(client, cast, grant):
    accounted(cast, grant, 1)
    found = sources(client, cast["auditor"], grant.line)
    part = reverse("grant_part", args=[grant.case, "payment", 1])
    for number, kind in ((3, "Paid out"), (4, "Spent")):
        text, links = found[number]
        assert kind in text
        assert links["Payment 1"] == part
        assert opens(client, part)
    text, links = found[2]
    assert ("Decision to fund it" in text, links) == (True, {grant.title: grant.get_absolute_url()})
    assert "Recorded by hand" in found[1][0]


def test_correction_leads_where_the_corrected_entry_does(client, cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    bank.bounce(tranche(grant, 1), by=system_user(), note="x")
    text, links = sources(client, cast["auditor"], grant.line)[4]
    assert "Corrected (entry 3)" in text
    assert links["Payment 1"] == reverse("grant_part", args=[grant.case, "payment", 1])


def test_transfer_leads_to_itself_on_both_lines(client, cast, line, agencies):
    other = make_line(cast["head"], amount=100, code="moal-2026", agency=agencies["farms"])
    propose(cast, line, other)
    budget.approve_transfer(propose(cast, line, other, amount=7), by=cast["checker"])
    made = Transfer.objects.get(state="done")
    for one in (line, other):
        path = sources(client, cast["auditor"], one)[2][1][f"Transfer {made.pk}"]
        text = client.get(path).content.decode()
        assert (f'id="transfer-{made.pk}"' in text, text.count('id="transfer-')) == (True, 1)


def test_year_end_leads_to_its_item_on_old_and_new_line(client, cast, grant, monkeypatch):
    old = grant.line
    new = make_line(cast["head"], code="moh-next", agency=old.agency, fiscal_year=YEAR + 1)
    year_end.prepare(by=cast["maker"], year=YEAR, choices={}, vouchers={f"grant-{grant.pk}": "V"},
                     seen={one.key: one.amount for one in year_end.open_items(YEAR)})  # fmt: skip
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 6, 20))
    year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    for line, numbers in ((old, (3, 4)), (new, (2,))):
        for number in numbers:
            links = sources(client, cast["auditor"], line)[number][1]
            path = next(path for words, path in links.items() if words.startswith("Year end"))
            assert path == f"{reverse('year_end', args=[YEAR])}#item-{YearEndItem.objects.get().pk}"
            assert opens(client, path)


@pytest.mark.parametrize(("who", "linked"), [("maker", True), ("auditor", False)])
def test_import_leads_its_owner_to_the_file_and_names_it_to_others(client, cast, agencies, who, linked):
    content = b"code\nx"
    stored = store_file(
        content=content, name="acts.csv", content_type="text/csv", kind="budget", owner_id=cast["maker"].pk
    )
    budget.apply(rows(row()), by=cast["maker"], source=f"budget:{stored.pk}")
    line = BudgetLine.objects.get(code="x-1")
    text, links = sources(client, cast[who], line)[2]
    assert "Imported from acts.csv" in text
    assert ("Imported from acts.csv" in links) is linked
    if linked:
        assert client.get(links["Imported from acts.csv"]).content == content


def test_hand_made_sources_that_look_like_others_stay_words(client, cast, line):
    for number, source in enumerate(("budget:x", "budget:", "transfer:x", "year_end:", "budget:" + "0" * 32)):
        ledger.allocate(line=line, amount=1 + number, source=source, by=cast["head"])
    found = sources(client, cast["auditor"], line)
    assert {number: links for number, (_, links) in found.items() if links} == {}
