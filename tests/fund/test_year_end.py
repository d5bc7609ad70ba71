"""The end of a fiscal year: what is open, who prepares, who confirms, and what the ledger says afterwards."""

import html
import io
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from documents.models import StoredFile
from documents.services import read_file
from fund.models import BudgetLine, Grant, Report, Tranche, YearEndItem
from fund.queries import waiting_for
from fund.services import grants, ledger, money_sheets, payments, year_end
from fund.services.verifying import faults
from lifecycle import clock, jobs, performing
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_bounds, fiscal_year
from lifecycle.models import Job
from lifecycle.performing import perform
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import make_line
from .paths import accounted, paid, reached, spent, tranche, without

YEAR = fiscal_year(clock.today())


@pytest.fixture
def following(cast, line):
    return make_line(cast["head"], amount=500, code="moh-next", agency=line.agency, fiscal_year=YEAR + 1)


@pytest.fixture
def june(monkeypatch):
    Report.objects.update(due_on=date(YEAR + 1, 6, 30))  # of the grant, which stands before this fixture
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 6, 20))


def seen():
    """Return what the page shows now."""
    return {one.key: one.amount for one in year_end.open_items(YEAR)}


def prepared(cast, *keys, **choices):
    vouchers = {key: f"V-{number}" for number, key in enumerate(keys, 1)}
    return year_end.prepare(by=cast["maker"], year=YEAR, choices=choices, vouchers=vouchers, seen=seen())


def carried(cast, grant):
    prepared(cast, key_of(grant))
    return year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])


def key_of(thing):
    return f"{type(thing).__name__.lower().replace('budgetline', 'line')}-{thing.pk}"


def test_open_items_are_commitments_with_a_proposal_and_the_rest_of_each_line(cast, grant, following):
    items = year_end.open_items(YEAR)
    assert [(one.key, one.amount, one.proposed, one.into) for one in items] == [
        (key_of(grant), 10_001, "carry", following), (key_of(grant.line), 1_000_000_000 - 10_001, "lapse", None),
    ]  # fmt: skip
    Grant.objects.update(state="completed")  # its last payment waits for the close-out
    assert year_end.open_items(YEAR)[0].proposed == "carry"
    Grant.objects.update(state="stopped_early")
    assert year_end.open_items(YEAR)[0].proposed == "release"


def test_carried_grant_goes_on_from_the_next_line_and_old_payments_stay_with_the_old(cast, grant, following, june):
    paid(cast, grant, 1)
    prepared(cast, key_of(grant))
    year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    old, new = BudgetLine.objects.get(code="moh-2026"), BudgetLine.objects.get(code="moh-next")
    assert (old.open_commitments, old.disbursed, new.open_commitments, new.allocated) == (4_000, 4_000, 6_001, 6_501)
    assert Grant.objects.get().line == new
    spent(cast, grant, 1, 3_000)
    payments.take_back(tranche(grant, 1), by=cast["checker"], note="x")
    old.refresh_from_db()
    assert (old.spent, old.refunded) == (3_000, 1_000)
    assert Tranche.objects.get(position=1).paid_from == old
    assert list(faults()) == []


def test_rest_of_a_line_is_returned(cast, line, june):
    prepared(cast, key_of(line))
    assert year_end.confirm(YearEndItem.objects.get(), by=cast["checker"]).state == "done"
    assert BudgetLine.objects.get().available == 0
    assert year_end.open_items(YEAR) == []


def test_finance_may_set_free_instead_and_payments_are_cancelled(cast, grant, following, june):
    prepared(cast, key_of(grant), **{key_of(grant): "release"})
    year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    assert {part.state for part in grant.tranches.all()} == {"cancelled"}
    assert Grant.objects.get().award == 0
    assert list(faults()) == []


def test_offer_that_was_carried_can_still_be_declined(cast, offered, following, june):
    prepared(cast, key_of(offered))
    year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    grants.decline_offer(Grant.objects.get(), by=cast["lead"], note="No")
    assert BudgetLine.objects.get(code="moh-next").available == 500 + 10_001
    assert list(faults()) == []


def test_nobody_confirms_what_they_prepared_through_a_second_role_or_as_superuser(cast, line, june):
    prepared(cast, key_of(line))
    grant_role(by=system_user(), person=cast["maker"], role=Role.CHECKER, agency=None, reason="test")
    cast["maker"].is_superuser = True
    cast["maker"].save()
    with pytest.raises(NotPossible) as no:
        year_end.confirm(YearEndItem.objects.get(), by=cast["maker"])
    assert no.value.forbidden
    with pytest.raises(IntegrityError, match="year_end_four_eyes"), transaction.atomic():
        YearEndItem.objects.update(confirmed_by=cast["maker"])


def test_year_is_not_closed_in_its_middle(cast, line, monkeypatch):
    last = fiscal_bounds(YEAR)[1]
    prepared(cast, key_of(line))
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 5, 30))
    with pytest.raises(NotPossible, match="more than 30 days"):
        year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 5, 31))
    assert (last - clock.today()).days == 30
    assert year_end.confirm(YearEndItem.objects.get(), by=cast["checker"]).state == "done"


def test_without_its_guard_the_year_would_close_at_any_time(cast, line, monkeypatch):
    prepared(cast, key_of(line))
    without(monkeypatch, YearEndItem, "year_is_ending")
    monkeypatch.setattr(clock, "today", lambda: date(YEAR, 8, 1))
    assert year_end.confirm(YearEndItem.objects.get(), by=cast["checker"]).state == "done"


def test_money_that_moved_since_is_not_carried(cast, grant, following, june):
    prepared(cast, key_of(grant))
    paid(cast, grant, 1)
    with pytest.raises(NotPossible, match="no longer what is left"):
        year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    perform(YearEndItem.objects.get(), "withdraw", by=cast["maker"], note="Paid since")
    assert next(one.amount for one in year_end.open_items(YEAR)) == 6_001


def test_rest_that_was_used_since_is_not_returned(cast, line, june):
    prepared(cast, key_of(line))
    ledger.commit(line=line, amount=1, source="x", case=uuid4(), by=cast["head"])
    with pytest.raises(NotPossible, match="available"):
        year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])


def test_carrying_without_a_line_of_the_next_year_or_an_act_that_does_not_fit_is_refused(cast, grant):
    with pytest.raises(NotPossible, match="no budget line in the next year"):
        prepared(cast, key_of(grant))
    with pytest.raises(NotPossible, match="cannot be done"):
        prepared(cast, key_of(grant), **{key_of(grant): "lapse"})
    assert prepared(cast) == 0
    with pytest.raises(NotPossible, match="Finance prepares"):
        year_end.prepare(by=cast["checker"], year=YEAR, choices={}, vouchers={}, seen={})


def test_payment_of_a_year_that_is_over_waits_until_the_money_is_carried(cast, grant, following, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: fiscal_bounds(YEAR + 1)[0])
    grant.reports.update(due_on=fiscal_bounds(YEAR + 1)[1])
    with pytest.raises(NotPossible, match="earlier fiscal year"):
        payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    prepared(cast, key_of(grant))
    year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
    assert payments.prepare_payment(tranche(grant, 1), by=cast["maker"]).state == "prepared"


def july(grant, monkeypatch, day=1):
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 7, day))
    grant.reports.update(due_on=date(YEAR + 1, 9, 30))


def test_carried_money_waits_for_the_first_day_of_its_year(client, cast, grant, following, june, monkeypatch):
    carried(cast, grant)
    with pytest.raises(NotPossible, match=f"can be paid from 1 July {YEAR + 1}"):
        payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    assert waiting_for(cast["maker"]) == []
    client.force_login(cast["maker"])
    text = client.get(reverse("money")).content.decode()
    assert ("To prepare (0)" in text, "In the next fiscal year (1)" in text) == (True, True)
    july(grant, monkeypatch)
    assert [row.what for row in waiting_for(cast["maker"])] == ["Prepare payment 1"]
    assert "In the next fiscal year" not in client.get(reverse("money")).content.decode()
    assert payments.prepare_payment(tranche(grant, 1), by=cast["maker"]).state == "prepared"


def test_without_its_guard_next_years_money_would_be_paid_in_this_year(cast, grant, following, june, monkeypatch):
    without(monkeypatch, Tranche, "year_has_begun")
    carried(cast, grant)
    assert payments.prepare_payment(tranche(grant, 1), by=cast["maker"]).state == "prepared"


def test_payment_that_waits_for_its_year_alone_opens_on_its_first_day(cast, grant, following, june, monkeypatch):
    accounted(cast, grant, 1)
    carried(cast, grant)
    reached(cast, grant, 1)
    assert (tranche(grant, 2).state, payments.open_due()) == ("locked", 0)
    july(grant, monkeypatch)
    assert (payments.open_due(), tranche(grant, 2).state, tranche(grant, 3).state) == (1, "releasable", "locked")
    assert payments.open_due() == 0


def test_payment_that_waits_for_a_late_carry_opens_with_it(cast, grant, following, monkeypatch):
    accounted(cast, grant, 1)
    july(grant, monkeypatch, day=5)
    reached(cast, grant, 1)
    assert (tranche(grant, 2).state, payments.open_due()) == ("locked", 0)
    carried(cast, grant)
    assert tranche(grant, 2).state == "releasable"


def test_one_page_prepares_and_confirms_and_the_sheet_names_code_and_voucher(client, cast, grant, following, june):
    path = reverse("year_end", args=[YEAR])
    client.force_login(cast["maker"])
    assert client.post(path, {}).status_code == 400
    data = {f"voucher-{key_of(grant)}": "V-7", f"does-{key_of(grant)}": "carry", f"amount-{key_of(grant)}": "10001"}
    assert client.post(path, data).headers["Location"] == path
    item = YearEndItem.objects.get()
    act = reverse("act", args=["fund.yearenditem", item.pk, "confirm"])
    assert act not in client.get(path).content.decode()
    client.force_login(cast["checker"])
    assert act in client.get(path).content.decode()
    assert client.post(path, data).status_code == 403
    client.post(act)
    job = money_sheets.ask("year-end", str(YEAR), by=cast["auditor"])
    assert jobs.run(job.pk)
    stored = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    header, row = load_workbook(io.BytesIO(read_file(stored))).worksheets[0].values
    found = dict(zip(header, row, strict=True))
    assert (found["Budget code"], found["Voucher"], found["Amount"], found["State"]) == (
        "moh-2026", "V-7", 100.01, "Done",
    )  # fmt: skip


def test_year_that_is_none_is_404_and_a_bad_choice_is_told(client, cast, grant):
    client.force_login(cast["maker"])
    assert client.get(reverse("year_end", args=[1])).status_code == 404
    said = {f"voucher-{key_of(grant)}": "V-9", f"amount-{key_of(grant)}": "10001"}
    answer = client.post(reverse("year_end", args=[YEAR]), said)
    assert answer.status_code == 400
    assert "no budget line in the next year" in answer.content.decode()
    assert "V-9" in answer.content.decode()


def test_second_of_two_open_pages_is_told_and_prepares_nothing(client, cast, grant, following):
    client.force_login(cast["maker"])
    path = reverse("year_end", args=[YEAR])
    said = {f"voucher-{key_of(grant)}": "V-7", f"does-{key_of(grant)}": "carry", f"amount-{key_of(grant)}": "10001"}
    assert client.post(path, said).status_code == 302
    again = client.post(path, said | {f"voucher-{key_of(grant.line)}": "V-8"})
    assert (again.status_code, "V-7 is for was prepared or moved meanwhile" in again.content.decode()) == (400, True)
    assert YearEndItem.objects.count() == 1


def test_amount_that_changed_since_it_was_seen_is_not_prepared_and_nothing_typed_is_lost(
    client, cast, grant, following
):
    client.force_login(cast["maker"])
    path, key = reverse("year_end", args=[YEAR]), key_of(grant)
    said = {f"voucher-{key}": "V-7", f"does-{key}": "release", f"amount-{key}": "10001"}
    assert f'name="amount-{key}" value="10001"' in client.get(path).content.decode()
    paid(cast, grant, 1)
    answer = client.post(path, said)
    text = html.unescape(answer.content.decode())
    assert (answer.status_code, YearEndItem.objects.count()) == (400, 0)
    assert "Nu. 60.01 is left of “One visit is enough”, not Nu. 100.01 any more. Check voucher V-7" in text
    for kept in ('value="V-7"', '<option value="release" selected>', f'name="amount-{key}" value="6001"'):
        assert kept in text
    for unread in ("", "x", "9" * 30):
        answer = client.post(path, said | {f"amount-{key}": unread})
        assert "did not say which amount you saw" in answer.content.decode()
    assert client.post(path, said | {f"amount-{key}": "6001"}).status_code == 302
    assert (YearEndItem.objects.get().amount, YearEndItem.objects.get().voucher) == (6_001, "V-7")


def test_voucher_number_stands_for_one_item_of_a_year(cast, grant, following, monkeypatch):
    def both(first, second):
        vouchers = {key_of(grant): first, key_of(grant.line): second}
        given = {key: voucher for key, voucher in vouchers.items() if voucher}
        return year_end.prepare(by=cast["maker"], year=YEAR, choices={}, vouchers=given, seen=seen())

    with pytest.raises(NotPossible, match="V-1 is written for two items"):
        both("V-1", " V-1")
    both("V-1", "")
    with pytest.raises(NotPossible, match="V-1 is used already, for “Carry into the next year: One visit is enough”"):
        both("", "V-1")
    monkeypatch.setattr(year_end, "_refuse_used", lambda *_: None)  # both looked before either wrote
    with pytest.raises(NotPossible, match="at the same moment"):
        both("", "V-1")
    perform(YearEndItem.objects.get(), "withdraw", by=cast["maker"], note="Another line")
    assert both("", "V-1") == 1
    assert sorted(YearEndItem.objects.values_list("state", "voucher")) == [("prepared", "V-1"), ("withdrawn", "V-1")]


def test_long_voucher_is_refused_and_never_cut(cast, grant, following):
    with pytest.raises(NotPossible, match="at most 40 characters"):
        year_end.prepare(by=cast["maker"], year=YEAR, choices={}, vouchers={key_of(grant): "9" * 41}, seen=seen())
    assert not YearEndItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_payment_that_meets_its_own_carry_is_told_why_and_works_in_its_year(cast, grant, following, june, monkeypatch):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    real = performing.locks_of

    def slow(*asked):
        """Carry the money on between finding the rows and locking them."""
        rows = list(real(*asked))
        monkeypatch.setattr(performing, "locks_of", real)
        prepared(cast, key_of(grant))
        year_end.confirm(YearEndItem.objects.get(), by=cast["checker"])
        return rows

    monkeypatch.setattr(performing, "locks_of", slow)
    with pytest.raises(NotPossible, match="The money is set aside in the fiscal year"):
        payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert tranche(grant, 1).state == "prepared"
    monkeypatch.setattr(clock, "today", lambda: date(YEAR + 1, 7, 1))
    grant.reports.update(due_on=date(YEAR + 1, 9, 30))
    assert payments.release_payment(tranche(grant, 1), by=cast["checker"]).state == "released"
    assert list(faults()) == []
