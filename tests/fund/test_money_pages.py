import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund.bars import bars_of
from fund.models import BudgetLine, FieldNote, Grant
from fund.queries import waiting_for
from fund.services import bank, delivery, ledger, payments, stopping
from lifecycle import clock
from lifecycle.remembering import reading
from people.queries import role_names

from ..factories import make_grant, make_line
from .paths import accounted, paid, reached, tranche

PEOPLE = ("lead", "colleague", "sponsor", "secretariat", "head", "board", "maker", "checker", "auditor", "stranger")


def waiting(cast):
    found = {name: [row.what for row in waiting_for(cast[name])] for name in PEOPLE}
    return {name: rows for name, rows in found.items() if rows}


def page(client, person, path):
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# --- what waits for whom ------------------------------------------------------------------------------------


def test_an_offer_waits_for_lead_and_approver(cast, offered):
    assert waiting(cast) == {"lead": ["Sign the agreement"], "sponsor": ["Sign the agreement"]}


def test_each_step_waits_for_those_who_can_take_it(cast, grant):
    team = ["Hand in milestone 1"] + [f"Write the report on milestone {n}" for n in (1, 2, 3)]
    assert waiting(cast) == {"lead": team, "colleague": team, "maker": ["Prepare payment 1"]}
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    assert waiting(cast) == {"lead": team, "colleague": team, "checker": ["Release payment 1"]}
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    send = {"checker": ["Send released payments to the bank"]}  # nothing can have arrived before it is there
    assert waiting(cast) == {"lead": team, "colleague": team} | send
    bank.make_file(by=cast["checker"])
    more = [*team, "Confirm that payment 1 has arrived"]
    assert waiting(cast) == {"lead": more, "colleague": more}
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="x")
    assert waiting(cast)["secretariat"] == ["Look at milestone 1"]


def test_a_stop_waits_for_the_secretariat(cast, grant):
    stopping.ask_to_stop(grant, by=cast["lead"], note="x", unspent=0)
    assert waiting(cast)["secretariat"] == ["Confirm the early stop"]


@pytest.mark.parametrize("name", ["lead", "colleague", "maker"])
def test_everything_that_waits_leads_to_a_page_that_opens(client, cast, grant, name):
    client.force_login(cast[name])
    for row in waiting_for(cast[name]):
        assert client.get(row.path).status_code == 200, row


def test_my_work_names_what_waits_on_grants(client, cast, grant):
    text = page(client, cast["maker"], "/")
    assert "Waiting for you (1)" in text
    assert "Prepare payment 1: “One visit is enough”" in text


def test_what_waits_is_one_query(cast, grant):
    with reading():
        role_names(cast["lead"])  # every page has asked
        with CaptureQueriesContext(connection) as queries:
            waiting_for(cast["lead"])
    assert len(queries) == 1


# --- pages --------------------------------------------------------------------------------------------------


def test_grant_page_says_state_next_step_payments_and_signatures(client, cast, grant):
    text = page(client, cast["lead"], grant.get_absolute_url())
    for words in (
        "Running Ministry of Health", "What happens next: The team works", "Payment 1 of 3: Nu. 40",
        "Signed by Name of lead (lead)", "Signed by Name of sponsor (agency approver)", "Hand in milestone 1",
        "No notes yet", "Name of sponsor started the grant with the second signature", grant.agreement_sha256,
    ):  # fmt: skip
        assert words in text, words


def test_offer_is_signed_from_its_page(client, cast, offered):
    for who, name in (("lead", "sign_as_lead"), ("sponsor", "sign_as_sponsor")):
        client.force_login(cast[who])
        path = reverse("act", args=["fund.grant", offered.pk, name])
        assert path in client.get(offered.get_absolute_url()).content.decode()
        client.post(path)
    assert Grant.objects.get().state == "active"


def test_the_generic_page_of_a_payment_refuses_the_one_who_prepared_it(client, cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    client.force_login(cast["maker"])
    path = reverse("act", args=["fund.tranche", tranche(grant, 1).pk, "pay"])
    assert client.post(path).status_code == 403
    client.force_login(cast["checker"])
    assert client.post(path, follow=True).status_code == 200
    assert tranche(grant, 1).state == "released"


def test_release_through_the_generic_page_disburses_exactly_the_payment(client, cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    client.force_login(cast["checker"])
    for _ in range(2):
        client.post(reverse("act", args=["fund.tranche", tranche(grant, 1).pk, "pay"]))
    assert Grant.objects.get().disbursed == 4_000


def test_the_teams_forms_do_their_work(client, cast, grant):
    paid(cast, grant, 1)
    client.force_login(cast["lead"])
    for name, args, data in (
        ("grant_note", [], {"happened_on": "2026-01-02", "text": "Visited"}),
        ("milestone_submit", [1], {"evidence": "The list"}),
        ("report_submit", [1], {"done": "a", "measured": "b", "next_steps": "c"}),
        ("payment_account", [1], {"amount": "12.50", "note": "Tea"}),
        ("grant_stop", [], {"note": "Too few", "unspent": "27.50"}),
    ):
        answer = client.post(reverse(name, args=[grant.case, *args]), data)
        assert answer.headers["Location"] == grant.get_absolute_url(), name
    fresh = Grant.objects.get()
    assert (fresh.state, fresh.spent, fresh.unspent) == ("stopping", 0, 2_750)
    assert (tranche(grant, 1).waiting, tranche(grant, 1).accounted) == (1_250, 0)
    assert FieldNote.objects.get().text == "Visited"
    assert (grant.milestones.first().evidence, grant.reports.first().measured) == ("The list", "b")


@pytest.mark.parametrize(("amount", "words"), [
    ("", "Enter an amount"), ("x", "such as 14,500"), ("0", "0.01 or more"),
    ("1.005", "2 digits after the point"), ("40.01", "at most Nu. 40,"),
])  # fmt: skip
def test_a_wrong_amount_says_so_and_keeps_what_was_typed(client, cast, grant, amount, words):
    paid(cast, grant, 1)
    client.force_login(cast["lead"])
    answer = client.post(reverse("payment_account", args=[grant.case, 1]), {"amount": amount, "note": "Tea"})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "Tea" in answer.content.decode()
    assert Grant.objects.get().spent == 0


def test_a_part_that_does_not_exist_is_404(client, cast, grant):
    client.force_login(cast["lead"])
    assert client.get(reverse("milestone_submit", args=[grant.case, 9])).status_code == 404


def test_secretariat_finds_the_three_answers_to_a_milestone(client, cast, grant):
    accounted(cast, grant, 1)
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="x")
    client.force_login(cast["secretariat"])
    text = client.get(grant.get_absolute_url()).content.decode()
    for name in ("accept", "send_back", "mark_not_met"):
        assert reverse("act", args=["fund.milestone", grant.milestones.first().pk, name]) in text


def test_line_page_shows_totals_and_the_balance_after_each_entry(client, cast, grant):
    text = page(client, cast["auditor"], grant.line.get_absolute_url())
    assert "Allocated: Nu. 10,000,000." in text
    assert "Set aside Nu. 100.01" in text
    assert "2. Set aside: Nu. 100.01 Available afterwards: Nu. 9,999,899.99" in text
    one = page(client, cast["auditor"], grant.line.get_absolute_url() + "?kind=allocation")
    assert "1. Allocated: Nu. 10,000,000" in one
    assert "2. Set aside" not in one


def test_ledger_names_the_grant_that_moved_the_money_and_no_inner_key(client, cast, grant):
    client.force_login(cast["auditor"])
    text = client.get(grant.line.get_absolute_url()).content.decode()
    assert f'<a class="govuk-link" href="{grant.get_absolute_url()}">{grant.title}</a>' in text
    assert ":approve:" not in text


def test_money_page_lists_what_to_prepare_and_to_release(client, cast, grant):
    assert "To prepare (1) Payment 1 of “One visit is enough” , Nu. 40" in page(client, cast["maker"], "/money/")
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    assert "To prepare (0)" in page(client, cast["checker"], "/money/")
    assert "prepared by Name of maker" in page(client, cast["checker"], "/money/")


# literal numbers: a list page costs the same at one row and at three
LISTS = {"money": 9, "budget_lines": 6, "grant_list": 8, "home": 9}


@pytest.mark.parametrize(("name", "literal"), LISTS.items())
def test_list_page_costs_the_same_at_one_and_three_rows(client, cast, agencies, name, literal):
    from fund.services.grants import sign

    client.force_login(cast["maker"])
    client.get("/help/")
    counts = []
    for row in range(3):
        line = make_line(cast["head"], code=f"line-{row}", agency=agencies["health"])
        made = make_grant(cast, line, steps=((30, 100),))
        sign(made, by=cast["lead"])
        sign(made, by=cast["sponsor"])
        if row in (0, 2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts.append(len(queries))
    assert counts == [literal, literal]


@pytest.mark.parametrize("who", ["lead", "maker", "secretariat", "sponsor"])
def test_grant_page_costs_at_most_fifteen_queries(client, cast, grant, who):
    accounted(cast, grant, 1)
    reached(cast, grant, 1)
    client.force_login(cast[who])
    client.get("/help/")
    with CaptureQueriesContext(connection) as queries:
        client.get(grant.get_absolute_url())
    assert len(queries) <= 15, [q["sql"][:110] for q in queries]


def test_line_page_costs_at_most_fifteen_queries(client, cast, grant):
    for number in range(5):
        ledger.allocate(line=grant.line, amount=1, source=f"x{number}", by=cast["head"])
    client.force_login(cast["auditor"])
    client.get("/help/")
    with CaptureQueriesContext(connection) as queries:
        client.get(grant.line.get_absolute_url())
    assert len(queries) <= 15, [q["sql"][:110] for q in queries]


def test_list_says_what_is_due_next_and_is_narrowed_by_the_address(client, cast, grant, monkeypatch):
    client.force_login(cast["maker"])
    path, first = reverse("grant_list"), grant.milestones.get(position=1).due_on
    code = grant.lead_agency.code
    assert f"Next: Milestone 1: Step 1, by {first:%-d %B %Y}" in client.get(path).content.decode()
    for query, shown in (("?due=month", True), ("?due=week", False), ("?due=late", False), (f"?agency={code}", True),
                         ("?agency=none", False), ("?state=offered", False), ("?q=one+visit", True)):  # fmt: skip
        assert (grant.title in client.get(path + query).content.decode()) is shown, query
    monkeypatch.setattr(clock, "today", lambda: first + timedelta(days=1))
    text = client.get(f"{path}?due=late").content.decode()
    assert f"<strong>late since {first:%-d %B %Y}</strong>" in text


def test_bars_stand_one_inside_the_other_and_say_their_figures(client, cast, grant):
    accounted(cast, grant, 1)
    grant.line.refresh_from_db()
    (_, bars), (_, none) = bars_of([grant.line, BudgetLine(name="Empty")])
    assert [bar.amount for bar in bars] == [1_000_000_000, 10_001, 4_000, 4_000]
    assert [float(bar.width) for bar in bars] == sorted((float(bar.width) for bar in bars), reverse=True)
    assert {bar.width for bar in none} == {"0.00"}
    client.force_login(cast["head"])
    for page in (reverse("budget"), grant.line.get_absolute_url()):
        text = " ".join(client.get(page).content.decode().split())
        assert 'aria-label="Health innovation: allocated Nu. 10,000,000, set aside Nu. 100.01, paid out' in text
