"""A conflict found late: the review is excluded, and what leaned on it falls."""

import pytest

from evaluation.inputs import name_of_review
from evaluation.models import ConsensusScore, RankingRun, Review, Vote
from evaluation.queries import agreed_in, lines_of, panel_of
from evaluation.services import decide, excluding, ranking, reviewing
from evaluation.services import panel as consensus
from evaluation.waiting import waiting_for
from lifecycle.errors import NotPossible
from lifecycle.performing import available, explain, perform
from people.enums import Role

from .. import factories, sparks, stages
from ..conftest import new_proposal, officers

WHY = "Sister in the team"


@pytest.fixture
def fourth(panel):
    """A further reviewer, of an agency that takes no part."""
    return officers(Role.REVIEWER, factories.AgencyFactory(code="moe", name="Ministry of Education"), 1)[0]


def exclude(proposal, person, cast):
    review = Review.objects.get(proposal=proposal, reviewer=person)
    excluding.invalidate(review, by=cast["secretariat"], note=WHY)
    return stages.fresh(proposal)


def review_by(proposal, person, cast, halves=8):
    """Let one more person review and hand in."""
    stages.assign(proposal, cast, [person])
    review = Review.objects.get(proposal=proposal, reviewer=person)
    saved = reviewing.save(review, by=person, edit=review.edit, draft=stages.draft_of(review, halves))
    reviewing.submit(saved, by=person)
    return stages.fresh(proposal)


def judged_again(proposal, person, cast, halves=8):
    """Open the reviews again, have a fresh person review, and close them."""
    review_by(perform(proposal, "reopen_review", by=cast["secretariat"]), person, cast, halves)
    return perform(stages.fresh(proposal), "close_review", by=cast["secretariat"])


def ranked_in(run, review):
    return name_of_review(review) in {one["id"] for row in run.asked["proposals"] for one in row["reviews"]}


def names(proposal, user):
    return [action.name for action in available(proposal, user) if not action.reason_not]


@pytest.mark.parametrize("steps", [(), ("rank",), ("rank", "recommend"), ("rank", "not_recommend"),
                                   ("rank", "recommend", "bring_to_board")])  # fmt: skip
def test_from_each_state_too_few_reviews_lead_back_to_the_reviewers(eligible, cast, panel, steps):
    proposal = stages.judge(eligible, cast, panel["reviewers"])
    for step in steps:
        by = panel["chair"] if "recommend" in step else cast["secretariat"]
        step_of = ranking.run if step == "rank" else lambda p, by, note, step=step: perform(p, step, by=by, note=note)
        proposal = step_of(proposal, by=by, note="Said.")
    assert "reopen_review" not in names(proposal, cast["secretariat"])
    proposal = exclude(proposal, panel["reviewers"][0], cast)
    assert names(proposal, cast["secretariat"])[0] == "reopen_review"
    assert "reopen_review" not in names(proposal, panel["chair"])
    again = perform(proposal, "reopen_review", by=cast["secretariat"])
    assert (again.state, explain(again, "close_review")) == ("in_review", ["Not enough reviews are in yet."])


def test_nothing_goes_on_until_the_reviews_are_opened_again(pending, cast, panel):
    stages.votes(pending, panel["board"][:3], *["approve"] * 3)
    proposal = exclude(pending, panel["reviewers"][0], cast)
    words = "this waits until the secretariat has opened the reviews again"
    with pytest.raises(NotPossible, match=words):
        decide.vote(proposal, by=panel["board"][3], choice="approve", reason="On the evidence.")
    for step in (decide.approve, decide.decline, stages.defer):
        with pytest.raises(NotPossible, match=words):
            step(proposal, by=panel["board"][0])
    rows = waiting_for(cast["secretariat"], {Role.SECRETARIAT})
    assert [row.what for row in rows] == ["Open the reviews of “One visit is enough” again"]
    assert waiting_for(panel["board"][3], {Role.BOARD}) == []


def test_votes_of_the_earlier_sitting_stay_as_rows_and_count_no_more(pending, cast, panel, fourth):
    stages.votes(pending, panel["board"][:3], *["approve"] * 3)
    proposal = judged_again(exclude(pending, panel["reviewers"][0], cast), fourth, cast)
    proposal = stages.to_board(proposal, cast, panel["chair"])
    with pytest.raises(NotPossible, match="Too few votes without a conflict"):
        decide.approve(proposal, by=panel["board"][0])
    (row,) = panel_of(proposal.call, cast["secretariat"])
    assert row.votes == 0
    assert [row.what for row in waiting_for(panel["board"][0], {Role.BOARD})] == ["Vote on “One visit is enough”"]
    proposal = stages.votes(proposal, panel["board"][:3], *["decline"] * 3)
    assert decide.decline(proposal, by=panel["board"][0]).state == "declined"
    assert list(Vote.objects.values_list("sitting", "choice").order_by("pk")) == (
        [(1, "approve")] * 3 + [(2, "decline")] * 3
    )


def test_new_sitting_ranks_the_whole_field_anew(funded_call, cast, panel, fourth):
    rivals = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second")]
    first, second = (
        stages.judge(row, cast, panel["reviewers"], scores)
        for row, scores in zip(rivals, ((8, 8, 9), (8, 8, 8)), strict=True)
    )
    first = ranking.run(first, by=cast["secretariat"])
    first = perform(first, "recommend", by=panel["chair"])
    assert [row.place for row in RankingRun.objects.get().places.all()] == [1, 2]
    second = exclude(second, panel["reviewers"][0], cast)
    second = judged_again(second, fourth, cast, 10)
    ranking.run(second, by=cast["secretariat"])
    runs = list(RankingRun.objects.all())
    assert [(row.place, row.proposal) for row in runs[1].places.all()] == [(1, second), (2, first)]
    assert [(row.place, row.proposal) for row in runs[0].places.all()] == [(1, first), (2, second)]
    assert stages.fresh(first).state == "recommended"
    kept = Review.objects.get(proposal=second, reviewer=panel["reviewers"][0])
    assert (kept.state, ranked_in(runs[0], kept), ranked_in(runs[1], kept)) == ("invalidated", True, False)


def test_where_enough_are_left_the_field_is_ranked_again_at_once(eligible, cast, panel, fourth):
    people = [*panel["reviewers"], fourth]
    proposal = ranking.run(stages.judge(eligible, cast, people, (8, 8, 8, 9)), by=cast["secretariat"])
    stages.votes(
        perform(perform(proposal, "recommend", by=panel["chair"]), "bring_to_board", by=cast["secretariat"]),
        panel["board"][:3], *["approve"] * 3,
    )  # fmt: skip
    proposal = exclude(proposal, fourth, cast)
    assert explain(proposal, "reopen_review")
    assert [place.total for place in proposal.places.order_by("run")] == ["82.500000", "80.000000"]
    last, others = RankingRun.objects.last(), proposal.reviews.exclude(reviewer=fourth)
    assert [ranked_in(last, row) for row in others] == [True] * 3
    assert not ranked_in(last, proposal.reviews.get(reviewer=fourth))
    with pytest.raises(NotPossible, match="Too few votes without a conflict"):
        decide.approve(proposal, by=panel["board"][0])


def test_agreed_score_that_leaned_on_the_review_falls(eligible, cast, panel, fourth):
    people = [*panel["reviewers"], fourth]
    scores = ([4, 8, 8, 8, 8], [8] * 5, [8] * 5, [8] * 5)
    proposal = perform(stages.judge(eligible, cast, people, scores), "moderate", by=panel["chair"])
    first = proposal.call.criteria.first()
    consensus.settle(proposal, by=panel["chair"], criterion=first.pk, halves=8, reason="Persuaded.")
    proposal = ranking.run(proposal, by=cast["secretariat"])
    proposal = exclude(proposal, fourth, cast)  # enough are left, and they differ still
    assert (agreed_in(proposal), lines_of(proposal)[0].official, lines_of(proposal)[0].flagged) == ([], "3.33", True)
    assert RankingRun.objects.count() == 1
    proposal = perform(proposal, "reopen_review", by=cast["secretariat"])
    proposal = perform(perform(proposal, "close_review", by=panel["chair"]), "moderate", by=panel["chair"])
    with pytest.raises(NotPossible, match="The reviewers differ"):
        ranking.run(proposal, by=cast["secretariat"])
    consensus.settle(proposal, by=panel["chair"], criterion=first.pk, halves=7, reason="Looked at once more.")
    assert ranking.run(proposal, by=cast["secretariat"]).state == "ranked"
    assert list(ConsensusScore.objects.values_list("sitting", "halves")) == [(1, 8), (2, 7)]


def test_call_is_not_ranked_while_a_proposal_has_to_be_judged_again(funded_call, cast, panel, fourth):
    first, second = (stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second"))
    for row in (first, second):
        stages.judge(row, cast, panel["reviewers"])
    first = ranking.run(stages.fresh(first), by=cast["secretariat"])
    exclude(first, panel["reviewers"][0], cast)
    second = exclude(second, panel["reviewers"][1], cast)
    assert RankingRun.objects.count() == 1
    second = judged_again(second, fourth, cast)
    with pytest.raises(NotPossible, match=f"Open the reviews of {first.reference} again first"):
        ranking.run(second, by=cast["secretariat"])


def test_small_idea_goes_back_and_comes_again_by_itself(cast, line, panel):
    proposal = sparks.judged(
        sparks.sent(sparks.spark_call(cast, line), cast["lead"]), cast["secretariat"], panel["reviewers"][:2]
    )
    proposal = exclude(proposal, panel["reviewers"][0], cast)
    assert proposal.state == "decision_pending"
    assert "Each of 2 reviews" in explain(proposal, "approve_small")[0]
    proposal = perform(proposal, "reopen_review", by=cast["secretariat"])
    sparks.asked(proposal, cast["secretariat"], panel["reviewers"][2:])
    sparks.write(proposal, panel["reviewers"][2])
    assert sparks.fresh(proposal).state == "decision_pending"


def test_decided_proposal_keeps_its_reviews(pending, cast, panel):
    stages.votes(pending, panel["board"][:3], *["approve"] * 3)
    decide.approve(pending, by=panel["board"][0])
    with pytest.raises(NotPossible, match="already decided"):
        exclude(pending, panel["reviewers"][0], cast)
