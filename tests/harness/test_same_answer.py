"""Who may not take a step gets the same answer in every state: a refusal tells nobody what was decided."""

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from evaluation.services import decide
from lifecycle.errors import NotPossible
from lifecycle.performing import refusal
from lifecycle.transitions import rules_of
from people import views
from proposals.models import Proposal

from .. import stages

HIDDEN = ("approved", "declined")  # the team and its approvers read “being judged” in both
SAME = ("You may not do this.", True)
ONCE = re.compile(r'name="(?:csrfmiddlewaretoken|begin|once)" value="[^"]+"')


def put(proposal, state):
    Proposal.objects.filter(pk=proposal.pk).update(state=state)
    return stages.fresh(proposal)


def answers(client, proposal, names):
    """Return (method, step) -> status, address and body of the general door; nothing that it does stays."""
    found = {}
    for name in names:
        path = reverse("act", args=["proposals.proposal", proposal.pk, name])
        for method, ask in (("GET", client.get), ("POST", client.post)):
            with transaction.atomic():
                said = ask(path, {"note": "x"} if method == "POST" else {})
                transaction.set_rollback(True)
            body = ONCE.sub("", said.content.decode())
            found[method, name] = (said.status_code, said.headers.get("Location"), body)
    return found


def differing(client, proposal, names):
    first, second = [answers(client, put(proposal, state), names) for state in HIDDEN]
    return sorted(key for key in first if first[key] != second[key])


@pytest.mark.parametrize("who", ["lead", "sponsor"])
def test_no_step_tells_the_team_or_its_approver_what_is_not_released(pending, cast, who):
    client = Client()
    client.force_login(cast[who])
    client.get("/account/")
    assert differing(client, pending, rules_of(Proposal)) == []


def test_the_same_walk_finds_a_door_that_looks_at_the_state_first(pending, cast, monkeypatch):
    """The guard taken away."""
    person_first = views.refusal

    def state_first(obj, rule, user):
        return person_first(obj, rule, user) if obj.state in rule.sources else NotPossible("Too late.")

    monkeypatch.setattr(views, "no_part_in", lambda *_: None)
    monkeypatch.setattr(views, "refusal", state_first)
    client = Client()
    client.force_login(cast["lead"])
    client.get("/account/")
    assert ("GET", "offer") in differing(client, pending, ("offer",))


def test_nobody_without_a_part_in_a_step_learns_the_state_from_its_refusal(pending, cast, panel):
    """Every transition, every person of the world, two states: the same refusal, before anything else is asked."""
    people = [*cast.values(), panel["chair"], panel["board"][0], panel["reviewers"][0]]
    rows = [put(pending, state) for state in HIDDEN]
    for rule in rules_of(Proposal).values():
        for person in people:
            if not rule.who(rows[0], person):
                said = [refusal(row, rule, person) for row in rows]
                assert {(no.reason, no.forbidden) for no in said} == {SAME}, (rule.name, person.email)


def test_release_refuses_others_before_it_looks_for_a_batch(pending, cast, panel):
    for state in ("decision_pending", "approved"):
        with pytest.raises(NotPossible) as no:
            stages.release.release(put(pending, state), by=cast["lead"])
        assert no.value.forbidden


def test_release_of_what_is_not_decided_says_so(pending, cast):
    with pytest.raises(NotPossible, match="There is no decision on it to release: it is now “With the board”"):
        stages.release.release(pending, by=cast["secretariat"])


def test_step_that_needs_more_than_a_note_leads_to_its_own_page(pending, panel):
    client = Client()
    client.force_login(panel["board"][0])
    path = reverse("act", args=["proposals.proposal", pending.pk, "defer"])
    for answer in (client.get(path), client.post(path, {"note": "x"})):
        assert (answer.status_code, answer.url) == (302, reverse("defer", args=[pending.case]))
    assert decide.Decision.objects.count() == 0
