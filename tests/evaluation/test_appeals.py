"""An appeal: lodged by the lead in time, decided by somebody without an earlier act, and what follows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from evaluation.appealing import last_day
from evaluation.enums import Choice, Ground
from evaluation.guards import round_of, try_of, votes_of
from evaluation.models import Appeal, Decision, Review, Vote
from evaluation.policies import may_check_appeal
from evaluation.services import appeals, decide, excluding, small
from evaluation.waiting import waiting_for
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.performing import available, explain, perform
from people.enums import Grade, Part, Role
from people.models import Block, Involvement, Notification
from people.services.calendar import add_business_days
from people.services.involvement import involve
from people.toxic import ConflictOfInterest
from proposals.models import Proposal
from proposals.services import screening as checking

from .. import factories, sparks, stages
from ..conftest import officers
from ..proposals.test_attachments import upload
from ..remembering import remembered
from .appeals import WORDS, assigned, decline, lodge, officer, refused

__all__ = ["officer", "refused"]
YES, NO, LATER = Choice.APPROVE, Choice.DECLINE, Choice.DEFER


def test_lead_lodges_with_ground_words_and_a_file_and_is_answered_within_twenty_business_days(refused, cast, officer):
    made = lodge(refused, cast, upload=upload())
    assert (made.state, made.decision, made.told_at) == ("lodged", Decision.objects.get(), refused.released_at)
    assert (made.words, made.file.original_name, made.file.owner_id) == (WORDS, "letter.txt", None)
    assert made.due_on == add_business_days(clock.today(), 20)
    assert Notification.objects.filter(person=officer, subject__contains="An appeal was lodged").count() == 1


@pytest.mark.parametrize("who", ["colleague", "sponsor", "secretariat", "stranger", "conflicted"])
def test_others_than_who_leads_cannot_lodge(refused, cast, who):
    with pytest.raises(NotPossible) as no:
        appeals.lodge(refused, by=cast[who], ground=Ground.FACT, words=WORDS)
    assert no.value.forbidden
    assert not Appeal.objects.exists()


def test_last_day_is_the_thirtieth_after_the_release_and_not_one_later(refused, cast):
    day = last_day(refused.released_at)
    assert day == clock.today() + timedelta(days=30)
    with clock.frozen(refused.released_at + timedelta(days=31, hours=1)), pytest.raises(NotPossible, match="are over"):
        lodge(refused, cast)
    with clock.frozen(refused.released_at + timedelta(days=30)):
        assert lodge(refused, cast).state == "lodged"


def test_nothing_can_be_lodged_before_the_release(pending, panel, cast):
    declined = decline(pending, panel)
    with pytest.raises(NotPossible, match="only against a refusal that the team was told"):
        lodge(declined, cast)


def test_nothing_can_be_lodged_against_a_decision_to_fund(pending, panel, cast):
    approved = decide.approve(stages.votes(pending, panel["board"][:3], YES, YES, YES), by=panel["board"][0])
    offered = stages.tell(approved, cast, panel["chair"])
    with pytest.raises(NotPossible, match="only against a refusal"):
        lodge(offered, cast)


def test_no_of_ones_own_agency_is_not_the_funds_to_decide(cast, line):
    sent = sparks.sent(sparks.spark_call(cast, line), cast["lead"])
    no = small.refuse(sent, by=cast["sponsor"], note="We do this already.")
    with pytest.raises(NotPossible, match="Your own agency said no"):
        lodge(no, cast)


def test_one_thing_is_appealed_once_and_again_after_taking_it_back(refused, cast, officer):
    first = lodge(refused, cast)
    with pytest.raises(NotPossible, match="already lodged"):
        lodge(refused, cast)
    appeals.take_back(first, by=cast["lead"])
    second = lodge(refused, cast)
    appeals.turn_away(second, by=officer, note="No ground is named.")
    with pytest.raises(NotPossible, match="already lodged"):
        lodge(refused, cast)


def test_database_refuses_a_second_open_appeal_and_one_that_ends_without_reasons(refused, cast):
    made = lodge(refused, cast)
    values = {f.attname: getattr(made, f.attname) for f in Appeal._meta.concrete_fields} | {"id": None}
    refusals = (
        values, values | {"state": "withdrawn"}, values | {"state": "upheld", "ended_at": clock.now()},
        values | {"told_at": clock.now()}, values | {"state": "withdrawn", "ended_at": clock.now(), "ground": "anger"},
    )  # fmt: skip
    for row in refusals:
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.create(**row)


@pytest.mark.parametrize("state", ["secretariat", "screener", "voter", "reviewer", "blocked", "own agency", "earlier"])
def test_officer_with_an_earlier_act_cannot_touch_it(refused, cast, officer, state):
    """Each way to have acted is taken alone; without it the same person could."""
    made = lodge(refused, cast)
    assert may_check_appeal(made, officer)
    if state == "secretariat":  # leaves no part, only a line in the trail of a review
        trail.record(refused.reviews.first(), action="assigned", by=officer)
    elif state == "screener":
        Involvement.objects.create(case=made.case, person=officer, part=Part.SCREENER, since=clock.now())
    elif state == "voter":
        trail.record(refused, action="voted", by=officer)
    elif state == "reviewer":
        row = Involvement.objects.create(case=made.case, person=officer, part=Part.REVIEWER, since=clock.now())
        Involvement.objects.filter(pk=row.pk).update(until=clock.now())
    elif state == "blocked":
        Block.objects.create(case=made.case, person=officer, grade=Grade.BLOCK, reason="x", since=clock.now())
    elif state == "own agency":
        officer = cast["appeals"]
    else:
        since = made.lodged_at - timedelta(days=1)
        Involvement.objects.create(case=made.case, person=officer, part=Part.APPEALS, since=since)
    assert not may_check_appeal(made, officer)
    for step in (appeals.admit, appeals.turn_away):
        with pytest.raises(NotPossible) as no:
            step(made, by=officer, note="x")
        assert no.value.forbidden
    assert Appeal.objects.get().state == "lodged"


def test_assignment_asks_the_officer_and_not_only_who_assigns(refused, cast, officer):
    second = officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    made = appeals.admit(lodge(refused, cast), by=officer, note="A fact is named.")
    trail.record(refused, action="voted", by=second)
    for person in (second, cast["appeals"], cast["secretariat"], cast["lead"]):
        with pytest.raises(NotPossible, match="cannot decide this"):
            appeals.assign(made, by=officer, officer=person)
    assert appeals.assign(made, by=officer, officer=officer).officer == officer


def test_outcome_asks_again_whether_the_officer_acted(refused, cast, officer):
    made = assigned(refused, cast, officer)
    trail.record(refused, action="agreed", by=officer)
    with pytest.raises(NotPossible) as no:
        appeals.uphold(made, by=officer, note="It is right.")
    assert no.value.forbidden
    assert (Appeal.objects.get().state, stages.fresh(refused).state) == ("assigned", "declined")


def test_only_the_officer_who_has_it_decides_and_says_why(refused, cast, officer):
    made = assigned(refused, cast, officer)
    other = officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    for step in (appeals.uphold, appeals.uphold_partly, appeals.dismiss):
        with pytest.raises(NotPossible) as no:
            step(made, by=other, note="x")
        assert no.value.forbidden
        with pytest.raises(NotPossible, match="Give a reason"):
            step(made, by=officer, note=" ")


def test_appeals_officer_can_be_nothing_else_in_the_case(refused, cast, officer):
    assigned(refused, cast, officer)
    for part in set(Part) - {Part.APPEALS}:
        with pytest.raises(ConflictOfInterest):
            involve(case=refused.case, person=officer, part=part)


@remembered
def upheld(refused, cast, officer):
    appeals.uphold(assigned(refused, cast, officer), by=officer, note="The baseline is there.")
    return stages.fresh(refused)


def test_upheld_appeal_puts_it_before_the_board_and_the_team_reads_being_judged(upheld, cast):
    assert (upheld.state, upheld.released_at) == ("decision_pending", None)
    assert upheld.answer_by >= clock.today()
    assert Proposal.objects.visible_to(cast["lead"]).get(pk=upheld.pk).state_words == "Being judged"


def test_votes_of_before_do_not_count_and_all_members_vote_anew(upheld, panel):
    assert (votes_of(upheld), round_of(upheld), try_of(upheld)) == ([], 2, 1)
    assert [name for name in ("approve", "decline", "defer") if not explain(upheld, name)] == []
    voted = stages.votes(upheld, panel["board"][:3], YES, YES, YES)
    assert [name for name in ("approve", "decline", "defer") if not explain(voted, name)] == ["approve"]
    assert Vote.objects.filter(proposal=upheld).count() == 6


def test_new_decision_points_at_the_old_which_stays_as_it_was(upheld, panel, cast):
    old = Decision.objects.get()
    before = {f.attname: getattr(old, f.attname) for f in Decision._meta.concrete_fields}
    decide.approve(stages.votes(upheld, panel["board"][:3], YES, YES, YES), by=panel["board"][0])
    new = Decision.objects.get(choice=YES)
    assert (new.replaces, new.round) == (old, 2)
    old.refresh_from_db()
    assert {f.attname: getattr(old, f.attname) for f in Decision._meta.concrete_fields} == before


def test_board_may_defer_once_more_after_an_upheld_appeal_and_a_second_tie_then_declines(upheld, panel, cast):
    tied = stages.votes(upheld, panel["board"], YES, YES, NO, NO)
    assert [name for name in ("approve", "decline", "defer") if not explain(tied, name)] == ["defer"]
    again = stages.put_off(tied, panel["board"][0], cast["secretariat"])
    again = stages.votes(again, panel["board"], YES, YES, NO, NO)
    assert [name for name in ("approve", "decline", "defer") if not explain(again, name)] == ["decline"]
    decide.decline(again, by=panel["board"][0])
    assert [d.replaces_id for d in Decision.objects.order_by("round")] == [None, None, Decision.objects.first().pk]


def test_review_of_somebody_with_an_interest_can_be_excluded_after_an_upheld_appeal(upheld, refused, panel, cast):
    review = Review.objects.filter(proposal=upheld).first()
    excluding.invalidate(review, by=cast["secretariat"], note="Cousin of a competitor")
    again = perform(stages.fresh(upheld), "reopen_review", by=cast["secretariat"])
    assert again.state == "in_review"


def test_review_cannot_be_excluded_while_the_decision_stands(refused, cast):
    with pytest.raises(NotPossible, match="already decided"):
        excluding.invalidate(Review.objects.first(), by=cast["secretariat"], note="x")


def test_second_refusal_can_be_appealed_by_another_officer_alone(upheld, panel, cast, officer):
    again = stages.tell(decline(upheld, panel), cast, panel["chair"])
    second = lodge(again, cast)
    assert second.decision == Decision.objects.last()
    assert not may_check_appeal(second, officer)
    told = Notification.objects.filter(person=cast["lead"], subject__contains="did not fund")
    assert told.count() == 2


@pytest.mark.parametrize("end", [appeals.uphold_partly, appeals.dismiss])
def test_other_outcomes_leave_everything_as_it_was(refused, cast, officer, end):
    made = assigned(refused, cast, officer)
    done = end(made, by=officer, note="A sentence was wrong.")
    same = stages.fresh(refused)
    assert (same.state, same.released_at, Decision.objects.count()) == ("declined", refused.released_at, 1)
    assert (done.reason, done.ended_at is not None) == ("A sentence was wrong.", True)


def test_nobody_leads_a_refusal_back_without_an_upheld_appeal(refused, cast, officer):
    assigned(refused, cast, officer)
    with pytest.raises(NotPossible, match="Only an appeal that was upheld"):
        appeals.reopen(refused, by=officer)
    with pytest.raises(NotPossible, match="its own page"):
        perform(refused, "decide_again", by=officer)
    assert "decide_again" not in [action.name for action in available(refused, officer)]


def test_upheld_appeal_against_the_first_check_takes_it_again(screening, cast, officer):
    from .. import stages as at

    results = at.MET | {next(iter(at.MET)): (False, "Not of this call")}
    screening_results(screening, cast, results)
    refused = screening_confirmed(screening, cast)
    appeals.uphold(assigned(refused, cast, officer), by=officer, note="It is of this call.")
    again = stages.fresh(refused)
    assert (again.state, again.released_at) == ("screening", None)
    screening_results(again, cast, at.MET)
    assert perform(again, "find_eligible", by=cast["secretariat"]).state == "eligible"


def screening_results(proposal, cast, results):
    checking.record_results(proposal, by=cast["secretariat"], results=results)


def screening_confirmed(proposal, cast):
    return checking.confirm_ineligible(stages.fresh(proposal), by=cast["head"], note="The rule is clear.")


def test_small_idea_is_decided_anew_by_another_member(cast, line, panel, officer):
    call = sparks.spark_call(cast, line)
    sparks.set_limit(panel["board"])
    pending = sparks.judged(sparks.sent(call, cast["lead"]), cast["secretariat"], panel["reviewers"][:2])
    first, second = panel["board"][:2]
    declined = small.decline(pending, by=first, note="Not now.")
    appeals.uphold(assigned(declined, cast, officer), by=officer, note="It is new.")
    again = stages.fresh(declined)
    for step in (small.approve, small.decline):
        with pytest.raises(NotPossible, match="Another member decides"):
            step(again, by=first, note="x")
    assert small.approve(again, by=second).state == "approved"
    assert Decision.objects.get(choice=YES).replaces == Decision.objects.get(choice=NO)


def test_officers_see_the_proposal_only_while_they_have_its_appeal(refused, cast, officer):
    assert not Proposal.objects.visible_to(officer).exists()
    made = assigned(refused, cast, officer)
    assert Proposal.objects.visible_to(officer).get() == refused
    appeals.dismiss(made, by=officer, note="Nothing was wrong.")
    assert not Proposal.objects.visible_to(officer).exists()


def test_second_refusal_alone_in_its_batch_waits_for_the_secretariat_and_is_released_by_its_button(
    upheld, panel, cast, client
):
    again = decline(upheld, panel)
    assert f"Release the batch with “{again.title}”" in [
        row.what for row in waiting_for(cast["secretariat"], {Role.SECRETARIAT})
    ]
    client.force_login(cast["secretariat"])
    client.post(reverse("act", args=["proposals.proposal", again.pk, "tell_refusal"]))
    told = stages.fresh(again)
    assert (told.state, told.released_at is not None, told.letters.count()) == ("declined", True, 3)
    assert waiting_for(cast["secretariat"], {Role.SECRETARIAT}) == []
    with pytest.raises(NotPossible, match="told already"):
        stages.tell(told, cast, panel["chair"])


def test_officer_from_whom_it_is_taken_no_longer_reads_the_proposal(refused, cast, officer):
    made = assigned(refused, cast, officer)
    back = appeals.hand_back(made, by=officer, note="I am away.")
    assert (back.state, back.officer) == ("admissible", None)
    assert not Proposal.objects.visible_to(officer).exists()
    assert appeals.assign(back, by=officer, officer=officer).officer == officer
