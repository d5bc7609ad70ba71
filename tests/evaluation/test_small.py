"""A small idea from its reviews to the signed grant."""

from datetime import timedelta

import pytest

from evaluation.models import Decision, DecisionLimit, Review
from evaluation.services import decide, limits, release, reviewing, small
from fund.errors import InsufficientFunds
from fund.models import Grant, LedgerEntry
from fund.services import grants, ledger
from incentives.models import Outcome
from incentives.rules.points import base_points
from incentives.services.points_policy import policy_on
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import Notification
from people.toxic import ConflictOfInterest
from proposals.models import Endorsement

from .. import sparks
from ..races import race
from ..remembering import remembered


@remembered
def spark(cast, line):
    return sparks.spark_call(cast, line)


@remembered
def idea(spark, cast):
    return sparks.sent(spark, cast["lead"])


@pytest.fixture
def pair(panel):
    return panel["reviewers"][:2]


@remembered
def judged(idea, cast, pair):
    return sparks.judged(idea, cast["secretariat"], pair)


@pytest.fixture
def limit(panel):
    sparks.set_limit(panel["board"])


def test_both_accepting_begins_and_both_handing_in_brings_it_to_the_decision(idea, cast, pair):
    checked = sparks.checked(idea, cast["secretariat"])
    assert sparks.asked(checked, cast["secretariat"], pair[:1]).state == "eligible"
    assert sparks.asked(checked, cast["secretariat"], pair[1:]).state == "in_review"
    sparks.write(checked, pair[0])
    assert sparks.fresh(idea).state == "in_review"
    sparks.write(checked, pair[1])
    assert sparks.fresh(idea).state == "decision_pending"


def test_review_needs_one_reason_for_each_question_and_nothing_else(idea, cast, pair):
    proposal = sparks.asked(sparks.checked(idea, cast["secretariat"]), cast["secretariat"], pair)
    review = Review.objects.get(proposal=proposal, reviewer=pair[0])
    keys = list(proposal.call.criteria.values_list("pk", flat=True))
    for reason in ("", " "):
        draft = reviewing.Draft(dict.fromkeys(keys, (7, reason)), "", "", "", "open")
        review = reviewing.save(review, by=pair[0], edit=review.edit, draft=draft)
        with pytest.raises(NotPossible, match="for a small idea: for each"):
            reviewing.submit(review, by=pair[0])
    assert sparks.write(proposal, pair[0]).state == "submitted"


@pytest.mark.parametrize(
    ("scores", "passes"),
    [((6, 6), True), ((6, 5), False), (((6, 6, 6), (6, 5, 6)), False), (((10, 10, 10), (10, 10, 5)), False)],
)
def test_approval_asks_both_for_at_least_three_on_each_question(idea, cast, pair, panel, limit, scores, passes):
    proposal = sparks.judged(idea, cast["secretariat"], pair, scores)
    assert (explain(proposal, "approve_small") == []) == passes
    if not passes:
        with pytest.raises(NotPossible, match="at least 3 of 5"):
            sparks.approved(proposal, panel["board"])
        assert not LedgerEntry.objects.filter(kind="commitment").exists()


def test_approval_needs_a_limit_of_the_board_and_stays_inside_it(judged, panel):
    words = "more than the board lets one member decide alone"
    with pytest.raises(NotPossible, match=words):
        sparks.approved(judged, panel["board"])
    limits.propose(by=panel["board"][0], amount=sparks.LIMIT, valid_from=clock.today())
    with pytest.raises(NotPossible, match=words):  # not confirmed by a second member
        sparks.approved(judged, panel["board"])
    sparks.set_limit(panel["board"], sparks.ASKED_FOR - 1)
    with pytest.raises(NotPossible, match=words):
        sparks.approved(judged, panel["board"])
    sparks.set_limit(panel["board"], sparks.ASKED_FOR)
    assert sparks.approved(judged, panel["board"]).state == "approved"


def test_limit_is_set_by_two_members_and_not_in_the_past(panel, cast):
    first, second = panel["board"][:2]
    with pytest.raises(NotPossible, match="a day that is over"):
        limits.propose(by=first, amount=1, valid_from=clock.today() - timedelta(days=1))
    with pytest.raises(NotPossible, match="Only the board"):
        limits.propose(by=cast["head"], amount=1, valid_from=clock.today())
    made = limits.propose(by=first, amount=1, valid_from=clock.today() + timedelta(days=1))
    with pytest.raises(NotPossible, match="Another member"):
        limits.confirm(made, by=first)
    limits.confirm(made, by=second)
    assert limits.in_force() is None
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert limits.in_force() == DecisionLimit.objects.get()


def test_limit_without_a_second_member_is_refused_by_the_database_too(panel):
    from django.db import IntegrityError

    made = limits.propose(by=panel["board"][0], amount=1, valid_from=clock.today())
    with pytest.raises(IntegrityError, match="decision_limit_two_members"):
        DecisionLimit.objects.filter(pk=made.pk).update(confirmed_by=panel["board"][0], confirmed_at=clock.now())


@pytest.mark.parametrize("who", ["lead", "board", "head", "secretariat", "sponsor"])
def test_approval_by_others_or_of_a_team_agency_is_refused(judged, cast, limit, who):
    """The cast's board member is of the lead's ministry."""
    with pytest.raises(NotPossible) as no:
        small.approve(judged, by=cast[who])
    assert no.value.forbidden


def test_approval_sets_exactly_the_money_aside_and_tells_the_team_at_once(judged, panel, limit, line, cast):
    done = sparks.approved(judged, panel["board"])
    line.refresh_from_db()
    decision = Decision.objects.get()
    assert (done.state, line.committed, decision.amount, decision.ambition, decision.by) == (
        "approved", sparks.ASKED_FOR, sparks.ASKED_FOR, "open", panel["board"][2],
    )  # fmt: skip
    assert done.state_for(cast["lead"]) == "Approved, your agency is asked"
    assert Notification.objects.filter(person=cast["lead"], subject="Approved: your agency is asked").count() == 1
    assert not Grant.objects.exists()


def test_approval_without_money_changes_nothing(judged, panel, limit, line, cast):
    ledger.lapse(line=line, amount=line.available - sparks.ASKED_FOR + 1, source="year-end", by=cast["head"])
    with pytest.raises(InsufficientFunds):
        sparks.approved(judged, panel["board"])
    assert (sparks.fresh(judged).state, Decision.objects.count()) == ("decision_pending", 0)


def test_full_boards_vote_and_one_members_decision_never_meet(judged, pending, panel, limit):
    with pytest.raises(NotPossible):
        decide.vote(judged, by=panel["board"][0], choice="approve", reason="x")
    with pytest.raises(NotPossible):
        decide.approve(judged, by=panel["board"][0])
    with pytest.raises(NotPossible):
        small.approve(pending, by=panel["board"][0])


def test_decline_says_why_at_once(judged, panel, cast):
    with pytest.raises(NotPossible, match="Give a reason"):
        small.decline(judged, by=panel["board"][0])
    done = small.decline(judged, by=panel["board"][0], note="The ward has a board already.")
    assert (done.state, done.state_for(cast["lead"]), done.released_at is not None) == ("declined", "Declined", True)
    assert (
        "The ward has a board already."
        in Notification.objects.get(person=cast["lead"], subject__startswith="Your small idea was not funded").body
    )


def test_yes_after_the_approval_offers_at_once(judged, panel, limit, cast):
    sparks.approved(judged, panel["board"])
    assert small.agree(judged, by=cast["sponsor"]).state == "offered"
    grant = Grant.objects.get(case=judged.case)
    assert (grant.amount, grant.lead, grant.sponsor) == (sparks.ASKED_FOR, cast["lead"], cast["sponsor"])
    assert (grant.tranches.count(), grant.milestones.count(), grant.reports.count()) == (1, 1, 1)


def test_yes_before_the_approval_lets_the_approval_offer(idea, cast, pair, panel, limit):
    small.agree(idea, by=cast["sponsor"])
    proposal = sparks.judged(idea, cast["secretariat"], pair)
    assert sparks.approved(proposal, panel["board"]).state == "offered"


def test_offer_before_the_agencys_yes_is_refused(judged, panel, limit, cast):
    done = sparks.approved(judged, panel["board"])
    with pytest.raises(NotPossible, match="has not said yes yet"):
        release.release(done, by=cast["secretariat"])
    assert not Grant.objects.exists()


@pytest.mark.parametrize("who", ["sponsor2", "lead", "secretariat", "head", "stranger"])
def test_yes_by_others_is_refused(idea, cast, who):
    with pytest.raises(NotPossible) as no:
        small.agree(idea, by=cast[who])
    assert no.value.forbidden
    assert Endorsement.objects.get().answer == "asked"


def test_no_needs_a_reason_ends_it_and_sets_the_money_free(judged, panel, limit, cast, line):
    done = sparks.approved(judged, panel["board"])
    with pytest.raises(NotPossible, match="Give a reason"):
        small.refuse(done, by=cast["sponsor"])
    small.refuse(done, by=cast["sponsor"], note="We move house in July.")
    line.refresh_from_db()
    assert (sparks.fresh(done).state, line.available, Endorsement.objects.get().answer) == (
        "declined", line.allocated, "refused",
    )  # fmt: skip
    assert "We move house in July." in Notification.objects.get(subject__startswith="Your agency said no").body


def test_no_while_it_is_judged_ends_it_too(idea, cast):
    assert small.refuse(idea, by=cast["sponsor"], note="Not now.").state == "declined"


def test_whole_lane_ends_in_a_running_grant_whose_promise_counts_as_a_spark(judged, panel, limit, cast, points_policy):
    sparks.approved(judged, panel["board"])
    small.agree(judged, by=cast["sponsor"])
    grant = grants.sign(Grant.objects.get(case=judged.case), by=cast["lead"])
    grant = grants.sign(grant, by=cast["sponsor"])
    assert (grant.state, sparks.fresh(judged).state) == ("active", "funded")
    outcome = Outcome.objects.get(grant=grant)
    assert (outcome.stage, outcome.ambition, outcome.baseline, outcome.target) == ("spark", "open", 0, 1)
    assert outcome.method == sparks.IDEA["success"]
    rules = policy_on(clock.today()).rules
    assert base_points(rules, "R1", outcome.stage, outcome.ambition) == 80  # 20.0 x 0.4, in tenths


def test_reviewer_who_sent_an_idea_in_the_same_fortnight_is_refused(spark, idea, cast, pair):
    checked = sparks.checked(idea, cast["secretariat"])
    sparks.sent(spark, pair[0], title="Another idea")
    with pytest.raises(ConflictOfInterest, match="same call in the same fortnight"):
        reviewing.assign(checked, by=cast["secretariat"], reviewer=pair[0])
    assert reviewing.assign(checked, by=cast["secretariat"], reviewer=pair[1])


def test_reviewer_who_sent_an_idea_long_before_may_review(spark, cast, pair):
    with clock.frozen(clock.now() - timedelta(hours=20)):
        sparks.sent(spark, pair[0], title="Another idea")
    with clock.frozen(clock.now() + timedelta(days=14)):
        checked = sparks.checked(sparks.sent(spark, cast["lead"]), cast["secretariat"])
        assert reviewing.assign(checked, by=cast["secretariat"], reviewer=pair[0])


def test_reviewer_who_sends_an_idea_meanwhile_cannot_hand_in(spark, idea, cast, pair):
    proposal = sparks.asked(sparks.checked(idea, cast["secretariat"]), cast["secretariat"], pair)
    sparks.sent(spark, pair[0], title="Another idea")
    with pytest.raises(ConflictOfInterest, match="You cannot judge this one"):
        sparks.write(proposal, pair[0])


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_handing_in_at_the_same_time_bring_it_on_once(idea, cast, pair):
    proposal = sparks.asked(sparks.checked(idea, cast["secretariat"]), cast["secretariat"], pair)
    done = race(2, lambda number: str(sparks.write(proposal, pair[number]).state))
    assert (done, sparks.fresh(proposal).state) == (["submitted"] * 2, "decision_pending")


@pytest.mark.django_db(transaction=True)
def test_simultaneous_approvals_on_one_line_never_overspend(spark, cast, pair, panel, limit, line):
    """Money for three of eight, each decided by one member at the same moment."""
    ideas = [
        sparks.judged(sparks.sent(spark, cast["lead"], title=f"Idea {n}"), cast["secretariat"], pair) for n in range(8)
    ]
    ledger.lapse(line=line, amount=line.available - 3 * sparks.ASKED_FOR, source="cut", by=cast["head"])
    done = race(8, lambda n: str(sparks.approved(ideas[n], panel["board"]).state), expected=(InsufficientFunds,))
    line.refresh_from_db()
    assert (done.count("approved"), done.count("InsufficientFunds"), line.committed) == (3, 5, 3 * sparks.ASKED_FOR)
