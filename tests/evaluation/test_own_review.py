"""A reviewer reads no text before declaring, and on the proposal's page neither the others' acts nor the outcome."""

import pytest
from django.urls import reverse

from evaluation.enums import Choice, Interest
from evaluation.services import decide, reviewing
from people.enums import Role
from people.models import Involvement
from people.services.accounts import system_user
from people.services.grants import grant_role
from proposals.models import Proposal
from proposals.views.reading import CONCEALED, WORDS

from .. import stages
from ..conftest import new_proposal
from ..proposals.test_attachments import attach
from .test_writing_reviews import own, seated

ANSWER = stages.ANSWERS["problem"]["problem"]
SECRET = [WORDS[action] for action in CONCEALED]


def page_of(person, proposal):
    return seated(person).get(proposal.get_absolute_url())


def told(page):
    return [words for words in SECRET if words in page]


def test_reviewer_is_led_to_the_declaration_before_any_answer_or_file(funded_call, cast, panel):
    draft = new_proposal(funded_call, cast)
    file = reverse("proposal_attachment", args=[draft.case, attach(draft, cast["lead"]).pk])
    eligible = stages.check(draft, cast)
    first, second = panel["reviewers"][:2]
    for person in (first, second):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    review = own(eligible, first)
    for path in (eligible.get_absolute_url(), file, reverse("proposal_receipt", args=[eligible.case])):
        answer = seated(first).get(path)
        assert (path, answer.headers.get("Location")) == (path, review.get_absolute_url())
    assert ANSWER not in seated(first).get(review.get_absolute_url()).content.decode()
    reviewing.declare(review, by=first, interest=Interest.NONE)
    assert ANSWER in page_of(first, eligible).content.decode()
    assert seated(first).get(file).status_code == 200
    assert ANSWER in page_of(cast["secretariat"], eligible).content.decode()
    Involvement.objects.filter(person=second).delete()  # who has no review is asked for no declaration
    assert page_of(second, eligible).status_code == 404


def test_reviewer_does_not_read_who_else_has_an_interest(eligible, cast, panel):
    first, second = panel["reviewers"][:2]
    for person in (first, second):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    reviewing.declare(own(eligible, first), by=first, interest=Interest.ACQUAINTED, note="From school")
    reviewing.declare(own(eligible, second), by=second, interest=Interest.NONE)
    page = page_of(second, eligible).content.decode()
    assert (told(page), first.full_name in page, "From school" in page) == ([], False, False)
    assert WORDS["conflict_recorded"] in page_of(cast["secretariat"], eligible).content.decode()


def test_reviewer_with_an_office_reads_the_acts_once_the_own_review_is_in(eligible, cast, panel):
    person = panel["reviewers"][0]
    proposal = stages.judge(eligible, cast, panel["reviewers"])
    grant_role(by=system_user(), person=person, role=Role.AUDITOR, reason="test")
    assert WORDS["close_review"] in page_of(person, proposal).content.decode()
    proposal.reviews.filter(reviewer=person).update(state="in_progress")
    assert told(page_of(person, proposal).content.decode()) == []


@pytest.mark.parametrize("state", ["approved", "declined", "reserved"])
def test_reviewer_learns_no_result_before_its_release(pending, cast, panel, state):
    person = panel["reviewers"][0]
    Proposal.objects.filter(pk=pending.pk).update(state=state)
    page = page_of(person, pending).content.decode()
    shown = Proposal(state=state)
    assert ("Being judged" in page, shown._plain_words in page, told(page)) == (True, False, [])
    found = Proposal.objects.get(pk=pending.pk)
    assert found.state_for(person) == "Being judged"
    listed = {
        one: pending.title in seated(person).get(reverse("proposal_list") + f"?state={one}").content.decode()
        for one in (state, "judged")
    }
    assert listed == {state: False, "judged": True}
    assert shown._plain_words in page_of(panel["board"][0], pending).content.decode()


def test_officer_with_an_own_review_to_write_manages_no_reviewers_of_it(eligible, cast, panel):
    first, second = panel["reviewers"][:2]
    for person in (first, second):
        reviewing.assign(eligible, by=cast["secretariat"], reviewer=person)
    grant_role(by=system_user(), person=first, role=Role.SECRETARIAT, reason="test")
    page = reverse("assign_reviewers", args=[eligible.case])
    reviewing.declare(own(eligible, second), by=second, interest=Interest.ACQUAINTED, note="From school")
    conflicts = reverse("conflicts", args=[eligible.call.reference])
    for path in (page, conflicts):
        assert second.full_name not in seated(first).get(path, follow=True).content.decode()
    answer = seated(first).post(page, {"reviewer": panel["reviewers"][2].pk}, follow=True).content.decode()
    assert ("Hand in your own review first" in answer, eligible.reviews.count()) == (True, 2)
    assert second.full_name in seated(cast["secretariat"]).get(conflicts).content.decode()
    eligible.reviews.filter(reviewer=first).update(state="refused")
    assert second.full_name in seated(first).get(page).content.decode()


def test_officer_finds_each_review_and_excludes_one_from_the_proposal_on(eligible, cast, panel):
    proposal = stages.judge(eligible, cast, panel["reviewers"])
    client, review = seated(cast["secretariat"]), own(proposal, panel["reviewers"][0])
    page = reverse("assign_reviewers", args=[proposal.case])
    assert page in client.get(proposal.get_absolute_url()).content.decode()
    text = client.get(page).content.decode()
    exclude = reverse("act", args=["evaluation.review", review.pk, "invalidate"])
    assert (review.get_absolute_url() in text, exclude in text, "Reviewers of the fund" in text) == (True, True, False)
    client.post(exclude, {"note": "Her brother leads it"})
    assert own(proposal, panel["reviewers"][0]).state == "invalidated"
    assert exclude not in client.get(page).content.decode()


def test_nothing_is_excluded_once_it_is_decided(pending, cast, panel):
    page, client = reverse("assign_reviewers", args=[pending.case]), seated(cast["secretariat"])
    assert "Exclude it" in client.get(page).content.decode()
    stages.votes(pending, panel["board"][:3], *3 * [Choice.DECLINE])
    decide.decline(pending, by=panel["board"][0])
    assert "Exclude it" not in client.get(page).content.decode()
