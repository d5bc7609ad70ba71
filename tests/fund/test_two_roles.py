"""Who prepared payments of a grant does nothing of the checker in it, through a second role either; and the reverse."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fund import policies
from fund.models import CloseOut, Grant, YearEndItem
from fund.services import bank, closing, payments, year_end
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Part, Role
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve
from people.toxic import TOXIC, barred_cases

from ..factories import civil_servant, make_grant, make_line, second_factor
from .paths import SAID, completed, tranche


def prepare(by, year, *keys):
    """Prepare what of the year end the page shows now under these keys, each with a voucher of its own."""
    items = {one.key: one.amount for one in year_end.open_items(year)}
    vouchers = {key: f"V-{key}" for key in keys}
    return year_end.prepare(by=by, year=year, choices={}, vouchers=vouchers, seen=items)


@pytest.fixture
def both(cast):
    """The maker of this test's grants, who is now a checker as well."""
    grant_role(by=system_user(), person=cast["maker"], role=Role.CHECKER, agency=None, reason="test")
    return cast["maker"]


@pytest.fixture
def other_maker(cast, agencies):
    made = civil_servant("maker2@x.example", agencies["digital"])
    grant_role(by=system_user(), person=made, role=Role.MAKER, agency=None, reason="test")
    second_factor(made)
    return made


def close(close_out, by):
    return perform(close_out, "close_accounts", by=by, note="x")


def give_back(close_out, by):
    return closing.return_checklist(close_out, by=by, note="x")


@pytest.mark.parametrize("step", [close, give_back])
def test_who_prepared_a_payment_does_not_close_the_accounts(cast, grant, both, step):
    completed(cast, grant)
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    CloseOut.objects.get().grant.tranches.filter(position=3).update(state="cancelled")
    with pytest.raises(NotPossible) as no:
        step(CloseOut.objects.get(), both)
    assert no.value.forbidden
    assert step(CloseOut.objects.get(), cast["checker"]).state in ("closed", "to_do")


def test_without_the_second_look_at_parts_the_maker_would_close(cast, grant, both):
    completed(cast, grant)
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    unguarded = policies.holds(Role.CHECKER) & policies.is_outsider
    assert unguarded(CloseOut.objects.get(), both)
    assert not policies.may_close_accounts(CloseOut.objects.get(), both)


def test_who_prepared_a_payment_records_no_money_that_came_back(cast, grant, both):
    payments.prepare_payment(tranche(grant, 1), by=both)
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    with pytest.raises(NotPossible) as no:
        payments.take_back(tranche(grant, 1), by=both, note="x")
    assert no.value.forbidden


def test_who_prepared_a_payment_confirms_nothing_of_the_grant_at_year_end(cast, grant, both, other_maker, monkeypatch):
    year, key = grant.line.fiscal_year, f"grant-{grant.pk}"
    make_line(cast["head"], code="next", agency=grant.line.agency, fiscal_year=year + 1)
    payments.prepare_payment(tranche(grant, 1), by=both)
    prepare(other_maker, year, key)
    monkeypatch.setattr(clock, "today", lambda: date(year + 1, 6, 20))
    with pytest.raises(NotPossible) as no:
        year_end.confirm(YearEndItem.objects.get(), by=both)
    assert no.value.forbidden
    assert year_end.confirm(YearEndItem.objects.get(), by=cast["checker"]).state == "done"


@pytest.mark.parametrize("part", [Part.CHECKER, Part.LEAD])
def test_who_checked_or_leads_prepares_nothing_of_the_grant_at_year_end(client, cast, grant, other_maker, part):
    involve(case=grant.case, person=other_maker, part=part, agency=grant.lead_agency)
    line = grant.line
    make_line(cast["head"], code="next", agency=line.agency, fiscal_year=line.fiscal_year + 1)
    with pytest.raises(NotPossible, match="Look again"):
        prepare(other_maker, line.fiscal_year, f"grant-{grant.pk}")
    assert prepare(other_maker, line.fiscal_year, f"line-{line.pk}") == 1
    client.force_login(other_maker)
    text = client.get(reverse("year_end", args=[line.fiscal_year])).content.decode()
    assert f"voucher-grant-{grant.pk}" not in text


def test_who_prepared_a_payment_neither_sends_it_to_the_bank_nor_takes_the_answer(cast, grant, both):
    payments.prepare_payment(tranche(grant, 1), by=both)
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    with pytest.raises(NotPossible, match="waits for you to send"):
        bank.make_file(by=both)
    bank.make_file(by=cast["checker"])
    assert (len(bank._sent(both)), len(bank._sent(cast["checker"]))) == (0, 1)


def test_barred_cases_are_those_of_every_toxic_pair(cast, grant):
    other = make_grant(cast, grant.line)
    for part in Part:
        person = civil_servant(f"part-{part}@x.example", grant.lead_agency)
        involve(case=other.case, person=person, part=part, agency=grant.lead_agency)
        barred = set(barred_cases(person, Part.CHECKER))
        assert barred == ({other.case} if frozenset({part, Part.CHECKER}) in TOXIC else set()), part
    assert Grant.objects.filter(case__in=barred_cases(cast["lead"], Part.CHECKER)).count() == 2


@pytest.mark.parametrize("who", ["maker", "checker"])
def test_page_of_the_year_end_asks_the_same_at_one_and_three_items(client, cast, grant, who):
    line, counts = grant.line, []
    client.force_login(cast[who])
    client.get("/help/")
    for number in range(3):
        made = make_grant(cast, line)
        make_line(cast["head"], code=f"next-{number}", agency=line.agency, fiscal_year=line.fiscal_year + 1)
        prepare(cast["maker"], line.fiscal_year, f"grant-{made.pk}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("year_end", args=[line.fiscal_year]))
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 15
