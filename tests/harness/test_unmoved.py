"""Nothing of the judging moves anything that others can see before the release: no word, count, order, time or header.

All that each of them reaches is photographed before the reviews come in, and again after each step of the judging, at
the same time of day; the photographs are equal, byte for byte.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from evaluation.enums import Choice
from evaluation.services import decide, ranking
from lifecycle import clock
from lifecycle.performing import perform
from people.queries import inbox
from proposals import queries
from proposals.models import Proposal
from proposals.views.reading import ProposalList

from .. import stages
from ..conftest import new_proposal
from ..evaluation.test_writing_reviews import own, save
from ..sizes import once
from .crawl import pages

# Who has no part in the judging: of the teams, their agencies, other offices, and the public.
OUTSIDE = ("lead", "exmember", "sponsor", "stranger", "conflicted", "reviewer", "verifier", "hr", "citizen", None)
TOKEN = re.compile(r'name="(?:csrfmiddlewaretoken|begin|once)" value="[^"]+"')


def photograph(cast, at, people=OUTSIDE):
    """Return (person, address) -> all that it says at one moment."""
    found = {}
    with clock.frozen(at):
        for name in people:
            client = Client()
            if name:
                client.force_login(cast[name])
            for path, _, text in pages(client, ["/", "/inbox/", "/proposals/", "/calls/"]):
                found[name, path.partition("?")[0]] = TOKEN.sub("", text)
            found[name, "mail"] = repr(list(inbox(cast[name]).values_list("subject", "body"))) if name else ""
    return found


def moved(before, after):
    """Return what is not as it was."""
    return sorted({str(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)})


@pytest.fixture
def two(funded_call, cast, panel):
    """Two proposals of one team with their reviewers."""
    rows = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second")]
    return [
        perform(stages.assign(row, cast, panel["reviewers"]), "begin_review", by=cast["secretariat"]) for row in rows
    ]


def hand_in(row, people, halves):
    for person in people:
        review = own(row, person)
        saved = save(review, halves=halves)
        stages.reviewing.submit(saved, by=person)


def steps(rows, cast, panel):
    """Take the judging on, step by step: one is scored high, agreed on and funded, the other low and refused."""
    first, second = rows
    hand_in(first, panel["reviewers"][:2], 10)
    yield "two reviews of one"
    hand_in(first, panel["reviewers"][2:], 10)
    hand_in(second, panel["reviewers"], 6)
    for row in rows:
        perform(stages.fresh(row), "close_review", by=panel["chair"])
    perform(stages.fresh(first), "moderate", by=panel["chair"])
    yield "closed, one talked over"
    ranking.run(stages.fresh(first), by=cast["secretariat"])
    perform(stages.fresh(first), "recommend", by=panel["chair"])
    perform(stages.fresh(second), "not_recommend", by=panel["chair"], note="Below.")
    stages.certify(stages.fresh(second), panel["chair"])
    yield "ranked"
    for row, choice, close in ((first, Choice.APPROVE, decide.approve), (second, Choice.DECLINE, decide.decline)):
        row = perform(stages.fresh(row), "bring_to_board", by=cast["secretariat"])
        close(stages.votes(row, panel["board"][:3], *[choice] * 3), by=panel["board"][0])
    yield "decided"


@once
def test_nobody_outside_sees_that_anything_happened(two, cast, panel):
    at = clock.now() + timedelta(minutes=5)
    before = photograph(cast, at)
    assert len(before) > 10 * len(OUTSIDE)
    for step in steps(two, cast, panel):
        assert moved(before, photograph(cast, at)) == [], step


@once
@pytest.mark.parametrize("leak", ["order", "words", "header"])
def test_what_moves_is_found(two, cast, panel, monkeypatch, leak):
    """The guard taken away: an order by the true state, its words, and a header that tells of a change."""
    at = clock.now() + timedelta(minutes=5)
    listed, plain = queries.listed_for, ProposalList.render_to_response

    def stamped(view, *args, **kwargs):
        answer = plain(view, *args, **kwargs)
        answer.headers["ETag"] = repr(list(Proposal.objects.values_list("state")))
        return answer

    if leak == "header":
        monkeypatch.setattr(ProposalList, "render_to_response", stamped)
    elif leak == "words":
        monkeypatch.setattr(Proposal, "state_words", property(lambda row: str(row.state)))
    else:
        monkeypatch.setattr(queries, "listed_for", lambda *args: listed(*args).order_by("-state", "pk"))
    before = photograph(cast, at, ("lead",))
    list(steps(two, cast, panel))
    assert moved(before, photograph(cast, at, ("lead",))) != []
