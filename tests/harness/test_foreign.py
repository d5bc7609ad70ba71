"""Ids that belong to something else: refused, and nothing changes."""

import pytest
from django.test import Client
from django.urls import reverse

from documents.services import store_file
from evaluation.models import ConsensusScore, Review, Score
from fund.models import Criterion
from incentives.models import Share
from lifecycle.models import Job
from people.services.notify import notify
from proposals.models import Proposal
from proposals.services import team

from .. import conftest, factories, stages
from ..sizes import once
from .matrix import world  # noqa: F401  (the fixture)
from .test_access import FORM, photograph

pytestmark = once


@pytest.fixture
def other(funded_call, cast):
    """Another proposal of the same lead: whoever sees both still may not mix them."""
    return conftest.new_proposal(funded_call, cast, "Another")


@pytest.fixture
def foreign_criterion(world, cast):  # noqa: F811
    call = factories.make_call(cast["secretariat"], reference="foreign")
    return Criterion.objects.filter(call=call).first()


def seated(person):
    client = Client()
    client.force_login(person)
    return client


def refused(person, path, data=None, statuses=(404,)):
    """Post, and tell whether it was refused with nothing changed."""
    client = seated(person)
    before = photograph()
    answer = client.post(path, data or {})
    return answer.status_code in statuses and photograph() == before


def test_ids_of_another_object_are_refused_and_nothing_changes(world, cast, other, panel):  # noqa: F811
    lead, office = cast["lead"], cast["secretariat"]
    invited = team.invite(other, by=lead, person=cast["stranger"])
    partner = other.partners.get()
    letter = notify(person=cast["stranger"], key="theirs", subject="s", body="b")
    file = store_file(content=b"x", name="r.csv", content_type="text/csv", kind="register", owner_id=office.pk)
    job = Job.objects.filter(requested_by_id=None).first() or Job.objects.exclude(requested_by_id=lead.pk).first()
    case = world["case"]
    for pk in (partner.pk, 10**15, 10**30):
        path = f"/proposals/{case}/partners/{pk}/"
        assert refused(lead, path, {"days": "9", "contribution": "x"}), path
        assert refused(lead, path, {"remove": "yes"}), path
    for pk in (invited.pk, "9" * 30, "9" * 5000, "²", "-1", "x", ""):
        assert refused(lead, f"/proposals/{case}/team/", {"take_back": pk}), pk
    assert refused(lead, f"/inbox/{letter.pk}/open/")
    assert refused(cast["rcsc"], f"/register/{file.pk}/import/", {"as_of": "2026-11-01"})
    for place in (99, 0):
        for page in ("milestones", "reports", "payments"):
            assert refused(lead, f"/grants/{world['grant']}/{page}/{place}/", FORM), (page, place)
    client = seated(lead)
    foreign = (f"/files/{file.pk}/", f"/jobs/{job.pk}/" if job else "/jobs/0/", f"/proposals/{case}/nonsense/")
    assert [client.get(path).status_code for path in foreign] == [404] * 3


def test_posted_choices_outside_the_list_are_refused(world, cast, other, agencies, foreign_criterion):  # noqa: F811
    assert refused(
        cast["out_chair"], f"/proposals/{world['moderated']}/consensus/",
        {"criterion": foreign_criterion.pk, "halves": "5", "reason": "x"}, (400,),
    )  # fmt: skip
    for who in (cast["lead"].pk, cast["board"].pk, 0, "²", "9" * 5000):
        refusing = (302, 404)  # a person who is no reviewer is told why
        assert refused(
            cast["secretariat"], f"/proposals/{world['eligible']}/reviewers/", {"reviewer": who}, refusing
        ), who
    taken = {"agency": agencies["health"].pk, "days": "3", "contribution": "x"}
    assert refused(cast["lead"], f"/proposals/{world['case']}/partners/", taken, (400,))
    assert not ConsensusScore.objects.exists()


def test_scores_on_criteria_of_another_call_are_not_taken(world, cast, foreign_criterion, panel):  # noqa: F811
    reader = panel["reviewers"][1]
    stages.assign(Proposal.objects.get(case=world["eligible"]), cast, [reader])
    review = Review.objects.get(reviewer=reader, proposal__case=world["eligible"])
    seated(reader).post(
        review.get_absolute_url(), {"edit": review.edit, f"score_{foreign_criterion.pk}": "10", "keep": "yes"}
    )
    assert not Score.objects.filter(criterion=foreign_criterion).exists()


def test_shares_of_people_outside_the_team_are_not_taken(world, cast):  # noqa: F811
    path = reverse("shares", args=[world["unwritten"]])
    people = {f"person_{cast[name].pk}": "50" for name in ("lead", "colleague", "stranger")}
    seated(cast["lead"]).post(path, people | {"step": "write"})
    holders = Share.objects.filter(contribution__grant__case=world["unwritten"]).values_list("person", flat=True)
    assert set(holders) == {cast["lead"].pk, cast["colleague"].pk}
