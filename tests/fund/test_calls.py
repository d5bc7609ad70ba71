from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from fund.models import Call, CallVersion, Criterion, Extension, Question
from fund.services import call_setup, calls
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import Notification
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import make_call, open_call
from ..remembering import remembered


@remembered
def draft(cast, line):
    return make_call(cast["secretariat"], budget_line=line)


@remembered
def handed_over(cast, draft):
    return calls.hand_over(draft, by=cast["secretariat"])


def test_call_is_approved_by_the_head_and_never_by_its_author(handed_over, cast):
    with pytest.raises(NotPossible):
        calls.approve(handed_over, by=cast["secretariat"], note="x")
    done = calls.approve(handed_over, by=cast["head"], note="Few people.")
    assert (done.state, done.approved_by, done.shortage_reason) == ("approved", cast["head"], "Few people.")


def test_call_written_by_the_head_needs_another_head(draft, cast):
    grant_role(by=system_user(), person=cast["secretariat"], role=Role.HEAD, reason="t")
    handed = calls.hand_over(draft, by=cast["secretariat"])
    with pytest.raises(NotPossible) as no:
        calls.approve(handed, by=cast["secretariat"], note="x")
    assert no.value.forbidden


def test_approval_by_the_author_is_refused_by_the_database(handed_over, cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=handed_over.pk).update(approved_by=cast["secretariat"])


def test_call_by_others_is_refused(cast, line):
    with pytest.raises(NotPossible, match="Only the secretariat"):
        make_call(cast["lead"])


def test_call_that_is_over_cannot_be_approved(handed_over, cast):
    with clock.frozen(handed_over.closes_at), pytest.raises(NotPossible, match="must lie in the future"):
        calls.approve(handed_over, by=cast["head"], note="x")


def test_call_is_not_approved_from_the_draft(draft, cast):
    with pytest.raises(NotPossible, match="Being prepared"):
        calls.approve(draft, by=cast["head"], note="x")


def test_call_returned_needs_a_reason_and_tells_its_author(handed_over, cast):
    with pytest.raises(NotPossible, match="Give a reason"):
        calls.give_back(handed_over, by=cast["head"], note="")
    assert calls.give_back(handed_over, by=cast["head"], note="The ceiling is too high.").state == "draft"
    told = Notification.objects.get(person=cast["secretariat"], subject__startswith="Returned to you")
    assert "The ceiling is too high." in told.body


def test_each_hand_over_with_changes_freezes_a_new_version(handed_over, cast):
    back = calls.give_back(handed_over, by=cast["head"], note="Cheaper.")
    again = calls.hand_over(back, by=cast["secretariat"])
    assert CallVersion.objects.filter(call=again).count() == 1
    back = calls.give_back(again, by=cast["head"], note="Cheaper.")
    values = {name: getattr(back, name) for name in call_setup.COLUMNS["money"]} | {"ceiling": 50_000_000}
    call_setup.save_task(back, by=cast["secretariat"], task="money", values=values, done=True)
    calls.hand_over(back, by=cast["secretariat"])
    old, new = CallVersion.objects.filter(call=back)
    assert (old.facts["Money for one proposal"], new.facts["Money for one proposal"]) == (
        "Nu. 1,000,000", "Nu. 500,000",
    )  # fmt: skip


def test_hand_over_of_a_call_without_budget_line_is_refused(cast, line):
    call = make_call(cast["secretariat"])
    Call.objects.filter(pk=call.pk).update(budget_line=None)
    with pytest.raises(NotPossible, match="Choose the budget line"):
        calls.hand_over(call, by=cast["secretariat"])


# Frozen: every column on which people rely, every criterion and question, on both databases

CHANGES = {
    "title": "Other", "purpose": "Other", "who_can_apply": "Nobody", "ceiling": 1, "reviews_needed": 2,
    "least_halves": 1, "least_total": 1, "answer_days": 99, "names_hidden": True, "funding_rule": "skip",
    "lots_rule": "rank_interval", "budget_line": None, "stage": "build", "kind": "rolling", "reference": "other",
    "leads_regular": "x", "leads_contract": "x", "leads_deputed": "x", "have_ready": "x", "minutes_needed": 1,
    "length_weeks": 1, "expected": 1, "urgent_reason": "x",
}  # fmt: skip


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("state", ["handed_over", "call"])
def test_nothing_changes_in_the_database_after_hand_over(request, state, column):
    call = request.getfixturevalue(state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(**{column: CHANGES[column]})


@pytest.mark.parametrize("column", ["opens_at", "closes_at"])
def test_dates_do_not_move_in_the_database_after_hand_over(handed_over, column):
    later = getattr(handed_over, column) + timedelta(hours=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=handed_over.pk).update(**{column: later})


def test_an_approved_call_never_goes_back_to_the_draft_in_the_database(call):
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(state="draft")


def test_criteria_and_questions_are_frozen_in_the_database(call):
    row = call.criteria.first()
    values = {"call": call, "position": 99, "name": "x", "weight": 1}
    for change in (
        lambda: Criterion.objects.filter(pk=row.pk).update(weight=1),
        lambda: Criterion.objects.filter(pk=row.pk).update(anchors=[]),
        lambda: Criterion.objects.create(**values),
        lambda: Question.objects.create(call=call, position=1, kind="text", text="x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    if connection.vendor == "postgresql":  # on SQLite the tests drop this one trigger to empty tables
        with pytest.raises(IntegrityError), transaction.atomic():
            row.delete()


def test_criteria_can_be_changed_with_the_trigger_taken_away(call):
    """The negative control: it is the trigger that refuses."""
    name = "fund_frozen ON fund_criterion" if connection.vendor == "postgresql" else "fund_criterion_no_update"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
        assert Criterion.objects.filter(call=call).update(weight=20) == 5
        transaction.set_rollback(True)


def test_every_service_of_the_set_up_refuses_a_call_that_was_handed_over(handed_over, cast):
    by = cast["secretariat"]
    money = {name: getattr(handed_over, name) for name in call_setup.COLUMNS["money"]}
    question = Question(call=handed_over, position=1, kind="text", text="x")
    for act in (
        lambda: call_setup.save_task(handed_over, by=by, task="money", values=money, done=True),
        lambda: call_setup.save_criteria(handed_over, by=by, rows=[], done=False),
        lambda: call_setup.save_question(handed_over, by=by, question=None, values={"kind": "text", "text": "x"}),
        lambda: call_setup.move_question(handed_over, by=by, question=question),
        lambda: call_setup.remove_question(handed_over, by=by, question=question),
    ):
        with pytest.raises(NotPossible, match="Only a call that is being prepared"):
            act()


def test_versions_and_extensions_are_append_only(handed_over):
    with pytest.raises(DatabaseError), transaction.atomic():
        CallVersion.objects.update(content="{}")
    assert Extension.objects.count() == 0


# Urgent


def urgent(cast, line, **fields):
    return make_call(
        cast["secretariat"], reference="urgent-1", kind="urgent", budget_line=line,
        **{"urgent_reason": "The flood took three bridges."} | fields,
    )  # fmt: skip


def test_urgent_call_has_two_reviews_and_answers_within_five_days(cast, line):
    call = urgent(cast, line)
    assert (call.reviews_needed, call.answer_days) == (2, 5)


def test_urgent_call_needs_a_reason(cast, line):
    with pytest.raises(NotPossible, match="Say why it is urgent"):
        calls.hand_over(urgent(cast, line, urgent_reason=""), by=cast["secretariat"])


def test_urgent_call_of_ninety_one_days_is_refused(cast, line):
    call = urgent(cast, line, closes_at=clock.now() + timedelta(days=91))
    with pytest.raises(NotPossible, match="90 days at most"):
        calls.hand_over(call, by=cast["secretariat"])


def test_urgent_call_is_declared_by_the_head_and_one_board_member(cast, line):
    handed = calls.hand_over(urgent(cast, line), by=cast["secretariat"])
    with pytest.raises(NotPossible, match="needs a board member who declares"):
        calls.approve(handed, by=cast["head"], note="x")
    with pytest.raises(NotPossible):
        calls.declare_urgent(handed, by=cast["head"])
    declared = calls.declare_urgent(handed, by=cast["board"])
    assert declared.declared_by == cast["board"]
    assert calls.approve(declared, by=cast["head"], note="x").state == "approved"


def test_head_who_is_also_of_the_board_does_not_declare_and_approve_alone(cast, line):
    grant_role(by=system_user(), person=cast["head"], role=Role.BOARD, reason="t")
    handed = calls.hand_over(urgent(cast, line), by=cast["secretariat"])
    declared = calls.declare_urgent(handed, by=cast["head"])
    with pytest.raises(NotPossible) as no:
        calls.approve(declared, by=cast["head"], note="x")
    assert no.value.forbidden
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=handed.pk).update(approved_by=cast["head"])


# Rolling


def test_rolling_call_stays_open_until_the_head_closes_it(cast, line):
    call = open_call(cast["secretariat"], cast["head"], kind="rolling", closes_at=None, reference="rolling-1")
    with clock.frozen(clock.shift(days=1000)):
        assert (call.is_open, call.in_time(), call.is_over_for(None)) == (True, True, False)
    closed = calls.close(call, by=cast["head"])
    assert closed.is_open
    with clock.frozen(closed.closes_at):
        assert not closed.is_open
    with pytest.raises(NotPossible, match="has an end already"):
        calls.close(closed, by=cast["head"])


def test_dated_call_without_an_end_is_refused_by_the_database(cast, line):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_call(cast["secretariat"], closes_at=None)


# Copying


def test_copy_of_a_past_call_takes_everything_but_dates_line_and_people(call, cast):
    copied = calls.copy_call(call, by=cast["secretariat"], reference="explore-2", title="Again")
    names = ("purpose", "ceiling", "reviews_needed", "least_total", "funding_rule", "lots_rule", "have_ready")
    assert [getattr(copied, name) for name in names] == [getattr(call, name) for name in names]
    rows = ("position", "name", "weight", "anchors")
    assert list(copied.criteria.values_list(*rows)) == list(call.criteria.values_list(*rows))
    assert (copied.state, copied.budget_line, copied.tasks_done, copied.approved_by) == ("draft", None, [], None)


def test_copy_keeps_which_question_depends_on_which(cast, line):
    past = make_call(cast["secretariat"])
    by = cast["secretariat"]
    first = {"kind": "choice", "text": "Where?", "choices": ["Town", "Village"]}
    first = call_setup.save_question(past, by=by, question=None, values=first)
    second = {"kind": "text", "text": "Which village?", "shown_if": first, "shown_value": "Village"}
    call_setup.save_question(past, by=by, question=None, values=second)
    copied = calls.copy_call(past, by=by, reference="explore-2", title="Again")
    one, two = copied.questions.all()
    assert (two.shown_if, two.shown_value, one.choices) == (one, "Village", ["Town", "Village"])
    assert one.pk != first.pk


def test_start_with_a_reference_that_exists_says_so(call, cast):
    with pytest.raises(NotPossible, match="already a call with the reference"):
        calls.start_call(by=cast["secretariat"], reference=call.reference, title="x", stage="explore", kind="dated")


# States after closing


def test_call_goes_from_judging_to_settled_only_when_all_is_done(call, submitted, cast):
    with pytest.raises(NotPossible, match="Somebody can still submit"):
        perform(call, "judge", by=cast["secretariat"])
    with clock.frozen(call.closes_at + timedelta(minutes=5)):
        judging = perform(call, "judge", by=cast["secretariat"])
        with pytest.raises(NotPossible, match="no answer yet"):
            perform(judging, "settle_decisions", by=cast["secretariat"])
        perform(submitted, "withdraw", by=cast["lead"])
        decided = perform(judging, "settle_decisions", by=cast["secretariat"])
        assert perform(decided, "settle", by=cast["secretariat"]).state == "settled"


# What the public sees


def test_call_closing_before_opening_is_refused_by_the_database(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=draft.pk).update(closes_at=draft.opens_at)


@pytest.mark.parametrize("state", ["draft", "handed_over"])
def test_call_in_preparation_is_hidden_from_the_public(request, client, cast, state):
    call = request.getfixturevalue(state)
    assert client.get(call.get_absolute_url()).status_code == 404
    client.force_login(cast["secretariat"])
    assert client.get(call.get_absolute_url()).status_code == 200


def test_call_page_tells_the_public_how_it_is_judged(client, call):
    page = client.get(call.get_absolute_url()).content.decode()
    assert "Public value and user need, 30 %" in page
    assert "Up to Nu. 1,000,000 for each proposal" in page
    assert f"/account/login/?next={reverse('call_detail', args=[call.reference])}" in page


def test_call_closing_at_midnight_is_shown_as_2359(client, cast, line):
    call = open_call(cast["secretariat"], cast["head"], closes_at=datetime(2030, 1, 3, 18, tzinfo=UTC))
    assert "3 January 2030, 23:59 (Thimphu)" in client.get(call.get_absolute_url()).content.decode()


def test_open_is_derived_from_the_clock(call):
    assert call.is_open
    with clock.frozen(call.closes_at):
        assert not call.is_open


def test_people_of_the_board_see_only_urgent_calls_before_approval(cast, line, handed_over):
    quick = calls.hand_over(urgent(cast, line), by=cast["secretariat"])
    assert list(Call.objects.visible_to(cast["board"])) == [quick]
    assert not Call.objects.visible_to(cast["lead"]).exists()
