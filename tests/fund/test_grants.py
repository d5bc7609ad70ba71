import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from fund.errors import InsufficientFunds
from fund.models import BudgetLine, Grant, LedgerEntry, Signature
from fund.services import closing, delivery, grants, payments, stopping
from fund.services.agreement import split
from fund.services.verifying import faults
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available, perform
from people.models import Notification
from people.services.accounts import system_user

from ..factories import make_grant, make_line
from ..races import race
from .paths import SAID, accounted, completed, paid, reached, spent, without


def money_of(grant):
    fresh = Grant.objects.get(pk=grant.pk)
    return (fresh.released, fresh.disbursed, fresh.spent, fresh.refunded)


def states(grant):
    return [t.state for t in grant.tranches.all()]


# --- offer and signatures -------------------------------------------------------------------------------------


def test_offer_fixes_text_hash_payments_and_the_day_it_expires(cast, line):
    with clock.frozen(datetime(2027, 11, 22, 20, tzinfo=UTC)):  # Tuesday the 23rd, 02:00 in Thimphu
        offered = make_grant(cast, line)
    assert offered.state == "offered"
    assert offered.agreement_sha256 == hashlib.sha256(offered.agreement.encode()).hexdigest()
    said = json.loads(offered.agreement)
    assert (said["amount"], said["terms"]["stop_rule"]) == (10_001, "Above 2.0 after three months.")
    assert [(t.position, t.amount, t.state) for t in offered.tranches.all()] == [
        (1, 4_000, "locked"), (2, 4_000, "locked"), (3, 2_001, "locked"),
    ]  # fmt: skip
    assert [t.after and t.after.position for t in offered.tranches.all()] == [None, 1, 2]
    assert offered.offer_expires_at == datetime(2027, 12, 21, 18, tzinfo=UTC)  # 20 business days on: Tuesday the 21st
    told = Notification.objects.filter(key__contains=":offered:").values_list("person__email", flat=True)
    assert sorted(told) == ["lead@x.example", "sponsor@x.example"]


def test_a_spark_is_one_payment(cast, line):
    assert [t.amount for t in make_grant(cast, line, amount=77, steps=((56, 100),)).tranches.all()] == [77]


@given(st.integers(1, 10**12), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_split_sums_to_the_amount_exactly(amount, parts):
    shares = [*parts, 100 - sum(parts)] if sum(parts) < 100 else [100]
    amounts = split(amount, shares)
    assert sum(amounts) == amount
    assert all(abs(part * 100 - amount * share) <= 100 for part, share in zip(amounts, shares, strict=True))


def test_offer_needs_its_money_set_aside(cast, line):
    with pytest.raises(NotPossible, match=r"Nu. 1 must be set aside for this case on budget line moh-2026 first"):
        grants.offer(
            by=cast["secretariat"], case=uuid4(), reference="x", title="t", line=line, amount=100, lead=cast["lead"],
            sponsor=cast["sponsor"], lead_agency=line.agency, milestones=[("a", clock.today(), 100)], terms={},
        )  # fmt: skip
    assert not Grant.objects.exists()


@pytest.mark.parametrize("steps", [((30, 40), (60, 59)), ((30, 100), (60, 0)), ((60, 50), (30, 50))])
def test_offer_with_shares_or_days_that_do_not_fit_is_refused(cast, line, steps):
    with pytest.raises(NotPossible, match=r"shares|order"):
        make_grant(cast, line, steps=steps)


@pytest.mark.parametrize("who", ["lead", "sponsor", "board", "maker", "checker", "auditor", "administrator"])
def test_offer_by_others_is_refused(cast, line, who):
    with pytest.raises(NotPossible) as no:
        make_grant(cast, line, by=cast[who])
    assert no.value.forbidden


@pytest.mark.parametrize("order", [("lead", "sponsor"), ("sponsor", "lead")])
def test_the_second_signature_starts_the_grant(cast, offered, order):
    first = grants.sign(offered, by=cast[order[0]])
    assert first.state == "offered"
    second = grants.sign(offered, by=cast[order[1]])
    assert (second.state, second.starts_on) == ("active", clock.today())
    assert states(second) == ["releasable", "locked", "locked"]
    assert [m.state for m in second.milestones.all()] == ["in_progress", "planned", "planned"]
    assert [r.due_on for r in second.reports.all()] == [m.due_on for m in second.milestones.all()]
    signed = {(s.part, s.person.email, s.name, s.agreement_sha256) for s in Signature.objects.all()}
    digest = second.agreement_sha256
    assert signed == {
        ("lead", "lead@x.example", "Name of lead", digest), ("sponsor", "sponsor@x.example", "Name of sponsor", digest),
    }  # fmt: skip


def test_signing_twice_is_refused(cast, offered):
    grants.sign(offered, by=cast["lead"])
    with pytest.raises(NotPossible, match="signed already"):
        grants.sign(offered, by=cast["lead"])


@pytest.mark.parametrize("who", ["colleague", "sponsor2", "head", "secretariat", "conflicted", "stranger"])
def test_signing_by_others_is_refused(cast, offered, who):
    with pytest.raises(NotPossible) as no:
        grants.sign(offered, by=cast[who])
    assert no.value.forbidden
    assert not Signature.objects.exists()


def test_signing_after_the_last_moment_is_refused(cast, offered):
    with clock.frozen(offered.offer_expires_at - timedelta(microseconds=1)):
        grants.sign(offered, by=cast["lead"])
    with clock.frozen(offered.offer_expires_at), pytest.raises(NotPossible, match="is over"):
        grants.sign(offered, by=cast["sponsor"])


def test_a_fourth_running_grant_of_one_lead_is_refused(cast, line, grant):
    for _ in range(2):
        other = make_grant(cast, line)
        grants.sign(other, by=cast["lead"])
        grants.sign(other, by=cast["sponsor"])
    with pytest.raises(NotPossible, match="already runs 3 grants"):
        grants.sign(make_grant(cast, line), by=cast["lead"])


def test_decline_gives_all_the_money_back(cast, offered):
    declined = grants.decline_offer(offered, by=cast["lead"], note="No time")
    assert (declined.state, BudgetLine.objects.get().available, money_of(offered)) == (
        "declined", 1_000_000_000, (10_001, 0, 0, 0),
    )  # fmt: skip
    assert list(faults()) == []


def test_due_offers_expire_and_give_all_the_money_back(cast, offered, line):
    assert grants.expire_due_offers() == 0
    with clock.frozen(offered.offer_expires_at):
        assert (grants.expire_due_offers(), grants.expire_due_offers()) == (1, 0)
    assert Grant.objects.get().state == "expired"
    assert BudgetLine.objects.get().available == 1_000_000_000
    assert list(faults()) == []


def test_expiry_before_its_time_or_by_a_person_is_refused(cast, offered):
    with pytest.raises(NotPossible, match="still stands"):
        grants.expire_offer(offered, by=system_user())
    with clock.frozen(offered.offer_expires_at), pytest.raises(NotPossible) as no:
        grants.expire_offer(offered, by=cast["secretariat"])
    assert no.value.forbidden


# --- the ways it ends -----------------------------------------------------------------------------------------


def test_the_whole_way_to_completion(cast, grant):
    done = completed(cast, grant)
    assert (done.state, money_of(grant)) == ("completed", (0, 8_000, 8_000, 0))
    closing.hand_in(done.close_out, by=cast["lead"], **SAID)
    accounted(cast, grant, 3)
    assert money_of(grant) == (0, 10_001, 10_001, 0)
    assert perform(done.close_out, "close_accounts", by=cast["checker"]).state == "closed"
    assert BudgetLine.objects.get().available == 1_000_000_000 - 10_001
    assert list(faults()) == []


def test_completion_frees_what_a_missed_milestone_left(cast, grant):
    accounted(cast, grant, 1)
    reached(cast, grant, 1)
    accounted(cast, grant, 2)
    reached(cast, grant, 2, how=delivery.miss_milestone)
    assert states(grant) == ["accounted", "accounted", "cancelled"]
    reached(cast, grant, 3)
    assert stopping.complete_grant(grant, by=cast["secretariat"]).state == "completed"
    assert money_of(grant) == (2_001, 8_000, 8_000, 0)
    assert list(faults()) == []


@pytest.mark.parametrize(("guard", "words"), [
    ("milestones_settled", "Every milestone must be settled"), ("payments_accounted", "Every payment must be"),
    ("reports_accepted", "Every report must be accepted"),
])  # fmt: skip
def test_completion_with_something_open_is_refused(cast, grant, guard, words):
    for place in (1, 2, 3):
        if place < 3:
            accounted(cast, grant, place)
        reached(cast, grant, place)
    part, state = {
        "milestones_settled": (grant.milestones, "submitted"), "payments_accounted": (grant.tranches, "acknowledged"),
        "reports_accepted": (grant.reports, "submitted"),
    }[guard]  # fmt: skip
    part.filter(pk=part.all()[1].pk).update(state=state)
    with pytest.raises(NotPossible, match=words):
        stopping.complete_grant(grant, by=cast["secretariat"])


def test_stopping_early_frees_what_was_not_paid_and_moves_no_paid_money(cast, grant):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 1_500)
    asked = stopping.ask_to_stop(grant, by=cast["lead"], note="Fewer than 10 families", unspent=2_500)
    assert (asked.state, asked.stop_reason, asked.unspent) == ("stopping", "Fewer than 10 families", 2_500)
    done = stopping.confirm_stop(grant, by=cast["secretariat"], note="Seen")
    assert (done.state, states(done)) == ("stopped_early", ["acknowledged", "cancelled", "cancelled"])
    assert money_of(grant) == (6_001, 4_000, 1_500, 0)
    assert BudgetLine.objects.get().available == 1_000_000_000 - 4_000
    assert Notification.objects.filter(body__contains="Nu. 25 is still open: account for what was spent").exists()
    payments.take_back(grant.tranches.get(position=1), by=cast["checker"], note="Voucher 7")
    assert money_of(grant) == (6_001, 4_000, 1_500, 2_500)
    assert BudgetLine.objects.get().available == 1_000_000_000 - 1_500
    assert list(faults()) == []


@pytest.mark.parametrize("who", ["secretariat", "head", "maker", "lead"])
def test_only_the_checker_says_that_money_came_back(cast, grant, who):
    paid(cast, grant, 1)
    stopping.ask_to_stop(grant, by=cast["lead"], note="Enough", unspent=4_000)
    stopping.confirm_stop(grant, by=cast["secretariat"])
    for person in (cast[who], system_user()):
        with pytest.raises(NotPossible) as no:
            payments.take_back(grant.tranches.get(position=1), by=person)
        assert no.value.forbidden
    assert money_of(grant)[3] == 0


def test_the_checker_takes_back_what_the_page_showed_or_nothing(cast, grant):
    paid(cast, grant, 1)
    spent(cast, grant, 1, 1_500)
    with pytest.raises(NotPossible, match="Meanwhile Nu"):
        payments.take_back(grant.tranches.get(position=1), by=cast["checker"], amount=4_000)
    assert payments.take_back(grant.tranches.get(position=1), by=cast["checker"], amount=2_500).returned == 2_500


def test_stopping_before_any_payment_frees_everything(cast, grant):
    stopping.ask_to_stop(grant, by=cast["lead"], note="The law changed", unspent=0)
    stopping.confirm_stop(grant, by=cast["secretariat"])
    assert BudgetLine.objects.get().available == 1_000_000_000


@pytest.mark.parametrize("moved", ["nothing", "accounted", "came back"])
def test_stop_is_confirmed_whatever_became_of_the_unspent_since_it_was_reported(cast, grant, moved):
    paid(cast, grant, 1)
    stopping.ask_to_stop(grant, by=cast["lead"], note="Enough", unspent=4_000)
    if moved == "accounted":
        payments.account_for(grant.tranches.get(position=1), by=cast["colleague"], note="Forms", amount=3_000)
    elif moved == "came back":
        payments.take_back(grant.tranches.get(position=1), by=cast["checker"])
    assert stopping.confirm_stop(grant, by=cast["secretariat"]).state == "stopped_early"


@pytest.mark.parametrize("taken_away", [False, True])
def test_stop_is_confirmed_only_when_something_is_reported(monkeypatch, cast, grant, taken_away):
    """With the guard: refused. Negative control, the guard taken away: stopped without a word about the money."""
    stopping.ask_to_stop(grant, by=cast["lead"], note="Enough", unspent=0)
    Grant.objects.update(unspent=None)
    if taken_away:
        without(monkeypatch, Grant, "unspent_is_reported")
        assert stopping.confirm_stop(grant, by=cast["secretariat"]).state == "stopped_early"
        return
    with pytest.raises(NotPossible, match="has not reported yet"):
        stopping.confirm_stop(grant, by=cast["secretariat"])


def test_lead_states_anew_what_is_unspent_while_the_grant_is_stopping(cast, grant):
    paid(cast, grant, 1)
    with pytest.raises(NotPossible, match="Running"):
        stopping.restate_unspent(grant, by=cast["lead"], unspent=1)
    stopping.ask_to_stop(grant, by=cast["lead"], note="Enough", unspent=4_000)
    for unspent, words in ((None, "Say how much"), (4_001, "at most Nu. 40"), (-1, "at most Nu. 40")):
        with pytest.raises(NotPossible, match=words):
            stopping.restate_unspent(grant, by=cast["lead"], unspent=unspent)
    for who in ("colleague", "secretariat", "checker"):
        with pytest.raises(NotPossible) as no:
            stopping.restate_unspent(grant, by=cast[who], unspent=1)
        assert no.value.forbidden
    assert stopping.restate_unspent(grant, by=cast["lead"], unspent=1_000).unspent == 1_000
    stopping.confirm_stop(grant, by=cast["secretariat"])
    with pytest.raises(NotPossible, match="Stopped early"):
        stopping.restate_unspent(grant, by=cast["lead"], unspent=0)


@pytest.mark.parametrize(("unspent", "note", "words"), [
    (None, "x", "how much"), (1, "x", "at most Nu. 0"), (-1, "x", "at most"), (0, " ", "Say which stop rule"),
])  # fmt: skip
def test_stop_without_reason_or_with_a_wrong_amount_is_refused(cast, grant, unspent, note, words):
    with pytest.raises(NotPossible, match=words):
        stopping.ask_to_stop(grant, by=cast["lead"], note=note, unspent=unspent)
    assert Grant.objects.get().state == "active"


@pytest.mark.parametrize("who", ["colleague", "sponsor", "head", "maker", "conflicted"])
def test_stop_by_others_is_refused(cast, grant, who):
    with pytest.raises(NotPossible) as no:
        stopping.ask_to_stop(grant, by=cast[who], note="x", unspent=0)
    assert no.value.forbidden


# --- the database ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "fields"), [
    ("grant_amount_positive|grant_paid_within_amount", {"amount": 0}),
    ("grant_paid_within_amount", {"disbursed": 10_002}), ("grant_paid_within_amount", {"released": -1}),
    ("grant_spent_within_paid", {"spent": 1}), ("grant_spent_within_paid", {"refunded": -1}),
    ("grant_unspent_within_amount", {"unspent": 10_002}), ("grant_runs_only_signed", {"signed_by_lead_at": None}),
    ("grant_state_known", {"state": "x"}),
])  # fmt: skip
def test_the_database_itself_refuses_what_does_not_hold(grant, name, fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(**fields)


def test_the_database_itself_refuses_one_person_on_both_sides(grant):
    with pytest.raises(IntegrityError, match="grant_lead_is_not_sponsor"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(sponsor=grant.lead_id)


def test_verify_ledger_names_a_grant_that_was_altered(grant):
    Grant.objects.filter(pk=grant.pk).update(released=1)
    assert list(faults()) == [f"grant {grant.reference}: released is 1, the entries say 0"]


# --- who sees, many at once, negative controls ----------------------------------------------------------------


def test_grants_are_seen_by_the_team_the_approver_and_the_funds_officers(cast, grant):
    seen = {name for name, person in cast.items() if Grant.objects.visible_to(person).exists()}
    team = {"lead", "colleague", "sponsor"}
    assert seen == team | {"secretariat", "head", "board", "maker", "checker", "auditor"}


def test_actions_on_an_offer_are_those_of_each_part(cast, offered):
    found = {name: [a.name for a in available(offered, person)] for name, person in cast.items()}
    assert {name: actions for name, actions in found.items() if actions} == {
        "lead": ["sign_as_lead", "decline"], "sponsor": ["sign_as_sponsor"],
    }  # fmt: skip


@pytest.mark.parametrize("guard", ["offer_in_time", "unsigned_by_lead", "lead_has_room"])
def test_without_its_guard_a_signature_passes(monkeypatch, cast, line, offered, guard):
    """Negative control: each refusal above rests on exactly this guard."""
    without(monkeypatch, Grant, guard)
    moment = offered.offer_expires_at if guard == "offer_in_time" else clock.now()
    if guard == "unsigned_by_lead":
        grants.sign(offered, by=cast["lead"])
        with pytest.raises(IntegrityError), transaction.atomic():  # the second row of one part
            grants.sign(offered, by=cast["lead"])
        return
    if guard == "lead_has_room":
        for _ in range(3):
            other = make_grant(cast, line)
            grants.sign(other, by=cast["lead"])
            grants.sign(other, by=cast["sponsor"])
    with clock.frozen(moment):
        assert grants.sign(offered, by=cast["lead"]).signed_by_lead_at == moment or guard != "offer_in_time"


@pytest.mark.django_db(transaction=True)
def test_forty_approvals_against_expiry_on_one_line_leave_no_deadlock_and_no_overspend(cast, agencies):
    line = make_line(cast["head"], amount=20_000, agency=agencies["health"])
    old = [make_grant(cast, line, amount=1_000) for _ in range(20)]
    assert BudgetLine.objects.get().available == 0

    def work(number):
        if number % 2:
            with clock.frozen(old[0].offer_expires_at + timedelta(minutes=1)):
                return grants.expire_offer(old[number // 2], by=system_user()).state
        return make_grant(cast, line, amount=1_000).state

    outcomes = race(40, work, InsufficientFunds)
    fresh = BudgetLine.objects.get()
    assert outcomes.count("expired") == 20
    assert len(outcomes) == 40
    assert fresh.available == 20_000 - 1_000 * outcomes.count("offered") >= 0
    assert LedgerEntry.objects.filter(kind="commitment_release").count() == 20
    assert list(faults()) == []


@pytest.mark.django_db(transaction=True)
def test_forty_times_the_same_signatures_start_the_grant_once(cast, offered):
    race(40, lambda n: grants.sign(offered, by=cast["lead" if n % 2 else "sponsor"]).state, NotPossible)
    assert Signature.objects.count() == 2
    assert Grant.objects.get().state == "active"
    assert offered.reports.count() == 3
