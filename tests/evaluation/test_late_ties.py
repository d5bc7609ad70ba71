"""A tie that comes up late: no money, ranking or chair's act leans on it, and the secretariat knows what to do."""

import pytest
from django.urls import reverse

from evaluation.models import RankingRun, Review
from evaluation.queries import candidates_for
from evaluation.ranking_page import runs_of
from evaluation.services import conflicts, decide, excluding, moderating, permitting, ranking, reviewing
from evaluation.services import panel as consensus
from evaluation.waiting import waiting_for
from lifecycle.errors import NotPossible
from lifecycle.performing import explain, perform
from people.enums import Grade, Role
from people.models import Block, EmploymentSnapshot, Notification
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from .. import factories, stages
from ..conftest import new_proposal, officers


def manages(person, cast):
    """From today the register says that the person is the lead's line manager."""
    EmploymentSnapshot.objects.filter(person=cast["lead"]).update(line_manager=person)


def work_of(cast):
    return [row.what for row in waiting_for(cast["secretariat"], {Role.SECRETARIAT})]


def voted(pending, panel):
    return stages.votes(pending, panel["board"][:3], *["approve"] * 3)


# The review of somebody tied


def test_clock_excludes_the_review_and_puts_the_next_step_in_the_work_of_the_secretariat(pending, cast, panel):
    person = panel["reviewers"][0]
    voted(pending, panel)
    manages(person, cast)
    excluding.look_everywhere()
    review = Review.objects.get(proposal=pending, reviewer=person)
    assert (review.state, review.ranked_in, review.scores.exists()) == ("invalidated", RankingRun.objects.get(), True)
    assert not Proposal.objects.visible_to(person).exists()
    assert "waits until the secretariat has opened the reviews again" in explain(stages.fresh(pending), "approve")[0]
    assert "Open the reviews of “One visit is enough” again" in work_of(cast)
    told = Notification.objects.get(key=f"tied:{review.pk}")
    assert (told.person, "Is the line manager" in told.body) == (cast["secretariat"], True)
    excluding.look_everywhere()
    assert Notification.objects.filter(key=f"tied:{review.pk}").count() == 1


def test_in_review_another_reviewer_is_asked_for(eligible, cast, panel):
    proposal = perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])
    manages(panel["reviewers"][2], cast)
    assert "Ask another reviewer for “One visit is enough”" not in work_of(cast)
    excluding.look_everywhere()
    assert proposal.reviews.get(reviewer=panel["reviewers"][2]).state == "invalidated"
    assert "Ask another reviewer for “One visit is enough”" in work_of(cast)
    assert not panel["reviewers"][2].involvements.filter(case=proposal.case, until=None).exists()


def test_tie_that_can_be_lived_with_does_not_count_either(pending, cast, panel, agencies):
    person = panel["reviewers"][0]
    EmploymentSnapshot.objects.filter(person=person).update(agency=agencies["health"])
    excluding.look_everywhere()
    assert Review.objects.get(proposal=pending, reviewer=person).state == "invalidated"
    assert {row.grade for row in Block.objects.filter(person=person)} == {Grade.MITIGATE}


def test_approval_looks_at_the_reviewers_itself(pending, cast, panel):
    voted(pending, panel)
    manages(panel["reviewers"][0], cast)
    with pytest.raises(NotPossible, match="opened the reviews again"):
        decide.approve(pending, by=panel["board"][0])
    assert stages.fresh(pending).state == "decision_pending"
    assert Review.objects.filter(proposal=pending, state="locked").count() == 2
    assert not pending.call.budget_line.entries.filter(kind="commitment").exists()


def test_without_the_look_before_the_lock_still_refuses(pending, cast, panel, monkeypatch):
    voted(pending, panel)
    manages(panel["reviewers"][0], cast)
    monkeypatch.setattr(excluding, "look_again", lambda *_, **__: None)
    with pytest.raises(NotPossible, match="came up while you decided"):
        decide.approve(pending, by=panel["board"][0])


def test_with_both_guards_taken_away_it_would_pass(pending, cast, panel, monkeypatch):
    voted(pending, panel)
    manages(panel["reviewers"][0], cast)
    for name in ("look_again", "refuse_tied"):
        monkeypatch.setattr(excluding, name, lambda *_, **__: None)
    assert decide.approve(pending, by=panel["board"][0]).state == "approved"


def test_block_on_record_alone_stops_the_approval(pending, cast, panel, monkeypatch):
    voted(pending, panel)
    conflicts.block(pending, panel["reviewers"][0], reason="Cousin", by=cast["secretariat"])
    for name in ("look_again", "refuse_tied"):
        monkeypatch.setattr(excluding, name, lambda *_, **__: None)
    with pytest.raises(NotPossible, match="opened the reviews again"):
        decide.approve(pending, by=panel["board"][0])


def test_only_locked_reviews_carry_an_approval(pending, panel):
    voted(pending, panel)
    Review.objects.filter(pk=Review.objects.first().pk).update(state="submitted")
    assert "opened the reviews again" in explain(stages.fresh(pending), "approve")[0]


def test_ranking_that_holds_an_excluded_review_stands_for_nothing_until_it_is_run_again(
    funded_call, cast, panel, client
):
    fourth = officers(Role.REVIEWER, factories.AgencyFactory(code="moe", name="Ministry of Education"), 1)[0]
    people = [*panel["reviewers"], fourth]
    first, second, third = (stages.check(new_proposal(funded_call, cast, name), cast) for name in ("A1", "B2", "C3"))
    stages.judge(first, cast, people, (8, 8, 8, 9))
    stages.judge(second, cast, panel["reviewers"])
    Proposal.objects.filter(pk=third.pk).update(state="screening")
    first = ranking.run(stages.fresh(first), by=cast["secretariat"])
    Proposal.objects.filter(pk=third.pk).update(state="in_review")  # a field that is not whole is not ranked at once
    excluding.invalidate(first.reviews.get(reviewer=fourth), by=cast["secretariat"], note="Cousin")
    assert any(run.fell for run in runs_of(funded_call))
    for row in (first, second):
        with pytest.raises(NotPossible, match="until the secretariat has ranked the call again"):
            perform(stages.fresh(row), "recommend", by=panel["chair"])
    assert any(row.startswith("Rank again, as a review was excluded") for row in work_of(cast))
    with pytest.raises(NotPossible, match="still with the reviewers"):
        ranking.rank_anew(funded_call, by=cast["secretariat"])
    with pytest.raises(NotPossible, match="Only the secretariat"):
        ranking.rank_anew(funded_call, by=panel["chair"])
    Proposal.objects.filter(pk=third.pk).update(state="withdrawn")
    client.force_login(cast["secretariat"])
    page = reverse("ranking", args=[funded_call.reference])
    assert "Rank again" in client.get(page).content.decode()
    client.post(page)
    old, new = RankingRun.objects.all()
    assert (new.replaces, any(run.fell for run in runs_of(funded_call))) == (old, False)
    assert perform(stages.fresh(first), "recommend", by=panel["chair"]).state == "recommended"
    with pytest.raises(NotPossible, match="it stands"):
        ranking.rank_anew(funded_call, by=cast["secretariat"])


# The chair


@pytest.fixture
def moderated(eligible, cast, panel):
    closed = stages.judge(eligible, cast, panel["reviewers"], ([4, 8, 8, 8, 8], [8] * 5, [8] * 5))
    return perform(closed, "moderate", by=panel["chair"])


def acts_of(proposal, chair, cast, asked):
    criterion = proposal.call.criteria.first().pk
    words = moderating.Words({}, **stages.WHOLE)
    return [
        lambda: consensus.settle(proposal, by=chair, criterion=criterion, halves=8, reason="Persuaded."),
        lambda: moderating.note(proposal, by=chair, text="They differ."),
        lambda: moderating.write_feedback(proposal, by=chair, number=0, words=words, certify=False),
        lambda: permitting.answer(asked, by=chair, given=True, answer="Needed."),
    ]


@pytest.mark.parametrize("grade", ["block", "mitigate"])
def test_chair_with_a_conflict_does_nothing(moderated, cast, panel, agencies, grade):
    chair, tied = panel["chair"], panel["reviewers"][0]
    asked = moderated.permissions.create(person=tied, asked_by=cast["secretariat"], asked_at=moderated.submitted_at)
    if grade == "block":
        manages(chair, cast)
    else:
        EmploymentSnapshot.objects.filter(person=chair).update(agency=agencies["health"], as_of="2020-01-01")
        factories.SnapshotFactory(person=chair, agency=agencies["farms"], as_of="2026-07-01")
    for act in acts_of(moderated, chair, cast, asked):
        with pytest.raises(ConflictOfInterest, match="You cannot chair this"):
            act()
    excluding.look_everywhere()
    for act in acts_of(moderated, chair, cast, asked):
        with pytest.raises(NotPossible, match="Only a chair without a conflict"):
            act()


def test_chair_with_a_conflict_neither_talks_over_nor_returns_nor_recommends(eligible, cast, panel):
    chair = panel["chair"]
    proposal = perform(stages.assign(eligible, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"])
    manages(chair, cast)
    with pytest.raises(ConflictOfInterest):
        perform(_all_in(proposal), "close_review", by=chair)
    review = proposal.reviews.first()
    with pytest.raises(ConflictOfInterest):
        reviewing.give_back(review, by=chair, note="Why?", fault=reviewing.Fault.MISSING)
    proposal = perform(stages.fresh(proposal), "close_review", by=cast["secretariat"])
    with pytest.raises(ConflictOfInterest):
        perform(proposal, "moderate", by=chair)
    proposal = ranking.run(proposal, by=cast["secretariat"])
    for step in ("recommend", "not_recommend"):
        with pytest.raises(ConflictOfInterest):
            perform(proposal, step, by=chair, note="x")


def _all_in(proposal):
    for review in proposal.reviews.order_by("pk"):
        saved = reviewing.save(review, by=review.reviewer, edit=0, draft=stages.draft_of(review))
        reviewing.submit(saved, by=review.reviewer)
    return stages.fresh(proposal)


@pytest.mark.parametrize(("role", "number"), [(Role.CHAIR, 0), (Role.BOARD, 1)])
@pytest.mark.parametrize("recorded", [False, True])
def test_own_ministry_does_not_exist_for_chair_and_board(pending, cast, agencies, client, role, number, recorded):
    """A department below the lead's ministry; before the register was looked at, and after."""
    below = factories.AgencyFactory(code=f"dep{number}", name="Department", parent=agencies["health"])
    person = officers(role, below, 1)[0]
    if recorded:
        excluding.look_everywhere()
        assert Block.objects.get(person=person).grade == Grade.BLOCK
    review = Review.objects.first()
    client.force_login(person)
    for path in (pending.get_absolute_url(), f"{pending.get_absolute_url()}vote/", review.get_absolute_url()):
        assert client.get(path).status_code == 404, path
    for name in ("panel", "ranking"):
        assert pending.title not in client.get(reverse(name, args=[pending.call.reference])).content.decode()
    assert pending.title not in client.get(f"/proposals/?q={pending.title[:9]}").content.decode()


def test_partner_ministry_without_anybody_in_the_team_counts(pending, agencies):
    pending.partners.create(agency=agencies["farms"], days=1)
    chair = officers(Role.CHAIR, factories.AgencyFactory(code="d9", name="Dep", parent=agencies["farms"]), 1)[0]
    assert not Proposal.objects.visible_to(chair).exists()
    assert not Review.objects.visible_to(chair).exists()


# Stepping aside


def test_recusing_after_accepting_has_a_page_and_keeps_the_person_out(eligible, cast, panel, client):
    person = panel["reviewers"][0]
    proposal = stages.assign(eligible, cast, [person])
    review = proposal.reviews.get()
    client.force_login(person)
    page = reverse("review_recuse", args=[review.pk])
    assert page in client.get(review.get_absolute_url()).content.decode()
    assert client.post(page, {"interest": "", "note": ""}).status_code == 400
    client.post(page, {"interest": "financial", "note": "My brother-in-law is the supplier"})
    assert Review.objects.get().state == "recused"
    assert "brother-in-law" in Block.objects.get(person=person).reason
    assert client.get(proposal.get_absolute_url()).status_code == client.get(page).status_code == 404


def test_who_withdrew_is_not_offered_again(eligible, cast, panel):
    person = panel["reviewers"][0]
    proposal = stages.assign(eligible, cast, [person])
    perform(proposal.reviews.get(), "abstain", by=person, note="Not my field")
    assert person not in [row.person for row in candidates_for(proposal)]


def test_refused_acceptance_keeps_what_was_found(eligible, cast, panel):
    person = panel["reviewers"][0]
    review = reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    manages(person, cast)
    with pytest.raises(ConflictOfInterest, match="Is the line manager"):
        reviewing.declare(review, by=person, interest=reviewing.Interest.NONE)
    assert (Review.objects.get().state, Block.objects.get(person=person).grade) == ("invalidated", Grade.BLOCK)
    assert Notification.objects.filter(key=f"tied:{review.pk}", person=cast["secretariat"]).exists()
