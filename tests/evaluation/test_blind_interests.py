"""Read without names: interests are declared once, against one mixed list, and no refusal tells a name."""

import pytest

from evaluation.models import Declaration, Review
from evaluation.services import declaring, reviewing
from evaluation.services.conflicts import conflicts_of
from lifecycle.errors import NotPossible
from people.enums import Grade
from people.models import Block, EmploymentSnapshot
from people.toxic import ConflictOfInterest
from proposals.models import Proposal

from .. import factories, sparks


@pytest.fixture
def world(cast, line, panel, agencies):
    """Two small ideas of two people, and one reviewer who is asked about both."""
    other = factories.civil_servant("other@x.example", agencies["health"])
    call = sparks.spark_call(cast, line)
    ideas = [sparks.sent(call, cast["lead"], title="Mine"), sparks.sent(call, other, title="Theirs")]
    reviews = []
    for row in ideas:
        checked = sparks.checked(row, cast["secretariat"])
        reviews.append(reviewing.assign(checked, by=cast["secretariat"], reviewer=panel["reviewers"][0]))
    return {"call": call, "reviews": reviews, "person": panel["reviewers"][0], "lead": cast["lead"], "other": other}


def said(review, **fields):
    return {"seen": ",".join(sorted(map(str, declaring.names_of(review.proposal)))), **fields}


def test_list_is_ticked_once_and_closes_what_the_named_person_takes_part_in(world, client):
    mine, theirs = world["reviews"]
    client.force_login(world["person"])
    page = client.get(mine.get_absolute_url()).content.decode()
    assert world["lead"].full_name in page and world["other"].full_name in page and page.count("checkbox") >= 4
    form = said(mine, tied=[world["other"].pk], interest="relative", note="My brother")
    client.post(mine.get_absolute_url(), form)
    assert [Review.objects.get(pk=row.pk).state for row in (mine, theirs)] == ["accepted", "recused"]
    block = Block.objects.get(person=world["person"], grade=Grade.BLOCK)
    assert (block.case, "My brother" in block.reason) == (theirs.case, True)
    assert client.get(theirs.get_absolute_url()).status_code == 404
    assert Declaration.objects.count() == 1


def test_second_review_of_the_call_asks_nothing_again(world, client):
    mine, theirs = world["reviews"]
    client.force_login(world["person"])
    client.post(mine.get_absolute_url(), said(mine))
    page = client.get(theirs.get_absolute_url()).content.decode()
    assert "You have declared your interests" in page and world["lead"].full_name not in page
    client.post(theirs.get_absolute_url(), {})
    assert Review.objects.get(pk=theirs.pk).state == "accepted"
    assert Declaration.objects.count() == 1


def test_named_person_counts_for_what_comes_later(world, cast):
    mine, _ = world["reviews"]
    declaring.declare_names(
        mine, by=world["person"], tied=[world["other"].pk], known=[world["lead"].pk],
        interest=reviewing.Interest.RELATIVE, note="Brother",
    )  # fmt: skip
    later = sparks.sent(world["call"], world["other"], title="Later")
    assert [(row.grade, row.reason) for row in conflicts_of(later, world["person"])] == [
        (Grade.BLOCK, "A relative of mine is in the team. Brother")
    ]
    assert Block.objects.filter(person=world["person"], case=mine.case).get().grade == Grade.NOTE


def test_a_changed_list_or_a_tick_without_its_kind_is_asked_again(world, client):
    mine, _ = world["reviews"]
    client.force_login(world["person"])
    for form in ({"seen": "1"}, said(mine, tied=[world["other"].pk]), said(mine, interest="relative")):
        assert client.post(mine.get_absolute_url(), form).status_code == 400
    with pytest.raises(NotPossible, match="from the list"):
        declaring.declare_names(mine, by=world["person"], tied=[world["person"].pk], known=[], interest=None)
    assert not Declaration.objects.exists()


def test_refused_acceptance_tells_no_name_and_is_kept(world, client):
    mine, _ = world["reviews"]
    EmploymentSnapshot.objects.filter(person=world["lead"]).update(line_manager=world["person"])
    with pytest.raises(ConflictOfInterest) as no:
        reviewing.declare(mine, by=world["person"], interest=reviewing.Interest.NONE)
    assert no.value.reason == reviewing.NOT_YOURS
    assert Review.objects.get(pk=mine.pk).state == "invalidated"
    assert not Proposal.objects.visible_to(world["person"]).filter(pk=mine.proposal_id).exists()
    client.force_login(world["person"])
    assert client.get(mine.get_absolute_url()).status_code == 404
