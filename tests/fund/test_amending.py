"""Changes of the agreement: who may, within which limits, and what they move."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from documents.models import StoredFile
from documents.services import read_file
from fund.enums import AmendmentKind, AmendmentState
from fund.errors import InsufficientFunds
from fund.models import AgreementVersion, Amendment, BudgetLine, Grant
from fund.queries import waiting_for
from fund.services import agreement, agreement_files, amending, ledger, payments
from fund.services.grants import sign
from fund.services.verifying import faults
from lifecycle import jobs
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from people.enums import Role
from people.models import Notification

from ..conftest import officers
from ..factories import TERMS, make_grant
from .paths import accounted, paid, reached, tranche, without

BUDGET = [("Travel", 6_000), ("Forms", 4_001)]


def ask(grant, cast, kind="time", who="lead", **asked):
    return amending.ask_for_change(grant, by=cast[who], kind=kind, reason="The road was closed", **asked)


@pytest.fixture
def budgeted(cast, line):
    made = make_grant(cast, line, budget=BUDGET)
    return sign(sign(made, by=cast["lead"]), by=cast["sponsor"])


def fresh(grant):
    return Grant.objects.get(pk=grant.pk)


def test_more_time_moves_open_steps_and_nothing_that_is_settled(cast, grant):
    accounted(cast, grant, 1)
    reached(cast, grant, 1)
    days = [milestone.due_on for milestone in grant.milestones.all()]
    change = ask(grant, cast, days=30)
    assert (change.state, change.small) == ("submitted", True)
    done = amending.approve_change(change, by=cast["secretariat"])
    moved = [milestone.due_on for milestone in grant.milestones.all()]
    assert (done.state, moved) == ("applied", [days[0], *(day + timedelta(days=30) for day in days[1:])])
    assert [report.due_on for report in grant.reports.filter(quarter=None)] == moved
    assert fresh(grant).ends_on == grant.ends_on + timedelta(days=30)
    newest = grant.versions.last()
    assert (newest.number, fresh(grant).agreement, fresh(grant).agreement_sha256) == (2, newest.text, newest.sha256)
    told = agreement.differences(agreement.read(grant.versions.first().text), agreement.read(newest.text))
    assert [what for what, _, _ in told] == ["Milestone “Step 2” is due", "Milestone “Step 3” is due"]


def test_signatures_keep_naming_the_version_that_was_signed(cast, grant):
    amending.approve_change(ask(grant, cast, days=1), by=cast["secretariat"])
    signed = {signature.agreement_sha256 for signature in grant.signatures.all()}
    assert signed == {grant.versions.first().sha256} != {fresh(grant).agreement_sha256}


def test_time_beyond_the_limit_in_sum_is_for_the_board(cast, grant):
    amending.approve_change(ask(grant, cast, days=60), by=cast["secretariat"])
    change = ask(grant, cast, days=31)
    assert change.small is False
    with pytest.raises(NotPossible) as no:
        amending.approve_change(change, by=cast["secretariat"])
    assert no.value.forbidden
    assert amending.approve_change(change, by=cast["board"]).state == "applied"


def test_money_between_items_up_to_a_tenth_applies_by_notice(cast, budgeted):
    change = ask(budgeted, cast, "virement", from_item="Travel", to_item="Forms", amount=1_000)
    assert change.state == "applied"
    assert agreement.read(fresh(budgeted).agreement)["budget"] == [["Travel", 5_000], ["Forms", 5_001]]
    more = ask(budgeted, cast, "virement", from_item="Travel", to_item="Forms", amount=1)
    assert (more.state, more.small) == ("submitted", False)  # 1,001 of 10,001 is more than a tenth
    assert fresh(budgeted).award == 10_001


def test_a_small_move_asked_by_two_presses_of_one_page_moves_once(cast, budgeted):
    key, move = uuid4(), {"from_item": "Travel", "to_item": "Forms", "amount": 100}
    first, second = (ask(budgeted, cast, "virement", key=key, **move) for _ in range(2))
    assert first == second
    assert agreement.read(fresh(budgeted).agreement)["budget"] == [["Travel", 5_900], ["Forms", 4_101]]
    ask(budgeted, cast, "virement", **move)  # negative control: without the key it moves again
    assert agreement.read(fresh(budgeted).agreement)["budget"] == [["Travel", 5_800], ["Forms", 4_201]]


@pytest.mark.parametrize("asked", [
    {"from_item": "Travel", "to_item": "Travel", "amount": 1}, {"from_item": "Tea", "to_item": "Forms", "amount": 1},
    {"from_item": "Travel", "to_item": "Forms", "amount": 6_001}, {"from_item": "Travel", "to_item": "Forms"},
])  # fmt: skip
def test_money_that_is_not_in_an_item_does_not_move(cast, budgeted, asked):
    with pytest.raises(NotPossible):
        ask(budgeted, cast, "virement", **asked)
    assert Amendment.objects.count() == 0


@pytest.fixture
def board2(agencies):
    return officers(Role.BOARD, agencies["farms"], 1)[0]


def test_larger_award_sets_more_aside_and_the_last_payment_carries_it(cast, grant, board2):
    change = ask(grant, cast, "amount", amount=12_001)
    assert change.small is False
    amending.agree_first(change, by=board2)
    amending.approve_change(change, by=cast["board"])
    now = fresh(grant)
    assert (now.amount, now.released, now.award, tranche(grant, 3).amount) == (12_001, 0, 12_001, 4_001)
    assert BudgetLine.objects.get().open_commitments == 12_001
    assert list(faults()) == []


def test_smaller_award_sets_the_difference_free(cast, grant):
    paid(cast, grant, 1)
    amending.approve_change(ask(grant, cast, "amount", amount=9_001), by=cast["board"])
    now = fresh(grant)
    assert (now.award, now.disbursed, tranche(grant, 3).amount) == (9_001, 4_000, 1_001)
    assert BudgetLine.objects.get().available == 1_000_000_000 - 9_001
    assert list(faults()) == []


@pytest.mark.parametrize("amount", [10_001, 8_000, 1, None])
def test_award_that_is_no_change_or_too_small_is_refused(cast, grant, amount):
    with pytest.raises(NotPossible, match="another amount"):
        ask(grant, cast, "amount", amount=amount)


def test_larger_award_needs_two_board_members_and_a_new_reason_asks_both_again(cast, grant, board2):
    change = ask(grant, cast, "amount", amount=12_001)
    with pytest.raises(NotPossible, match="Two board members agree"):
        amending.approve_change(change, by=cast["board"])
    assert amending.agree_first(change, by=cast["board"]).first_yes == cast["board"]
    with pytest.raises(NotPossible):
        amending.agree_first(change, by=board2)
    with pytest.raises(NotPossible) as no:
        amending.approve_change(change, by=cast["board"])
    assert no.value.forbidden
    amending.ask_for_more(change, by=cast["secretariat"], note="What for?")
    amending.add_reason(Amendment.objects.get(), by=cast["lead"], reason="For the second road")
    with pytest.raises(NotPossible, match="Two board members agree"):
        amending.approve_change(change, by=board2)
    amending.agree_first(Amendment.objects.get(), by=board2)
    assert amending.approve_change(Amendment.objects.get(), by=cast["board"]).state == "applied"
    assert fresh(grant).award == 12_001


def test_one_member_is_enough_where_two_are_not_asked(cast, grant, monkeypatch):
    """The control: without the fact that asks for a first yes, one board member raises an award alone."""
    without(monkeypatch, Amendment, "two_agree_to_more")
    amending.approve_change(ask(grant, cast, "amount", amount=12_001), by=cast["board"])
    assert fresh(grant).award == 12_001


@pytest.mark.parametrize(("terms", "most"), [({"stage": "spark"}, "100,000"), ({"ceiling": "12000"}, "120")])
def test_award_never_exceeds_what_the_stage_or_the_call_gives(cast, line, terms, most):
    made = make_grant(cast, line, terms=TERMS | terms)
    grant = sign(sign(made, by=cast["lead"]), by=cast["sponsor"])
    with pytest.raises(NotPossible, match=f"gives at most Nu. {most}"):
        ask(grant, cast, "amount", amount=10_000_001)


def test_award_that_leaves_the_last_payment_too_small_is_refused(cast, grant):
    with pytest.raises(NotPossible, match="The last payment must stay at least 10 % of the whole"):
        ask(grant, cast, "amount", amount=8_888)
    assert ask(grant, cast, "amount", amount=8_890).state == "submitted"


def test_items_still_add_up_to_a_changed_award(cast, budgeted, board2):
    for wrong in ("", "Boats"):
        with pytest.raises(NotPossible, match="Choose the item"):
            ask(budgeted, cast, "amount", amount=12_001, to_item=wrong)
    amending.agree_first(ask(budgeted, cast, "amount", amount=12_001, to_item="Forms"), by=board2)
    amending.approve_change(Amendment.objects.get(), by=cast["board"])
    said = agreement.read(fresh(budgeted).agreement)
    assert (said["amount"], dict(said["budget"])) == (12_001, {"Travel": 6_000, "Forms": 6_001})


def test_larger_award_beyond_the_line_is_refused_and_nothing_moves(cast, grant, board2):
    change = ask(grant, cast, "amount", amount=20_001)
    amending.agree_first(change, by=board2)
    line = BudgetLine.objects.get()
    ledger.lapse(line=line, amount=line.available, source="all", by=cast["head"])
    with pytest.raises(InsufficientFunds):
        amending.approve_change(change, by=cast["board"])
    assert (Amendment.objects.get().state, fresh(grant).award, grant.versions.count()) == ("submitted", 10_001, 1)


def test_award_changes_no_payment_that_is_already_prepared(cast, line):
    made = make_grant(cast, line, steps=((30, 100),))
    made = sign(sign(made, by=cast["lead"]), by=cast["sponsor"])
    change = ask(made, cast, "amount", amount=9_000)
    payments.prepare_payment(tranche(made, 1), by=cast["maker"])
    with pytest.raises(NotPossible, match="No payment is left"):
        amending.approve_change(change, by=cast["board"])


def test_scope_is_for_the_board_and_stands_in_the_next_version(cast, grant):
    with pytest.raises(NotPossible, match="Say what changes"):
        ask(grant, cast, "scope", text=" ")
    amending.approve_change(ask(grant, cast, "scope", text="Two valleys, not three"), by=cast["board"])
    assert agreement.read(fresh(grant).agreement)["changes"] == ["Two valleys, not three"]


def test_more_is_asked_answered_and_denied_with_a_reason(cast, grant):
    change = ask(grant, cast, days=5)
    with pytest.raises(NotPossible, match="Give a reason"):
        amending.ask_for_more(change, by=cast["secretariat"])
    change = amending.ask_for_more(change, by=cast["secretariat"], note="Which road?")
    with pytest.raises(NotPossible, match="Say what was asked"):
        amending.add_reason(change, by=cast["lead"])
    change = amending.add_reason(change, by=cast["lead"], reason="The one to Haa")
    with pytest.raises(NotPossible, match="Give a reason"):
        amending.deny_change(change, by=cast["secretariat"])
    assert amending.deny_change(change, by=cast["secretariat"], note="It is open again").state == "denied"
    assert Notification.objects.filter(body__contains="It is open again").count() == 2
    assert grant.versions.count() == 1


@pytest.mark.parametrize("who", ["colleague", "sponsor", "secretariat", "board", "conflicted", "stranger"])
def test_nobody_but_the_lead_asks_for_a_change(cast, grant, who):
    with pytest.raises(NotPossible) as no:
        ask(grant, cast, who=who, days=5)
    assert no.value.forbidden


@pytest.mark.parametrize("who", ["lead", "colleague", "sponsor", "head", "maker", "administrator", "conflicted"])
def test_nobody_but_secretariat_and_board_answers_it_and_superuser_is_nothing(cast, grant, who):
    change = ask(grant, cast, days=5)
    cast[who].is_superuser = True
    cast[who].save()
    with pytest.raises(NotPossible) as no:
        amending.approve_change(change, by=cast[who])
    assert no.value.forbidden


def test_one_change_at_a_time_and_the_database_says_so_too(cast, grant):
    change = ask(grant, cast, days=5)
    with pytest.raises(NotPossible, match="Another change is open"):
        ask(grant, cast, days=6)
    change.pk, change.number = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        change.save(force_insert=True)


@pytest.mark.parametrize("state", ["stopping", "stopped_early", "completed"])
def test_grant_that_does_not_run_is_not_changed(cast, grant, state, monkeypatch):
    change = ask(grant, cast, days=5)
    Grant.objects.update(state=state)
    with pytest.raises(NotPossible, match="not running"):
        amending.approve_change(change, by=cast["secretariat"])
    Amendment.objects.update(state="denied")
    with pytest.raises(NotPossible, match="not running"):
        ask(grant, cast, days=5)
    Amendment.objects.update(state="submitted")
    without(monkeypatch, Amendment, "grant_is_active")
    assert amending.approve_change(change, by=cast["secretariat"]).state == "applied"


def test_time_with_nothing_left_to_move_is_refused(cast, grant):
    grant.milestones.update(state="accepted")
    with pytest.raises(NotPossible, match="no step is left"):
        ask(grant, cast, days=5)
    with pytest.raises(NotPossible, match="by how many days"):
        ask(grant, cast)


def test_version_of_an_agreement_never_changes(cast, grant):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AgreementVersion.objects.update(text="{}")


def test_change_waits_for_whoever_answers_it(cast, grant):
    def waits(who):
        return [row.what for row in waiting_for(cast[who]) if "change" in row.what]

    change = ask(grant, cast, days=5)
    assert (waits("secretariat"), waits("board")) == (["Look at change 1"], [])
    amending.ask_for_more(change, by=cast["secretariat"], note="Why?")
    assert (waits("secretariat"), waits("lead")) == ([], ["Add what was asked to change 1"])
    Amendment.objects.update(state=AmendmentState.SUBMITTED, small=False)
    assert (waits("secretariat"), waits("board")) == ([], ["Answer change 1"])


# --- pages --------------------------------------------------------------------------------------------------


def test_lead_asks_and_secretariat_answers_in_the_browser(client, cast, budgeted):
    client.force_login(cast["lead"])
    path = reverse("change_new", args=[budgeted.case])
    wrong = client.post(path, {"kind": "time", "reason": "Snow"})
    assert wrong.status_code == 400
    assert "This is needed for the change you chose." in wrong.content.decode()
    data = {"kind": "time", "days": "10", "amount": "5", "text": "x", "reason": "Snow"}
    answer = client.post(path, data)
    change = Amendment.objects.get()
    assert answer.headers["Location"] == change.get_absolute_url()
    assert (change.days, change.amount, change.text) == (10, None, "")  # what was not asked is not kept
    client.force_login(cast["secretariat"])
    act = reverse("act", args=["fund.amendment", change.pk, "approve"])
    assert act in client.get(change.get_absolute_url()).content.decode()
    client.post(act, {"note": "Agreed"})
    text = client.get(reverse("agreement", args=[budgeted.case])).content.decode()
    assert "Version 2" in text
    assert "Milestone “Step 1” is due" in text


def test_one_kind_is_chosen_and_each_question_says_whose_it_is(client, cast, budgeted):
    client.force_login(cast["lead"])
    path = reverse("change_new", args=[budgeted.case])
    text = client.get(path).content.decode()
    assert (text.count('type="radio" name="kind"'), 'type="checkbox"' in text) == (len(AmendmentKind), False)
    moved = text[text.index('data-shown-value="virement"') :]
    assert 'name="amount"' not in moved[: moved.index('name="moved"')]
    items = agreement.read(budgeted.agreement)["budget"]
    data = {"kind": "virement", "from_item": items[0][0], "to_item": items[1][0], "moved": "1", "amount": "7"}
    assert client.post(path, data | {"reason": "Cheaper forms"}).status_code == 302
    assert Amendment.objects.get().amount == 100


def test_change_is_improved_on_its_own_page(client, cast, grant):
    change = amending.ask_for_more(ask(grant, cast, days=5), by=cast["secretariat"], note="Why?")
    client.force_login(cast["lead"])
    assert "more/" in client.get(change.get_absolute_url()).content.decode()
    client.post(reverse("change_more", args=[grant.case, 1]), {"reason": "Snow until May"})
    assert (Amendment.objects.get().state, Amendment.objects.get().reason) == ("submitted", "Snow until May")


def test_pdf_of_a_version_names_money_days_signatures_and_hash(client, cast, grant):
    client.force_login(cast["sponsor"])
    path = reverse("agreement", args=[grant.case])
    assert client.post(path, {"version": "9"}).status_code == 404
    answer = client.post(path, {"version": "1"})
    job = Job.objects.get(name="fund.make_agreement")
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    assert jobs.run(job.pk)
    stored = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(read_file(stored))).pages)
    flat = "".join(text.split())
    for words in ("Nu. 100.01", "Name of sponsor", "Step 3", grant.agreement_sha256, "Stop rule"):
        assert "".join(words.split()) in flat, words
    assert stored.owner_id == cast["sponsor"].pk


def test_pdf_is_not_made_for_whoever_lost_sight_of_the_grant(client, cast, grant):
    job = agreement_files.ask(grant.versions.get(), by=cast["stranger"])
    jobs.run(job.pk)
    assert not StoredFile.objects.exists()
