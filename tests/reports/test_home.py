from datetime import timedelta

import pytest
from django.urls import reverse

from lifecycle import clock
from lifecycle.performing import perform
from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import conftest, stages


@pytest.fixture
def page(client):
    def of(person, query=""):
        client.force_login(person)
        return client.get(reverse("home") + query).content.decode()

    return of


def test_home_counts_what_waits_by_role_and_narrows_to_one(page, funded_call, cast, panel):
    stages.submit(conftest.new_proposal(funded_call, cast, "First"), cast)
    stages.submit(conftest.new_proposal(funded_call, cast, "Second"), cast)
    both = cast["secretariat"]
    grant_role(by=system_user(), person=both, role=Role.SPONSOR, agency=cast["lead"].snapshots.get().agency, reason="x")
    stages.await_agreement(conftest.new_proposal(funded_call, cast, "Third"), cast)
    whole = page(both)
    assert ("Secretariat officer (3)" in whole, "Agency approver (1)" in whole, "All (4)" in whole) == (True,) * 3
    one = page(both, "?as=Agency+approver")
    assert ("Agree to “Third”?" in one, "Take the first check" in one) == (True, False)


def test_home_of_one_role_shows_no_filter_and_a_made_up_role_shows_all(page, submitted, cast):
    assert "by role" not in page(cast["secretariat"])
    assert "Take the first check" in page(cast["secretariat"], "?as=Emperor")


def test_home_marks_what_is_overdue(page, grant, cast):
    first = grant.milestones.get(position=1)
    assert "Overdue" not in page(cast["lead"])
    type(first).objects.filter(pk=first.pk).update(due_on=clock.today() - timedelta(days=1))
    assert "Overdue" in page(cast["lead"])


def test_home_keeps_what_is_over_out_of_what_is_in_progress(page, proposal, cast):
    assert proposal.title in page(cast["lead"])
    perform(proposal, "withdraw", by=cast["lead"])
    assert proposal.title not in page(cast["lead"])


def test_home_asks_for_a_vote_until_it_is_given_in_each_round(page, pending, cast, panel):
    from evaluation.services import decide

    member = panel["board"][0]
    assert "Vote on" in page(member)
    for voter, choice in zip(panel["board"], ("approve", "decline", "defer"), strict=False):
        decide.vote(pending, by=voter, choice=choice, reason="x")
    assert "Vote on" not in page(member)
    stages.put_off(stages.fresh(pending), member, cast["secretariat"])
    assert "Vote on" in page(member)
