import json

import pytest
from django.urls import reverse

from evaluation.enums import Fault, Interest
from evaluation.models import ConsensusScore, Place, RankingRun, Review
from evaluation.queries import candidates_for, is_flagged, others_for
from evaluation.services import excluding, ranking, reviewing
from evaluation.services import panel as consensus
from evaluation.waiting import waiting_for
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.enums import Role
from people.models import Block, EmploymentSnapshot, Notification
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from .. import factories, stages
from ..remembering import remembered


def reviewer(agency, email="new@x.example"):
    person = factories.civil_servant(email, agency)
    grant_role(by=system_user(), person=person, role=Role.REVIEWER, reason="test")
    return person


def test_reviewer_of_a_team_agency_is_refused_with_the_reason(eligible, cast, agencies):
    with pytest.raises(ConflictOfInterest, match="Works in GovTech Agency, which takes part"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=reviewer(agencies["digital"]))
    assert not Review.objects.exists()


def test_reviewer_of_a_division_below_a_team_ministry_is_refused(eligible, cast, agencies):
    division = factories.AgencyFactory(code="moh-div", name="Planning Division", parent=agencies["health"])
    with pytest.raises(ConflictOfInterest, match="which takes part"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=reviewer(division))


def test_former_member_is_refused_with_the_reason(eligible, cast):
    grant_role(by=system_user(), person=cast["exmember"], role=Role.REVIEWER, reason="test")
    with pytest.raises(ConflictOfInterest, match="Has or had the part “Team member” in it"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=cast["exmember"])


def test_line_manager_of_the_lead_is_refused_with_the_reason(eligible, cast, agencies):
    manager = reviewer(agencies["farms"])
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=manager)
    with pytest.raises(ConflictOfInterest, match="Is the line manager of Name of lead"):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=manager)


def test_candidates_show_load_and_conflicts(eligible, cast, panel, agencies):
    reviewer(agencies["digital"])
    stages.assign(eligible, cast, panel["reviewers"][:1])
    found = {c.person.email: (c.load, [x.reason for x in c.conflicts]) for c in candidates_for(eligible)}
    assert panel["reviewers"][0].email not in found
    assert found[panel["reviewers"][1].email] == (0, [])
    assert found["new@x.example"] == (0, ["Works in GovTech Agency, which takes part"])


def test_only_the_secretariat_assigns(eligible, cast, panel):
    for name in ("lead", "head", "chair", "board", "stranger"):
        with pytest.raises(NotPossible) as no:
            reviewing.assign(eligible, by=cast[name], reviewer=panel["reviewers"][0])
        assert no.value.forbidden


def test_declared_interest_recuses_blocks_and_hides_the_proposal(eligible, cast, panel):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    review = reviewing.declare(review, by=person, interest=Interest.RELATIVE, note="My cousin")
    assert review.state == "recused"
    assert Block.objects.get(case=eligible.case, person=person).reason.endswith("My cousin")
    assert not Proposal.objects.visible_to(person).exists()
    assert not Review.objects.visible_to(person).exists()


def test_reviews_begin_when_the_stage_has_its_reviewers(eligible, cast, panel):
    stages.assign(eligible, cast, panel["reviewers"][:2])
    assert explain(eligible, "begin_review") == ["Not enough reviewers have accepted yet."]
    stages.assign(eligible, cast, panel["reviewers"][2:])
    assert explain(eligible, "begin_review") == []


@remembered
def in_review(eligible, cast, panel):
    return perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])


def own(proposal, person):
    return Review.objects.get(proposal=proposal, reviewer=person)


def save(review, **fields):
    draft = stages.draft_of(review, **fields)
    return reviewing.save(review, by=review.reviewer, edit=review.edit, draft=draft)


def test_unfinished_review_is_kept_and_cannot_be_handed_in(in_review, panel):
    review = save(own(in_review, panel["reviewers"][0]), weakness="")
    assert review.state == "in_progress"
    with pytest.raises(NotPossible, match="Score every criterion"):
        reviewing.submit(review, by=review.reviewer)


@pytest.mark.parametrize(("halves", "allowed"), [(5, False), (6, True), (8, True), (9, False)])
def test_reason_is_needed_below_three_and_from_four_and_a_half(in_review, panel, halves, allowed):
    review = own(in_review, panel["reviewers"][0])
    draft = stages.draft_of(review, halves)
    bare = {key: (score, "") for key, (score, _) in draft.scores.items()}
    saved = reviewing.save(review, by=review.reviewer, edit=0, draft=reviewing.Draft(
        bare, draft.strength, draft.weakness, draft.change, draft.chance))  # fmt: skip
    if allowed:
        assert reviewing.submit(saved, by=review.reviewer).state == "submitted"
    else:
        with pytest.raises(NotPossible, match="give a reason"):
            reviewing.submit(saved, by=review.reviewer)


def test_stale_save_writes_nothing(in_review, panel):
    review = own(in_review, panel["reviewers"][0])
    save(review, strength="First.")
    with pytest.raises(reviewing.Stale):
        save(review, strength="Second.")
    review.refresh_from_db()
    assert (review.strength, review.edit) == ("First.", 1)


def test_nobody_writes_anothers_review(in_review, cast, panel):
    review = own(in_review, panel["reviewers"][0])
    for person in (panel["reviewers"][1], panel["chair"], cast["secretariat"], cast["lead"]):
        with pytest.raises(NotPossible) as no:
            reviewing.save(review, by=person, edit=0, draft=stages.draft_of(review))
        assert no.value.forbidden


def test_others_open_only_after_own_and_with_two(in_review, panel):
    first, second, third = [own(in_review, person) for person in panel["reviewers"]]
    reviewing.submit(save(first), by=first.reviewer)
    first.refresh_from_db()
    assert others_for(first) == []
    reviewing.submit(save(second), by=second.reviewer)
    second.refresh_from_db()
    letters = {other.review.pk: other.name for review in (first, second) for other in others_for(review)}
    assert set(letters) == {first.pk, second.pk}
    assert set(letters.values()) == {"Reviewer A", "Reviewer B"}  # in an order that tells nothing about the time
    assert others_for(third) == []


def test_submitted_review_changes_only_when_the_chair_returns_it(in_review, panel):
    review = own(in_review, panel["reviewers"][0])
    reviewing.submit(save(review), by=review.reviewer)
    review.refresh_from_db()
    with pytest.raises(NotPossible, match="handed in"):
        save(review)
    back = reviewing.give_back(review, by=panel["chair"], note="Say why 4.5.", fault=Fault.MISSING)
    assert back.state == "in_progress"
    assert Notification.objects.filter(person=review.reviewer, subject="The chair returned your review").count() == 1


def test_chair_of_a_team_agency_is_refused(in_review, cast, panel):
    review = own(in_review, panel["reviewers"][0])
    reviewing.submit(save(review), by=review.reviewer)
    with pytest.raises(NotPossible) as no:
        reviewing.give_back(Review.objects.get(pk=review.pk), by=cast["chair"], note="x")
    assert no.value.forbidden


def test_differing_reviewers_are_talked_over_before_the_ranking(eligible, cast, panel):
    proposal = stages.judge(eligible, cast, panel["reviewers"], scores=([4, 8, 8, 8, 8], [8] * 5, [8] * 5))
    assert is_flagged(proposal)
    with pytest.raises(NotPossible, match="The reviewers differ"):
        ranking.run(proposal, by=cast["secretariat"])
    proposal = perform(proposal, "moderate", by=panel["chair"])
    first = proposal.call.criteria.first()
    with pytest.raises(NotPossible, match="Say why"):
        consensus.settle(proposal, by=panel["chair"], criterion=first.pk, halves=7, reason=" ")
    consensus.settle(proposal, by=panel["chair"], criterion=first.pk, halves=7, reason="One had missed the annex.")
    row = ConsensusScore.objects.get()
    assert (row.before, row.halves, row.by) == ("3.33", 7, panel["chair"])
    assert ranking.run(proposal, by=cast["secretariat"]).state == "ranked"
    assert Place.objects.get().total == "77.000000"


@pytest.mark.parametrize(("place", "halves", "words"), [
    (1, 8, "do not differ on this criterion"), (0, 3, "from 2 to 4: agree on a"), (0, 9, "from 2 to 4: agree on a"),
])  # fmt: skip
def test_panel_agrees_only_on_what_differs_and_between_scores(eligible, cast, panel, place, halves, words):
    proposal = stages.judge(eligible, cast, panel["reviewers"], scores=([4, 8, 8, 8, 8], [8] * 5, [8] * 5))
    proposal = perform(proposal, "moderate", by=panel["chair"])
    criterion = list(proposal.call.criteria.order_by("position"))[place].pk
    with pytest.raises(NotPossible, match=words):
        consensus.settle(proposal, by=panel["chair"], criterion=criterion, halves=halves, reason="So be it.")
    assert not ConsensusScore.objects.exists()


def test_form_offers_the_marked_criteria_and_what_lies_between(eligible, cast, panel, client):
    proposal = stages.judge(eligible, cast, panel["reviewers"], scores=([4, 8, 8, 8, 8], [8] * 5, [8] * 5))
    perform(proposal, "moderate", by=panel["chair"])
    first, second = proposal.call.criteria.order_by("position")[:2]
    client.force_login(panel["chair"])
    path = reverse("consensus", args=[proposal.case])
    form = client.get(path).context["form"]
    assert form.fields["criterion"].choices[1:] == [(str(first.pk), f"{first.name} (from 2 to 4)")]
    assert [value for value, _ in form.fields["halves"].choices] == ["", "4", "5", "6", "7", "8"]
    for criterion, halves in ((second.pk, "6"), (first.pk, "9")):
        said = {"criterion": criterion, "halves": halves, "reason": "So be it."}
        assert client.post(path, said).status_code == 400
    assert client.post(path, {"criterion": first.pk, "halves": "5", "reason": "So be it."}).status_code == 302
    assert ConsensusScore.objects.get().halves == 5


def test_where_only_totals_lie_apart_the_panel_agrees_on_what_differs():
    from evaluation.scoring import Item, Sheet, open_to_agreement

    weights = {1: 40, 2: 40, 3: 20}
    item = Item("a", [Sheet("x", {1: 4, 2: 4, 3: 6}), Sheet("y", {1: 7, 2: 7, 3: 6})], {})
    assert open_to_agreement(weights, item) == {1: (4, 7), 2: (4, 7)}
    near = Item("a", [Sheet("x", {1: 6, 2: 6, 3: 6}), Sheet("y", {1: 7, 2: 7, 3: 6})], {})
    assert open_to_agreement(weights, near) == {}


def test_ranking_waits_for_every_proposal_of_the_call(eligible, cast, panel, funded_call):
    from ..conftest import new_proposal

    stages.check(new_proposal(funded_call, cast, "Second"), cast)
    with pytest.raises(NotPossible, match=r"^1 proposal of the call is still with the reviewers"):
        ranking.run(stages.judge(eligible, cast, panel["reviewers"]), by=cast["secretariat"])


def test_ranking_keeps_inputs_without_names_and_locks_the_reviews(eligible, cast, panel):
    proposal = ranking.run(stages.judge(eligible, cast, panel["reviewers"], (8, 7, 6)), by=cast["secretariat"])
    run = RankingRun.objects.get()
    said = json.loads(run.inputs)
    assert sum(said["weights"].values()) == 100
    assert len(said["proposals"][0]["reviews"]) == 3
    assert "Name of" not in run.inputs
    assert (Place.objects.get().place, Place.objects.get().total) == (1, "70.000000")
    assert set(proposal.reviews.values_list("state", flat=True)) == {"locked"}


def test_conflict_found_late_excludes_the_review_and_keeps_it(in_review, cast, panel):
    review = own(in_review, panel["reviewers"][0])
    reviewing.submit(save(review), by=review.reviewer)
    excluding.invalidate(Review.objects.get(pk=review.pk), by=cast["secretariat"], note="Sister in the team")
    review.refresh_from_db()
    assert (review.state, review.strength) == ("invalidated", "Clear need.")
    assert not Proposal.objects.visible_to(review.reviewer).exists()
    assert explain(in_review, "close_review") == ["Not enough reviews are in yet."]


def test_below_the_threshold_cannot_be_recommended(eligible, cast, panel):
    proposal = ranking.run(stages.judge(eligible, cast, panel["reviewers"], (6, 6, 6)), by=cast["secretariat"])
    with pytest.raises(NotPossible, match="does not reach the thresholds"):
        perform(proposal, "recommend", by=panel["chair"])
    with pytest.raises(NotPossible, match="Give a reason"):
        perform(proposal, "not_recommend", by=panel["chair"])
    assert perform(proposal, "not_recommend", by=panel["chair"], note="Below 65 %.").state == "not_recommended"


def test_reviewer_who_refused_no_longer_reads_the_proposal(eligible, cast, panel):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    assert Proposal.objects.visible_to(person).count() == 1
    perform(review, "refuse", by=person)
    assert Proposal.objects.visible_to(person).count() == 0


def test_review_of_a_withdrawn_proposal_no_longer_waits(in_review, cast, panel):
    person = panel["reviewers"][0]
    assert [row.what for row in waiting_for(person, {Role.REVIEWER})] == ["Review “One visit is enough”"]
    perform(in_review, "withdraw", by=cast["lead"])
    assert waiting_for(person, {Role.REVIEWER}) == []
