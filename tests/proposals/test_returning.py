"""An approver answers for the version that was read, and for no other."""

import pytest
from django.urls import reverse

from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from proposals.models import Endorsement
from proposals.services import endorsing, partners

from .. import stages


@pytest.fixture
def gone_on(proposal, cast):
    """Version 2 is asked about, of which the approver has read version 1 only."""
    draft = perform(stages.await_agreement(proposal, cast), "recall", by=cast["lead"])
    partners.change(draft.partners.first(), by=cast["lead"], days=3, contribution="One nurse")
    return endorsing.ask(stages.fresh(draft), by=cast["lead"])


@pytest.fixture
def sponsor(client, cast):
    client.force_login(cast["sponsor"])
    return client


def url(proposal):
    return reverse("proposal_endorse", args=[proposal.case])


def test_return_of_a_version_that_was_not_read_records_nothing_and_shows_what_is_new(sponsor, gone_on):
    said = {"answer": "return", "reason": "Six days are too many.", "version": "1"}
    answer = sponsor.post(url(gone_on), said)
    page = answer.content.decode()
    assert (answer.status_code, stages.fresh(gone_on).state) == (409, "awaiting_endorsement")
    assert set(Endorsement.objects.values_list("answer", flat=True)) == {"asked"}
    assert "You read version 1; since then the team has asked about version 2." in page
    assert "What is new since version 1, which you read" in page
    assert ("3, One nurse" in page, "Six days are too many.</textarea>" in page) == (True, True)
    assert page.count('name="version" value="2"') == 2
    assert sponsor.post(url(gone_on), said | {"version": "2"}).status_code == 302
    row = Endorsement.objects.get(answer="returned")
    assert (row.version.number, row.reason) == (2, "Six days are too many.")


def test_agreement_to_a_version_that_was_not_read_shows_what_is_new_too(sponsor, gone_on):
    answer = sponsor.post(url(gone_on), {"answer": "agree", "version": "1"})
    assert (answer.status_code, "Read what is new, then answer." in answer.content.decode()) == (409, True)
    assert not Endorsement.objects.exclude(answer="asked").exists()


def test_return_without_a_version_is_refused_on_every_way(sponsor, gone_on, cast):
    with pytest.raises(endorsing.NotTheNewest):
        endorsing.give_back(gone_on, by=cast["sponsor"], note="Why not")
    sponsor.post(reverse("act", args=["proposals.proposal", gone_on.pk, "return_to_team"]), {"note": "Why not"})
    assert stages.fresh(gone_on).state == "awaiting_endorsement"


def test_reason_stays_readable_when_the_team_has_taken_it_back(sponsor, gone_on, cast):
    endorsing.agree(gone_on, by=cast["sponsor"], version=2)  # from now on the approver sees it in every state
    perform(gone_on, "recall", by=cast["lead"])
    said = {"answer": "return", "reason": "Too many days", "version": "2"}
    answer = sponsor.post(url(gone_on), said)
    assert (answer.status_code, "Too many days</textarea>" in answer.content.decode()) == (409, True)


def test_without_the_comparison_the_unread_version_is_returned(gone_on, cast, monkeypatch):
    monkeypatch.setattr(endorsing, "_refuse_unless_read", lambda proposal, version: None)
    assert endorsing.give_back(gone_on, by=cast["sponsor"], note="x", version=1).state == "draft"
    assert Endorsement.objects.get(answer="returned").version.number == 2


def test_one_who_may_not_answer_is_refused_as_before(gone_on, cast):
    with pytest.raises(NotPossible) as no:
        endorsing.give_back(gone_on, by=cast["lead"], note="x", version=1)
    assert no.value.forbidden
