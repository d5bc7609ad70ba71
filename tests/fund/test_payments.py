import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from fund.models import FieldNote, LedgerEntry, Tranche
from fund.services import delivery, ledger, payments, stopping
from fund.services.budget import add_line
from fund.services.verifying import faults
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available, perform
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.toxic import ConflictOfInterest

from ..races import race
from .paths import accounted, overdue, paid, reached, spent, tranche, without


def disbursed(grant):
    return list(LedgerEntry.objects.filter(kind="disbursement", case=grant.case).values_list("amount", flat=True))


def test_release_pays_on_the_ledger_once(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    out = payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert (out.state, out.prepared_by, out.released_by) == ("released", cast["maker"], cast["checker"])
    assert disbursed(grant) == [4_000]
    with pytest.raises(NotPossible, match="it is now “Released”"):
        payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert disbursed(grant) == [4_000]


def both_roles(cast):
    grant_role(by=system_user(), person=cast["maker"], role=Role.CHECKER, agency=None, reason="test")
    cast["maker"].is_superuser = True
    cast["maker"].save()
    return cast["maker"]


def test_release_by_the_one_who_prepared_is_refused_with_both_roles_and_as_superuser(cast, grant):
    one = both_roles(cast)
    payments.prepare_payment(tranche(grant, 1), by=one)
    with pytest.raises(NotPossible) as no:
        payments.release_payment(tranche(grant, 1), by=one)
    assert (no.value.forbidden, disbursed(grant)) == (True, [])
    assert [a.name for a in available(tranche(grant, 1), one)] == []


def test_release_of_a_later_payment_by_who_prepared_an_earlier_one_is_refused(cast, grant):
    """The policy sees only this payment; the pair of parts in the case is what refuses."""
    one = both_roles(cast)
    accounted(cast, grant, 1)
    reached(cast, grant, 1)
    other = cast["checker"]
    grant_role(by=system_user(), person=cast["stranger"], role=Role.MAKER, agency=None, reason="test")
    payments.prepare_payment(tranche(grant, 2), by=cast["stranger"])
    with pytest.raises(ConflictOfInterest, match="already has the part “Prepares payments”"):
        payments.release_payment(tranche(grant, 2), by=one)
    assert tranche(grant, 2).state == "prepared"
    payments.release_payment(tranche(grant, 2), by=other)


def test_four_eyes_hold_in_the_database_too(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    for name, fields in (
        ("tranche_four_eyes", {"released_by": cast["maker"]}),
        ("tranche_paid_by_two", {"state": "released"}),
        ("tranche_accounted_within_amount", {"accounted": 4_001}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Tranche.objects.filter(grant=grant, position=1).update(**fields)


@pytest.mark.parametrize(
    "who", ["lead", "colleague", "checker", "secretariat", "head", "board", "auditor", "conflicted"]
)
def test_preparing_by_others_is_refused(cast, grant, who):
    with pytest.raises(NotPossible) as no:
        payments.prepare_payment(tranche(grant, 1), by=cast[who])
    assert no.value.forbidden


def test_a_maker_in_the_team_may_not_prepare(cast, grant):
    grant_role(by=system_user(), person=cast["colleague"], role=Role.MAKER, agency=None, reason="test")
    with pytest.raises(NotPossible):
        payments.prepare_payment(tranche(grant, 1), by=cast["colleague"])


def test_nothing_is_paid_before_both_have_signed(cast, offered):
    assert [t.state for t in offered.tranches.all()] == ["locked"] * 3
    with pytest.raises(NotPossible, match="it is now “Not due yet”"):
        payments.prepare_payment(tranche(offered, 1), by=cast["maker"])


# --- the facts that open a payment; each taken away lets it through -------------------------------------------


def test_the_second_payment_opens_after_milestone_and_account(cast, grant):
    paid(cast, grant, 1)
    reached(cast, grant, 1)
    assert tranche(grant, 2).state == "locked"
    spent(cast, grant, 1, 3_199)
    assert tranche(grant, 2).state == "locked"
    spent(cast, grant, 1, 1)  # 80 % exactly
    assert tranche(grant, 2).state == "releasable"


@pytest.mark.parametrize("guard", ["payment_before_accounted", "milestone_before_settled", "no_overdue_report"])
@pytest.mark.parametrize("taken_away", [False, True])
def test_each_fact_alone_keeps_a_payment_closed(monkeypatch, cast, grant, guard, taken_away):
    """With the guard: locked. Negative control, the guard taken away: open."""
    if taken_away:
        without(monkeypatch, Tranche, guard)
    if guard == "payment_before_accounted":
        paid(cast, grant, 1)
    else:
        accounted(cast, grant, 1)
    if guard != "milestone_before_settled":
        with clock.frozen(overdue(grant, 2) if guard == "no_overdue_report" else clock.now()):
            reached(cast, grant, 1)
    assert tranche(grant, 2).state == ("releasable" if taken_away else "locked")


def test_a_report_handed_in_opens_what_waited_for_it(cast, grant):
    accounted(cast, grant, 1)
    with clock.frozen(overdue(grant, 2)):
        reached(cast, grant, 1)
        assert tranche(grant, 2).state == "locked"
        report = grant.reports.get(milestone__position=2)
        delivery.submit_report(report, by=cast["lead"], done="x")
        assert tranche(grant, 2).state == "releasable"


def test_an_overdue_report_stops_a_prepared_payment(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    with clock.frozen(overdue(grant)), pytest.raises(NotPossible, match="report of the team is overdue"):
        payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert disbursed(grant) == []


def test_a_hold_stops_a_payment_and_undoes_its_preparation(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    held = perform(tranche(grant, 1), "hold", by=cast["head"], note="A question")
    assert (held.state, held.prepared_by) == ("held", None)
    with pytest.raises(NotPossible, match="On hold"):
        payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert payments.end_hold(tranche(grant, 1), by=cast["head"]).state == "releasable"


def test_a_held_payment_is_listed_while_its_grant_is_suspended(client, cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    perform(tranche(grant, 1), "hold", by=cast["head"], note="A question")
    stopping.suspend(type(grant).objects.get(), by=cast["head"], note="A complaint")
    client.force_login(cast["maker"])
    text = client.get(reverse("money")).content.decode()
    assert "On hold (1)" in text
    assert grant.title in text


def test_a_waived_milestone_opens_the_next_payment(cast, grant):
    accounted(cast, grant, 1)
    delivery.waive_milestone(grant.milestones.get(position=1), by=cast["board"], note="The law changed")
    assert tranche(grant, 2).state == "releasable"
    assert grant.milestones.get(position=2).state == "in_progress"


# --- accounting -----------------------------------------------------------------------------------------------


def test_accounting_in_parts_closes_with_the_last(cast, grant):
    paid(cast, grant, 1)
    for amount, state in ((1_000, "acknowledged"), (1_000, "acknowledged"), (2_000, "accounted")):
        assert spent(cast, grant, 1, amount).state == state
    booked = LedgerEntry.objects.filter(kind="expenditure").values_list("amount", flat=True)
    assert sorted(booked) == [1_000, 1_000, 2_000]
    assert list(faults()) == []


@pytest.mark.parametrize(("amount", "note", "words"), [
    (4_001, "x", "at most Nu. 40,"), (0, "x", "more than zero"), (1, " ", "what the money was spent on"),
    (None, "x", "how much was spent"),
])  # fmt: skip
def test_accounting_for_too_much_or_without_words_is_refused(cast, grant, amount, note, words):
    paid(cast, grant, 1)
    with pytest.raises(NotPossible, match=words):
        payments.account_for(tranche(grant, 1), by=cast["lead"], note=note, amount=amount)
    assert tranche(grant, 1).accounted == 0


def test_money_that_came_back_is_available_again(cast, grant):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 3_000)
    back = payments.take_back(tranche(grant, 1), by=cast["checker"], note="Voucher 7")
    assert (back.state, back.accounted, back.returned) == ("accounted", 3_000, 1_000)
    grant.line.refresh_from_db()
    assert grant.line.available == 1_000_000_000 - 10_001 + 1_000
    assert list(faults()) == []


def test_a_carried_grant_stays_in_balance(cast, grant, agencies):
    new = add_line(by=cast["head"], code="next", name="Next", fiscal_year=grant.line.fiscal_year + 1)
    ledger.carry_forward(line=grant.line, into=new, amount=6_001, source="y", case=grant.case, by=cast["maker"])
    grant.refresh_from_db()
    assert grant.released == 0
    assert list(faults()) == []


# --- delivery -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [delivery.return_milestone, delivery.miss_milestone])
def test_returning_or_failing_a_milestone_needs_a_reason(cast, grant, act):
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="See")
    with pytest.raises(NotPossible, match="Give a reason"):
        act(grant.milestones.get(position=1), by=cast["secretariat"], note=" ")
    assert grant.milestones.get(position=1).state == "submitted"


def test_a_returned_milestone_is_handed_in_again(cast, grant):
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="See")
    delivery.return_milestone(grant.milestones.get(position=1), by=cast["secretariat"], note="Which list?")
    again = delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="This list")
    assert (again.state, again.evidence) == ("submitted", "This list")


def test_a_milestone_without_evidence_is_refused(cast, grant):
    with pytest.raises(NotPossible, match="Say what shows"):
        delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"])


@pytest.mark.parametrize("who", ["lead", "maker", "board", "head", "sponsor"])
def test_a_milestone_is_accepted_by_the_secretariat_alone(cast, grant, who):
    delivery.submit_milestone(grant.milestones.get(position=1), by=cast["lead"], evidence="See")
    with pytest.raises(NotPossible) as no:
        delivery.accept_milestone(grant.milestones.get(position=1), by=cast[who])
    assert no.value.forbidden


def test_field_notes_are_the_teams_and_never_of_tomorrow(cast, grant):
    note = delivery.add_note(grant, by=cast["colleague"], happened_on=clock.today(), text="Visited the ward")
    assert (note.person, FieldNote.objects.count()) == (cast["colleague"], 1)
    with pytest.raises(NotPossible, match="future"):
        delivery.add_note(grant, by=cast["lead"], happened_on=overdue(grant).date(), text="x")
    for who in ("sponsor", "secretariat", "conflicted"):
        with pytest.raises(NotPossible) as no:
            delivery.add_note(grant, by=cast[who], happened_on=clock.today(), text="x")
        assert no.value.forbidden


# --- many at once ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_forty_releases_of_one_payment_disburse_once(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    outcomes = race(40, lambda n: payments.release_payment(tranche(grant, 1), by=cast["checker"]).state, NotPossible)
    assert sorted(set(outcomes)) == ["NotPossible", "released"]
    assert (outcomes.count("released"), disbursed(grant)) == (1, [4_000])
    assert list(faults()) == []
