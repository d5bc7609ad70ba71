"""Unique words planted where secrets lie: filters, search and reviewers' letters tell nothing that pages do not."""

import re
from collections import defaultdict
from types import SimpleNamespace
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.test import Client

from evaluation.enums import Choice
from evaluation.models import Review, Score
from evaluation.queries import others_for, shuffled
from evaluation.services import decide
from evaluation.services import panel as consensus
from fund.models import BudgetLine
from incentives.models import LearningRecord, Nomination
from incentives.services import files
from lifecycle import jobs
from lifecycle.models import Job
from people.models import User
from people.services.notify import notify
from proposals.models import Proposal
from proposals.services import screening

from .. import conftest, factories, stages
from .matrix import world  # noqa: F401  (the fixture)


def word(name):
    return f"Canary{name}"


@pytest.fixture
def planted(world, cast, panel, funded_call):  # noqa: F811
    """The world of the access matrix with a word in each secret."""
    pending, moderated = (Proposal.objects.get(case=world[name]) for name in ("pending", "moderated"))
    person = cast["out_reviewer"]
    User.objects.filter(pk=person.pk).update(full_name=word("reviewername"), email=f"{word('reviewermail')}@x.example")
    mine = Review.objects.filter(reviewer=person)
    Score.objects.filter(review__in=mine).update(reason=word("scorereason"))
    mine.update(strength=word("reviewstrength"))
    decide.vote(pending, by=cast["out_board"], choice=Choice.APPROVE, reason=word("votereason"))
    criterion = funded_call.criteria.first()
    consensus.settle(moderated, by=cast["out_chair"], criterion=criterion.pk, halves=7, reason=word("consensusreason"))
    results = stages.MET | {next(iter(stages.MET)): (False, word("checknote"))}
    screening.record_results(Proposal.objects.get(case=world["screening"]), by=cast["secretariat"], results=results)
    LearningRecord.objects.filter(grant__case=world["stopped"]).update(saw=word("learningtext"))
    Nomination.objects.filter(pk=world["nomination"]).update(statement=word("nominationtext"))
    BudgetLine.objects.filter(code=world["line"]).update(name=word("linename"))
    line = funded_call.budget_line
    other = factories.open_call(cast["secretariat"], cast["head"], reference="other", budget_line=line)
    declined = stages.check(conftest.new_proposal(other, cast, word("declinedtitle")), cast)
    declined = stages.to_board(stages.judge(declined, cast, panel["reviewers"]), cast, panel["chair"])
    declined = stages.votes(declined, panel["board"][:3], *["decline"] * 3)
    decide.decline(declined, by=panel["board"][0])
    notify(person=cast["protection"], key="private", subject=word("privatemessage"), body="b")
    ask = [files.ask_for_cohort(by=cast["hr"], words=""), files.ask_for_annex(by=cast["hr"], person=cast["lead"])]
    for job in [*ask, *Job.objects.filter(name="proposals.make_receipt", state="waiting")]:
        jobs.run(job.pk)
    return world | {"declined": declined.case}


def found_by(client, query):
    return set(re.findall(r"/proposals/[0-9a-f-]{36}/", client.get(f"/proposals/?{query}").content.decode()))


def test_filters_and_search_tell_nothing_that_pages_do_not(planted, cast):
    clients = {name: Client() for name in ("lead", "sponsor", "stranger", "conflicted")}
    for name, client in clients.items():
        client.force_login(cast[name])
    hidden = ("declined", "approved", "decision_pending", "in_moderation", "review_closed", "ranked", "eligible")
    for client in clients.values():
        assert [found_by(client, f"state={state}") for state in hidden] == [set()] * len(hidden)
        plain = found_by(client, "")
        for odd in ("ordering=reviewer", "reviewer=1", "order_by=-score", "state=nonsense", "released_at__isnull=0"):
            assert found_by(client, odd) == plain, odd
        assert found_by(client, f"q={word('reviewername')}") == set()
    assert f"/proposals/{planted['declined']}/" in found_by(clients["lead"], "state=judged")
    for name in ("stranger", "conflicted"):
        assert found_by(clients[name], f"q={word('declinedtitle')}") == set()


def test_letters_of_reviewers_are_fixed_within_a_proposal(planted):
    reviews = list(Review.objects.filter(proposal__case=planted["declined"]))
    letters = defaultdict(set)
    for review in reviews:
        for other in others_for(review):
            letters[other.review.pk].add(other.name)
    assert sorted(next(iter(names)) for names in letters.values()) == ["Reviewer A", "Reviewer B", "Reviewer C"]
    assert [len(names) for names in letters.values()] == [1, 1, 1]


def test_letters_of_reviewers_tell_nothing_about_order():
    """Over many proposals each of the six orders of three reviews comes up."""
    orders = set()
    for number in range(60):
        case = uuid5(NAMESPACE_URL, str(number))
        orders.add(tuple(sorted(range(3), key=lambda pk, case=case: shuffled(SimpleNamespace(case=case, pk=pk)))))
    assert len(orders) == 6
