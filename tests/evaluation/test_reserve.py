"""The reserve list: by vote or for want of money, told with the batch, called up in order, ended by the clock."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evaluation import reserving
from evaluation.appealing import decision_against, in_words, obstacle
from evaluation.bundle import bundle_of
from evaluation.bundle_form import Differs
from evaluation.enums import Choice
from evaluation.models import Decision, Departure, Letter
from evaluation.services import decide, ranking, release, reserve
from evaluation.tasks import end_reserves
from evaluation.verify import checks_of, digest_of
from fund.errors import InsufficientFunds
from fund.models import BudgetLine, LedgerEntry
from fund.services import ledger
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.models import Notification
from people.services.accounts import system_user
from proposals.models import Proposal
from proposals.needs import call_decided, call_settled

from .. import stages
from ..conftest import new_proposal
from ..remembering import remembered
from .test_letters import text_of

YES, NO, LATER, WAIT = Choice.APPROVE, Choice.DECLINE, Choice.DEFER, Choice.RESERVE
STEPS = ("approve", "decline", "put_in_reserve", "defer")
ASKED = stages.REQUESTED


def money(call, left):
    """Leave so many chhetrum on the line, by an entry of the ledger."""
    line = BudgetLine.objects.get(pk=call.budget_line_id)
    act = ledger.allocate if left > line.available else ledger.lapse
    if left != line.available:
        act(line=line, amount=abs(left - line.available), source=f"test:{uuid4()}", by=system_user())


def page(person, proposal):
    client = Client()
    client.force_login(person)
    return client.get(proposal.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("choices", "left", "allowed"),
    [
        ((WAIT, WAIT, NO), ASKED, ["put_in_reserve"]), ((YES, WAIT, NO), ASKED, ["put_in_reserve"]),
        ((YES, YES, WAIT), ASKED, ["approve"]), ((NO, NO, WAIT), ASKED, ["decline"]), ((WAIT, WAIT), ASKED, []),
        ((YES, LATER, NO), ASKED, ["defer"]), ((WAIT, LATER, NO), ASKED, ["defer"]),
        ((YES, YES, YES), ASKED - 1, ["approve", "put_in_reserve"]),  # the ledger refuses the first
    ],
)  # fmt: skip
def test_reserve_takes_a_majority_or_an_approval_that_the_money_does_not_reach(pending, panel, choices, left, allowed):
    money(pending.call, left)
    proposal = stages.votes(pending, panel["board"][: len(choices)], *choices)
    assert [name for name in STEPS if not explain(proposal, name)] == allowed


@remembered
def three(funded_call, cast, panel):
    """First, second and third of a ranking, all before the board, each voted onto the reserve list."""
    made = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second", "Third")]
    for row, halves in zip(made, (9, 8, 7), strict=True):
        stages.judge(row, cast, panel["reviewers"], (halves,) * 3)
    ranking.run(stages.fresh(made[0]), by=cast["secretariat"])
    for row in made:
        on = perform(stages.fresh(row), "recommend", by=panel["chair"], note="It is good.")
        on = perform(on, "bring_to_board", by=cast["secretariat"])
        decide.reserve(stages.votes(on, panel["board"][:3], WAIT, WAIT, YES), by=panel["board"][0])
    return made


@pytest.fixture
def told(three, cast, panel, funded_call):
    """The same, released, with nothing left on the line."""
    stages.tell(stages.fresh(three[0]), cast, panel["chair"])
    money(funded_call, 0)
    return [stages.fresh(row) for row in three]


def test_before_the_release_the_team_finds_no_trace_and_nothing_is_set_aside(three, cast, line):
    for row in map(stages.fresh, three):
        assert (row.state, row.waits_for, row.reserved_until, row.released_at) == ("reserved", ASKED, None, None)
        for who in ("lead", "colleague", "sponsor"):
            text = page(cast[who], row)
            assert "Being judged" in text
            assert "reserve" not in text.lower()
    assert not LedgerEntry.objects.filter(kind="commitment").exists()
    assert not call_decided(three[0].call)
    assert end_reserves() is None
    assert Proposal.objects.filter(state="reserved").count() == 3  # no clock runs before the team knows


def test_it_is_told_with_the_batch_and_the_letter_says_what_waits_and_until_when(three, cast, panel, funded_call):
    with pytest.raises(NotPossible, match="certifies the feedback for"):
        release.release(stages.fresh(three[0]), by=cast["secretariat"])
    stages.tell(stages.fresh(three[0]), cast, panel["chair"])
    row, letter = stages.fresh(three[0]), Letter.objects.get(proposal=three[0])
    today = timezone.localtime(clock.now()).date()
    assert row.reserved_until == reserving.last_day_from(today, funded_call)
    assert (row.reserved_until.year * 12 + row.reserved_until.month) - (today.year * 12 + today.month) == 6
    said = text_of(letter)
    for part in (
        "The fund's decision: on the reserve list", "it waits for Nu. 399,999.99 to become free",
        f"until {in_words(row.reserved_until)}", "On the evidence.", stages.WHOLE["strength"], "Place 1 of 3",
    ):  # fmt: skip
        assert part in said, part
    assert [person.full_name for person in panel["board"] if person.full_name in said] == []
    assert Notification.objects.get(key=f"letter:{letter.pk}:{cast['lead'].pk}").subject.startswith(
        "Your proposal is on"
    )
    assert "On the reserve list" in page(cast["lead"], row)
    assert call_decided(funded_call)
    assert not call_settled(funded_call)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=row.pk).update(reserved_until=None)


def test_free_money_goes_down_the_list_in_its_order_and_never_twice(told, cast, funded_call):
    first, second, _ = told
    assert [row.title for row in reserving.in_order(funded_call)] == ["First", "Second", "Third"]
    with pytest.raises(NotPossible, match="Its turn has not come"):
        reserve.call_up(first, by=cast["secretariat"])
    money(funded_call, ASKED * 2 - 1)
    with pytest.raises(NotPossible, match="Its turn has not come"):
        reserve.call_up(second, by=cast["secretariat"])
    up = reserve.call_up(first, by=cast["secretariat"])
    assert (up.state, up.released_at, up.reserved_until) == ("decision_pending", None, None)
    assert up.answer_by > clock.today()
    assert reserving.free_money(funded_call) == ASKED - 1  # what was called up counts on it
    with pytest.raises(NotPossible, match="Its turn has not come"):
        reserve.call_up(second, by=cast["secretariat"])
    assert Notification.objects.filter(subject__startswith="Money became free", person=cast["lead"]).count() == 1
    text = page(cast["lead"], up)
    assert "Being judged" in text
    assert "It stood on the reserve list, and money became free." in text


def test_skip_rule_passes_over_who_is_too_dear(told, cast, funded_call):
    first, second, _ = told
    Proposal.objects.filter(pk=first.pk).update(waits_for=ASKED * 3)
    money(funded_call, ASKED)
    assert explain(second, "call_up") != []
    second.call.funding_rule = "skip"  # in memory: a call is frozen
    assert explain(second, "call_up") == []


def test_the_approval_sets_the_money_aside_and_the_bundle_recomputes(told, cast, panel, funded_call):
    money(funded_call, ASKED)
    up = reserve.call_up(told[0], by=cast["secretariat"])
    up = stages.votes(up, panel["board"][:3], YES, YES, NO)
    money(funded_call, ASKED - 1)
    with pytest.raises(InsufficientFunds):
        decide.approve(up, by=panel["board"][0])
    assert not LedgerEntry.objects.filter(kind="commitment").exists()
    money(funded_call, ASKED)
    done = decide.approve(up, by=panel["board"][0])
    assert "Being judged" in page(cast["lead"], done)  # until it is told again
    assert LedgerEntry.objects.get(kind="commitment").amount == ASKED
    assert BudgetLine.objects.get(pk=funded_call.budget_line_id).available == 0
    assert [(row.round, row.choice) for row in Decision.objects.filter(proposal=done)] == [(1, WAIT), (2, YES)]
    assert release.release(done, by=cast["secretariat"]).state == "offered"
    bundle = bundle_of(funded_call)
    list(checks_of(bundle))
    row = next(one for one in bundle["decisions"] if one["choice"] == "reserve")
    for votes in (["decline", "decline", "approve"], ["approve", "approve", "approve"]):
        wrong = json.loads(json.dumps(bundle))
        place = bundle["decisions"].index(row)
        for vote, choice in zip(wrong["decisions"][place]["votes"], votes, strict=True):
            vote["choice"] = choice
        with pytest.raises(Differs, match="choice"):
            list(checks_of(wrong | {"sha256": digest_of(wrong)}))


def test_what_stands_inside_the_money_is_a_departure_with_its_reason(three):
    assert set(Departure.objects.values_list("act", flat=True)) == {"reserve"}
    assert "On the evidence." in Departure.objects.first().reason


def test_a_tie_after_the_list_is_deferred_and_a_second_one_declined(told, cast, panel, funded_call):
    money(funded_call, ASKED)
    up = stages.votes(reserve.call_up(told[0], by=cast["secretariat"]), panel["board"], YES, YES, NO, NO)
    assert [name for name in STEPS if not explain(up, name)] == ["defer"]
    up = stages.put_off(up, panel["board"][0], cast["secretariat"])
    up = stages.votes(up, panel["board"], YES, YES, NO, NO)
    assert [name for name in STEPS if not explain(up, name)] == ["decline"]
    decide.decline(up, by=panel["board"][0])
    list(checks_of(bundle_of(funded_call)))


def test_the_clock_ends_it_after_its_last_day_and_the_letter_tells_the_team(told, cast):
    row = told[0]
    last = timezone.make_aware(timezone.datetime.combine(row.reserved_until, timezone.datetime.max.time()))
    with clock.frozen(last):
        assert reserve.end_due() == 0
    with clock.frozen(last + timedelta(minutes=1)):
        assert explain(row, "call_up") != []
        assert (reserve.end_due(), reserve.end_due()) == (3, 0)
        row = stages.fresh(row)
        assert (row.state, row.released_at) == ("declined", clock.now())
        letter = row.letters.last()
        assert letter.ended == decision_against(row)
        said = text_of(letter)
        for part in ("no money became free", "counts against nobody", "The lead can appeal until", "One strength:"):
            assert part in said, part
        assert obstacle(row) == ""
        assert Notification.objects.filter(
            person=cast["lead"], subject__startswith="The time on the reserve list is over"
        ).count() == 3  # fmt: skip


def test_list_and_my_work_show_whose_turn_it_is_and_hide_what_a_conflict_hides(told, cast, panel, funded_call):
    secretariat, board = Client(), Client()
    secretariat.force_login(cast["secretariat"])
    board.force_login(panel["board"][0])
    path = reverse("reserve_list", args=[funded_call.reference])
    assert "Money may be free" not in secretariat.get("/").content.decode()
    text = secretariat.get(path).content.decode()
    assert [text.index(row.title) for row in told] == sorted(text.index(row.title) for row in told)
    assert "Its turn" not in text
    money(funded_call, ASKED)
    assert f'href="{path}">Money may be free for the reserve list' in secretariat.get("/").content.decode()
    text = secretariat.get(path).content.decode()
    assert "Call up from reserve" in text
    assert "Nu. 399,999.99" in text
    seen = board.get(path).content.decode()
    assert "Call up from reserve" not in seen
    assert "Its turn" in seen
    for who in ("lead", "citizen", "hr"):
        assert Client().get(path).status_code == 302
        other = Client()
        other.force_login(cast[who])
        assert other.get(path).status_code == 404
    answer = secretariat.post(reverse("act", args=["proposals.proposal", told[0].pk, "call_up"]))
    assert (answer.status_code, stages.fresh(told[0]).state) == (302, "decision_pending")
