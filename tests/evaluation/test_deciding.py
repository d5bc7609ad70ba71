from datetime import datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from evaluation.enums import Choice
from evaluation.models import Decision, Vote
from evaluation.services import decide, release
from evaluation.waiting import waiting_for
from fund.errors import InsufficientFunds
from fund.models import BudgetLine, Grant, LedgerEntry
from fund.services import grants, ledger, stopping
from lifecycle import clock, locking
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.enums import Grade, Role
from people.models import Block, EmploymentSnapshot, Notification
from people.services.grants import end_role
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from .. import factories, stages
from ..conftest import new_proposal
from ..races import race
from ..remembering import remembered
from ..sizes import rounds

YES, NO, LATER = Choice.APPROVE, Choice.DECLINE, Choice.DEFER
STEPS = ("approve", "decline", "defer")


def test_vote_needs_a_reason_and_counts_once(pending, panel):
    with pytest.raises(NotPossible, match="Give a reason"):
        decide.vote(pending, by=panel["board"][0], choice=YES, reason=" ")
    stages.votes(pending, panel["board"][:1], YES)
    with pytest.raises(NotPossible, match="already voted"):
        decide.vote(pending, by=panel["board"][0], choice=NO, reason="Changed my mind.")
    assert Vote.objects.get().choice == YES


@pytest.mark.parametrize("who", ["lead", "board", "head", "secretariat", "reviewer"])
def test_vote_by_others_or_of_a_team_agency_is_refused(pending, cast, who):
    """The cast's board member is of the lead's ministry."""
    with pytest.raises(NotPossible) as no:
        decide.vote(pending, by=cast[who], choice=YES, reason="x")
    assert no.value.forbidden


def test_vote_before_the_board_has_the_proposal_on_its_sheet_is_refused(eligible, panel):
    with pytest.raises(NotPossible, match="The board does not vote on this now") as no:
        decide.vote(eligible, by=panel["board"][0], choice=YES, reason="On the evidence.")
    assert not no.value.forbidden
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("choices", "allowed"),
    [((YES, YES), []), ((YES, YES, YES), ["approve"]), ((YES, YES, NO), ["approve"]), ((NO, NO, YES), ["decline"]),
     ((YES, NO, LATER), ["defer"]), ((YES, YES, NO, NO), ["defer"]), ((YES, YES, YES, NO), ["approve"])],
)  # fmt: skip
def test_decision_follows_the_majority_of_at_least_three(pending, panel, choices, allowed):
    proposal = stages.votes(pending, panel["board"][: len(choices)], *choices)
    assert [name for name in STEPS if not explain(proposal, name)] == allowed


def test_vote_of_a_member_found_conflicted_or_gone_no_longer_counts(pending, panel):
    from lifecycle import clock
    from people.services.accounts import system_user

    proposal = stages.votes(pending, panel["board"], YES, YES, YES, YES)
    Block.objects.create(case=pending.case, person=panel["board"][0], grade=Grade.BLOCK, reason="x", since=clock.now())
    assert explain(proposal, "approve") == []
    end_role(panel["board"][1].role_grants.get(), by=system_user(), reason="left")
    assert explain(proposal, "approve") != []


@pytest.mark.parametrize("close", [decide.approve, decide.decline, stages.defer])
def test_who_closes_the_vote_is_looked_at_again(pending, panel, cast, close):
    """A tie that came up after the vote, and that nobody has written down."""
    choices = {decide.approve: (YES, YES, YES), decide.decline: (NO, NO, NO), stages.defer: (YES, NO, LATER)}[close]
    proposal = stages.votes(pending, panel["board"][:3], *choices)
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=panel["board"][0])
    with pytest.raises(ConflictOfInterest, match="You cannot decide on this: Is the line manager of Name of lead"):
        close(proposal, by=panel["board"][0])
    assert stages.fresh(pending).state == "decision_pending"
    assert close(proposal, by=panel["board"][1]).state != "decision_pending"


def test_approve_through_the_generic_view_commits_exactly_the_award(client, pending, panel, line):
    stages.votes(pending, panel["board"][:3], YES, YES, YES)
    client.force_login(panel["board"][0])
    answer = client.post(reverse("act", args=["proposals.proposal", pending.pk, "approve"]))
    line.refresh_from_db()
    assert (answer.status_code, line.committed, line.available) == (
        302, stages.REQUESTED, line.allocated - stages.REQUESTED,
    )  # fmt: skip
    entry = LedgerEntry.objects.get(kind="commitment")
    assert (entry.amount, entry.source, entry.case) == (stages.REQUESTED, f"{pending.case}:approve:1", pending.case)
    assert (Decision.objects.get().amount, Decision.objects.get().ambition) == (stages.REQUESTED, "open")


def test_approve_outside_its_act_is_refused(pending, panel):
    stages.votes(pending, panel["board"][:3], YES, YES, YES)
    with pytest.raises(NotPossible, match="its own page"):
        perform(pending, "approve", by=panel["board"][0])


def test_approve_without_money_changes_nothing(pending, panel, line, cast):
    stages.votes(pending, panel["board"][:3], YES, YES, YES)
    ledger.lapse(line=line, amount=line.available - stages.REQUESTED + 1, source="year-end", by=cast["head"])
    with pytest.raises(InsufficientFunds):
        decide.approve(pending, by=panel["board"][0])
    assert (stages.fresh(pending).state, Decision.objects.count()) == ("decision_pending", 0)


def test_a_board_defers_to_a_day_that_it_names_and_no_earlier_day_brings_it_back(client, pending, panel, cast):
    stages.votes(pending, panel["board"][:3], YES, NO, LATER)
    client.force_login(panel["board"][0])
    page, today = reverse("defer", args=[pending.case]), clock.today()
    for wrong in ("", str(today), str(today + timedelta(days=100)), "soon"):
        answer = client.post(page, {"until": wrong})
        assert (answer.status_code, stages.fresh(pending).state) == (400, "decision_pending"), wrong
        assert "error" in answer.content.decode()
    last = decide.last_day_to_defer_to()
    for wrong in (today, last + timedelta(days=1)):
        with pytest.raises(NotPossible, match="Name a day after today, and not after"):
            decide.defer(pending, by=panel["board"][0], until=wrong)
    assert client.post(page, {"until": str(last)}).status_code == 302
    row = stages.fresh(pending)
    assert (row.state, row.deferred_until) == ("deferred", last)

    officer = cast["secretariat"]
    begins = timezone.make_aware(datetime.combine(last, time(0)))
    with clock.frozen(begins - timedelta(seconds=1)):
        assert waiting_for(officer, {Role.SECRETARIAT}) == []
        with pytest.raises(NotPossible, match="The day that the board named has not come yet"):
            perform(row, "bring_back", by=officer)
    with clock.frozen(begins):
        assert [line.what for line in waiting_for(officer, {Role.SECRETARIAT})] == [
            "Bring “One visit is enough” back to the board: the day has come"
        ]
        back = perform(row, "bring_back", by=officer)
    assert (back.state, back.deferred_until) == ("decision_pending", None)


def test_the_database_refuses_a_deferral_without_a_day(pending, panel):
    stages.votes(pending, panel["board"][:3], YES, NO, LATER)
    row = stages.defer(pending, by=panel["board"][0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=row.pk).update(deferred_until=None)


def test_a_call_may_ask_for_a_larger_quorum(pending, panel):
    three = stages.votes(pending, panel["board"][:3], YES, YES, YES)
    three.call.quorum = 4  # in memory: a call is frozen
    assert [name for name in STEPS if not explain(three, name)] == []
    four = stages.votes(pending, panel["board"][3:], YES)
    four.call.quorum = 4
    assert [name for name in STEPS if not explain(four, name)] == ["approve"]


def test_second_tie_is_declined(pending, panel, cast):
    proposal = stages.votes(pending, panel["board"], YES, YES, NO, NO)
    proposal = stages.put_off(proposal, panel["board"][0], cast["secretariat"])
    assert explain(proposal, "approve") != []
    proposal = stages.votes(proposal, panel["board"], YES, YES, NO, NO)
    assert explain(proposal, "defer") != []
    assert decide.decline(proposal, by=panel["board"][0]).state == "declined"


@remembered
def approved(pending, panel):
    return decide.approve(stages.votes(pending, panel["board"][:3], YES, YES, YES), by=panel["board"][0])


def test_release_offers_the_grant_with_the_promise_in_its_terms(approved, cast, panel):
    done = stages.tell(approved, cast, panel["chair"])
    grant = Grant.objects.get(case=approved.case)
    assert (done.state, grant.amount, grant.lead, grant.sponsor) == (
        "offered", stages.REQUESTED, cast["lead"], cast["sponsor"],
    )  # fmt: skip
    assert (grant.terms["target"], grant.terms["ambition"], grant.terms["stage"]) == ("1.2", "open", "explore")
    assert [t.amount for t in grant.tranches.all()] == [15_999_999, 16_000_000, 8_000_000]


def test_release_waits_for_the_whole_batch(approved, cast, funded_call):
    stages.submit(new_proposal(funded_call, cast, "Second"), cast)
    with pytest.raises(NotPossible, match="1 proposals of the call are not decided yet"):
        release.release(approved, by=cast["secretariat"])
    assert not Grant.objects.exists()


def test_proposal_follows_its_grant(approved, cast, panel):
    stages.tell(approved, cast, panel["chair"])
    grant = Grant.objects.get()
    factories.second_factor(cast["lead"])
    grants.sign(grants.sign(grant, by=cast["lead"]), by=cast["sponsor"])
    assert stages.fresh(approved).state == "funded"


def test_proposal_follows_a_grant_that_the_board_ended(approved, cast, panel):
    factories.second_factor(cast["lead"])
    stages.tell(approved, cast, panel["chair"])
    grant = grants.sign(grants.sign(Grant.objects.get(), by=cast["lead"]), by=cast["sponsor"])
    stopping.terminate(grant, by=panel["board"][0], note="Nobody answered for a year.")
    assert stages.fresh(approved).state == "terminated"


def test_declined_offer_frees_the_money(approved, cast, line, panel):
    stages.tell(approved, cast, panel["chair"])
    grants.decline_offer(Grant.objects.get(), by=cast["lead"])
    line.refresh_from_db()
    assert (stages.fresh(approved).state, line.available) == ("offer_declined", line.allocated)


def test_withdrawal_before_the_release_frees_the_money(approved, cast, line):
    perform(approved, "withdraw", by=cast["lead"])
    line.refresh_from_db()
    assert line.available == line.allocated


TELLING = ("Approved", "approved", "With the board", "Ranked", "ranked the call", "voted", "Recommended")


@pytest.mark.parametrize("who", ["lead", "colleague", "sponsor", "sponsor2"])
def test_team_reads_being_judged_everywhere_until_the_release(client, approved, cast, who):
    client.force_login(cast[who])
    for url in (approved.get_absolute_url(), reverse("proposal_list"), reverse("home"), reverse("inbox")):
        page = client.get(url).content.decode()
        page = page.split("<select")[0] + page.split("</select>")[-1]
        assert [word for word in TELLING if word in page] == [], url
    assert "Being judged" in client.get(approved.get_absolute_url()).content.decode()
    assert client.get(reverse("proposal_list") + "?state=approved").content.decode().count("EXPLORE-1-0001") == 0
    assert client.get(reverse("proposal_list") + "?state=judged").content.decode().count("EXPLORE-1-0001") == 1
    answer = client.post(reverse("act", args=["proposals.proposal", approved.pk, "submit"]), follow=True)
    assert "Approved" not in answer.content.decode().split("<select")[0]


def test_approved_read_what_the_reviewers_say_too(approved, cast):
    with pytest.raises(NotPossible, match=r"Every team reads .* certifies the feedback for EXPLORE-1-0001 first"):
        release.release(approved, by=cast["secretariat"])


def test_declined_are_told_with_the_batch_and_not_before(pending, panel, cast):
    declined = decide.decline(stages.votes(pending, panel["board"][:3], NO, NO, NO), by=panel["board"][0])
    assert not Notification.objects.filter(subject__contains="did not fund").exists()
    with pytest.raises(NotPossible, match="certifies the feedback for EXPLORE-1-0001 first"):
        release.release(declined, by=cast["secretariat"])
    stages.certify(declined, panel["chair"])
    release.release(declined, by=cast["secretariat"])
    assert Notification.objects.filter(person=cast["lead"], subject__contains="did not fund").count() == 1
    assert Proposal.objects.visible_to(cast["lead"]).get().state_words == "Declined"


def crowd(funded_call, cast, panel, count):
    """Return `count` proposals on the board's sheet with three votes to approve each."""
    made = []
    for number in range(count):
        made.append(stages.judge(stages.check(new_proposal(funded_call, cast, f"No {number}"), cast), cast,
                                 panel["reviewers"]))  # fmt: skip
    stages.ranking.run(made[0], by=cast["secretariat"])
    for proposal in made:
        row = perform(stages.fresh(proposal), "recommend", by=panel["chair"])
        row = perform(row, "bring_to_board", by=cast["secretariat"])
        stages.votes(row, panel["board"][:3], YES, YES, YES)
    return [stages.fresh(proposal) for proposal in made]


@rounds
@pytest.mark.django_db(transaction=True)
def test_forty_threads_approving_against_one_line_never_overspend(funded_call, cast, panel, line, again):
    """Eight proposals of 39,999,999 chhetrum, five presses each; the line pays for three."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    rows = crowd(funded_call, cast, panel, 8)
    ledger.lapse(line=line, amount=line.available - 3 * stages.REQUESTED - 5, source="cut", by=cast["head"])

    def press(number):
        try:
            decide.approve(rows[number % 8], by=panel["board"][0])
            return "approved"
        except InsufficientFunds:
            return "no money"
        except NotPossible:
            return "done before"

    outcomes = race(40, press)
    line.refresh_from_db()
    awarded = sum(Decision.objects.values_list("amount", flat=True))
    assert (outcomes.count("approved"), awarded, line.committed - line.released) == (
        3, 3 * stages.REQUESTED, 3 * stages.REQUESTED,
    )  # fmt: skip
    assert Proposal.objects.filter(state="approved").count() == 3


@rounds
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_race_overspends(cast, line, monkeypatch, again):
    """The control: read what is available, then add it up, with neither lock nor CHECK."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    monkeypatch.setattr(locking, "lock_row", lambda model, pk: model._base_manager.get(pk=pk))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fund_budgetline DROP CONSTRAINT line_committed_within_allocated")
    ledger.lapse(line=line, amount=line.available - 3 * stages.REQUESTED, source="cut", by=cast["head"])
    import threading

    all_have_read = threading.Barrier(40, timeout=30)

    def naive(number):
        with locking.locked([line]):
            seen = BudgetLine.objects.get(pk=line.pk)
            if seen.available < stages.REQUESTED:
                return "no money"
            all_have_read.wait()
            BudgetLine.objects.filter(pk=line.pk).update(committed=line_committed() + stages.REQUESTED)
            return "approved"

    def line_committed():
        from django.db.models import F

        return F("committed")

    try:
        outcomes = race(40, naive)
        line.refresh_from_db()
        assert outcomes.count("approved") * stages.REQUESTED > line.allocated
        assert line.available < 0
    finally:
        BudgetLine.objects.filter(pk=line.pk).update(committed=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE fund_budgetline ADD CONSTRAINT line_committed_within_allocated "
                "CHECK (committed <= released + allocated + refunded)"
            )
