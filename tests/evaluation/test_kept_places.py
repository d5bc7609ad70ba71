"""From the places of the others nobody reads how a proposal stands that is kept from them; nor from an older file."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from documents.models import StoredFile
from evaluation.models import Decision
from evaluation.services import judging_sheets, ranking, reviewing
from lifecycle import clock
from lifecycle.jobs import run
from lifecycle.models import Job
from people.enums import Grade
from people.models import Block

from .. import stages
from ..conftest import new_proposal
from ..remembering import remembered


@remembered
def ranked(funded_call, cast, panel):
    """Three proposals of different scores: places 1, 2 and 3."""
    found = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("First", "Second", "Third")]
    for row, halves in zip(found, (9, 8, 7), strict=True):
        stages.judge(row, cast, panel["reviewers"], scores=(halves, halves, halves))
    ranking.run(found[0], by=cast["secretariat"])
    return [stages.fresh(row) for row in found]


def seat(person):
    client = Client()
    client.force_login(person)
    return client


def keep_from(person, proposal):
    Block.objects.create(case=proposal.case, person=person, grade=Grade.BLOCK, reason="relative", since=clock.now())


def places(page):
    return re.findall(r"(\d+)\. <a class=\"govuk-link\" href=\"/proposals/", page)


def test_places_of_a_ranking_count_what_its_reader_sees(ranked, funded_call, panel):
    member = panel["board"][0]
    path = reverse("ranking", args=[funded_call.reference])
    page = seat(member).get(path).content.decode()
    assert (places(page), "kept from you" in page, "<svg" in page) == (["1", "2", "3"], False, True)
    assert "Its true place is likely" in page
    keep_from(member, ranked[1])
    page = seat(member).get(path).content.decode()
    assert (places(page), "kept from you" in page, "<svg" in page) == (["1", "2"], True, False)
    assert [words for words in ("true place", "at place", "Expected place", "Second") if words in page] == []


def test_panel_shows_no_places_where_one_is_kept(ranked, funded_call, panel):
    path, member = reverse("panel", args=[funded_call.reference]), panel["board"][0]
    assert places(seat(member).get(path).content.decode()) == ["1", "2", "3"]
    keep_from(member, ranked[1])
    assert places(seat(member).get(path).content.decode()) == []


def made(kind, call, viewer):
    job = judging_sheets.ask(kind, call, by=viewer)
    assert run(job.pk)
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize("what", ["tie", "review"])
def test_file_made_before_a_tie_or_an_own_review_is_not_handed_out_after_it(ranked, funded_call, cast, what):
    officer = cast["secretariat"]
    job = made("ranking", funded_call, officer)
    stored = StoredFile.objects.get(pk=job.result)
    client, path = seat(officer), reverse("own_file", args=[stored.pk])
    assert client.get(path).status_code == 200
    if what == "tie":
        keep_from(officer, ranked[1])
    else:
        late = stages.check(new_proposal(funded_call, cast, "Late"), cast)
        row = reviewing.assign(late, by=officer, reviewer=cast["reviewer"])
        type(row).objects.filter(pk=row.pk).update(reviewer=officer)
    assert client.get(path).status_code == 404
    assert "own_file" not in client.get(reverse("job", args=[job.pk])).content.decode()
    assert seat(cast["head"]).get(path).status_code == 404


def approve(proposal, by):
    Decision.objects.create(proposal=proposal, round=1, choice="approve", amount=1, by=by, at=clock.now())


def test_database_refuses_an_approval_without_the_reviews_that_the_call_asks_for(ranked, panel):
    proposal, member = ranked[0], panel["board"][0]
    with transaction.atomic():
        approve(proposal, member)
        transaction.set_rollback(True)
    keep_from(panel["reviewers"][0], proposal)
    with pytest.raises(IntegrityError, match="lacks the reviews"), transaction.atomic():
        approve(proposal, member)
    Block.objects.all().delete()
    proposal.reviews.filter(reviewer=panel["reviewers"][1]).update(state="in_progress", submitted_at=None)
    with pytest.raises(IntegrityError, match="lacks the reviews"), transaction.atomic():
        approve(proposal, member)
    Decision.objects.create(proposal=proposal, round=1, choice="decline", by=member, at=clock.now())


def test_with_the_trigger_taken_away_it_would_be_written(ranked, panel):
    """The negative control: it is the trigger that refuses."""
    proposal = ranked[0]
    proposal.reviews.update(state="in_progress", submitted_at=None)
    name = "decision_has_reviews" + (" ON evaluation_decision" if connection.vendor == "postgresql" else "")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
        approve(proposal, panel["board"][0])
        transaction.set_rollback(True)
