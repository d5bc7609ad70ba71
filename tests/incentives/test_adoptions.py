"""A published result repeated, and a declined idea taken up, by another agency: both sides are credited."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from evaluation.services import decide
from incentives.models import Adoption, PointEvent
from incentives.services import adoptions
from incentives.services.facts import facts_of
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Part, Role
from people.models import Involvement
from people.services.accounts import system_user
from people.services.grants import grant_role
from people.services.involvement import involve, note_past_part

from .. import conftest, factories, stages
from .test_hr import looks, text_of_main
from .test_results import verified

PLAN = {"words": "Two counters", "indicator": "Visits", "unit": "visits", "baseline": "2.0", "target": "1.0"}


@pytest.fixture
def roads(cast):
    """An agency outside both the team and the verifier's, with somebody who tries it, an approver and a verifier."""
    return factories.AgencyFactory(code="works", name="Ministry of Works", sector="infrastructure")


@pytest.fixture
def adopter(roads):
    return factories.civil_servant("adopter@x.example", roads)


@pytest.fixture
def approver(roads):
    person = factories.civil_servant("approver@x.example", roads)
    grant_role(by=system_user(), person=person, role=Role.SPONSOR, agency=roads, reason="test")
    factories.second_factor(person)
    return person


def given():
    rows = PointEvent.objects.filter(source__contains=":adoption:").order_by("pk")
    return [(row.person.email.split("@")[0], row.code, row.tenths, row.stage) for row in rows]


def numbers():
    return PLAN | {"baseline": Decimal("2.0"), "target": Decimal("1.0")}


@pytest.fixture
def repeats(adopter, approver, roads):
    return adopter, approver, roads


def test_result_is_repeated_signed_checked_outside_both_and_credits_both(client, worked, cast, verifier, repeats):
    adopter, approver, roads = repeats
    outcome = verified(worked, cast, verifier)
    with pytest.raises(NotPossible, match="Only a published result"):
        adoptions.adopt(outcome, by=adopter, **numbers())
    outcome = perform(outcome, "publish", by=cast["lead"])
    for person, why in (("colleague", "was in the team"), ("auditor", "team's own agency")):
        with pytest.raises(NotPossible, match=why):
            adoptions.adopt(outcome, by=cast[person], **numbers())
    client.force_login(adopter)
    assert "Our agency wants to do this as well" in client.get(outcome.get_absolute_url()).content.decode()
    page = reverse("adopt", args=[outcome.case])
    assert client.post(page, PLAN | {"target": "2.0"}).status_code == 400
    client.post(page, PLAN)
    row = Adoption.objects.get()
    for person in (adopter, cast["lead"], cast["sponsor"]):
        with pytest.raises(NotPossible):
            adoptions.sign_adoption(row, by=person)
    client.force_login(approver)
    assert "Sign that your agency tries" in client.get("/").content.decode()
    client.post(reverse("act", args=["incentives.adoption", row.pk, "sign_adoption"]))
    client.force_login(adopter)
    claim = reverse("adoption_claim", args=[row.pk])
    assert client.post(claim, {"endline": "1.2", "evidence": ""}).status_code == 400
    client.post(claim, {"endline": "1.2", "evidence": "Log of June"})
    inside = conftest.officers(Role.VERIFIER, roads, 1)[0]
    for person in (inside, adopter, cast["lead"]):
        with pytest.raises(NotPossible):
            adoptions.check_adoption(Adoption.objects.get(), by=person, endline=Decimal("1.2"), how="Read it")
    assert given() == []
    client.force_login(verifier)
    assert "Check what was repeated" in client.get("/").content.decode()
    client.post(reverse("adoption_check", args=[row.pk]), {"endline": "1.3", "how": "Read the log"})
    assert given() == [
        ("lead", "P1", 36, "explore"),
        ("colleague", "P1", 24, "explore"),
        ("adopter", "R2", 48, "spark"),
    ]
    assert facts_of(cast["lead"], clock.today()).adopted_elsewhere.value == 1
    client.force_login(adopter)
    record = client.get("/my-record/").content.decode()
    assert "A repetition without money of the fund counts like a Spark." in record
    assert f"/results/{row.case}/second-look/" not in record
    with pytest.raises(NotPossible):
        adoptions.revoke_adoption(Adoption.objects.get(), by=cast["secretariat"], note="x")
    adoptions.revoke_adoption(Adoption.objects.get(), by=cast["head"], note="The log was another's.")
    assert sum(tenths for _, _, tenths, _ in given()) == 0


def test_declined_idea_that_is_taken_up_credits_who_wrote_it(
    client, pending, cast, panel, points_policy, verifier, repeats
):
    adopter, approver, _ = repeats
    idea = stages.votes(pending, panel["board"][:3], *["decline"] * 3)
    idea = decide.decline(idea, by=panel["board"][0])
    with pytest.raises(NotPossible, match="ideas that were declined"):
        adoptions.say_taken_up(idea, by=cast["lead"], person=adopter)
    client.force_login(cast["lead"])
    assert client.get(reverse("taken_up", args=[idea.case])).status_code == 404
    type(idea).objects.filter(pk=idea.pk).update(released_at=clock.now())
    assert "Another agency takes up this idea" in client.get(idea.get_absolute_url()).content.decode()
    client.post(reverse("taken_up", args=[idea.case]), {"person": adopter.employee_number})
    row = Adoption.objects.get()
    client.force_login(adopter)
    client.post(reverse("adoption_plan", args=[row.pk]), PLAN | {"title": "Counters of one stop"})
    row = adoptions.sign_adoption(Adoption.objects.get(), by=approver)
    row = adoptions.claim_adoption(row, by=adopter, endline=Decimal("1.0"), evidence="Log")
    adoptions.check_adoption(row, by=verifier, endline=Decimal("1.0"), how="Read it")
    writers = [(name, "P1", 20, "explore") for name in ("lead", "colleague", "conflicted")]
    assert given() == [*writers, ("adopter", "R1", 80, "spark")]
    looks(officer := Client(), cast["hr"])
    file = text_of_main(officer.get(reverse("person_file", args=[cast["lead"].employee_number])))
    assert "Counters of one stop" in file
    assert idea.title not in file


def claimed_there(outcome, adopter, approver):
    row = adoptions.sign_adoption(adoptions.adopt(outcome, by=adopter, **numbers()), by=approver)
    return adoptions.claim_adoption(row, by=adopter, endline=Decimal("1.0"), evidence="Log")


def refused_as_checker(row, person):
    with pytest.raises(NotPossible) as no:
        adoptions.check_adoption(row, by=person, endline=Decimal("1.0"), how="Read")
    assert no.value.forbidden


def test_member_of_the_team_takes_up_nothing_of_it_also_after_a_transfer(client, worked, cast, verifier, repeats):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    moved, day = cast["colleague"], clock.today()
    factories.SnapshotFactory(person=moved, agency=repeats[2], as_of=day, told_on=day)
    with pytest.raises(NotPossible, match="was in the team"):
        adoptions.adopt(outcome, by=moved, **numbers())
    client.force_login(moved)
    assert "Our agency wants to do this" not in client.get(outcome.get_absolute_url()).content.decode()


def test_who_joined_the_team_meanwhile_does_not_claim_its_adoption(worked, cast, verifier, repeats):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    row = adoptions.sign_adoption(adoptions.adopt(outcome, by=repeats[0], **numbers()), by=repeats[1])
    involve(case=worked.case, person=repeats[0], part=Part.MEMBER)
    with pytest.raises(NotPossible) as no:
        adoptions.claim_adoption(row, by=repeats[0], endline=Decimal("1.0"), evidence="Log")
    assert no.value.forbidden


def test_adoption_is_checked_by_nobody_who_judged_the_first_team_or_owes_either_side(
    client, worked, cast, verifier, second, repeats, line
):
    adopter, approver, _ = repeats
    row = claimed_there(perform(verified(worked, cast, verifier), "publish", by=cast["lead"]), adopter, approver)
    own = factories.make_grant(cast, line, lead=second)
    involve(case=own.case, person=second, part=Part.LEAD)
    for person in (cast["lead"], adopter):  # verified the work of the one who would check now
        note_past_part(case=own.case, person=person, part=Part.VERIFIER)
        refused_as_checker(row, second)
        Involvement.objects.filter(case=own.case, part=Part.VERIFIER).delete()
    note_past_part(case=worked.case, person=second, part=Part.REVIEWER)
    refused_as_checker(row, second)
    client.force_login(second)
    assert "Check what was repeated" not in client.get("/").content.decode()
    Involvement.objects.filter(case=worked.case, person=second).delete()
    adoptions.check_adoption(row, by=second, endline=Decimal("1.0"), how="Read")
    parts = Involvement.objects.filter(person=second, part=Part.VERIFIER)
    assert {(part.case, part.until is None) for part in parts} == {(worked.case, False), (row.case, True)}
    with pytest.raises(NotPossible):  # the pair holds from the other side as well
        involve(case=worked.case, person=second, part=Part.REVIEWER)


@pytest.mark.parametrize(
    "changes", [{"state": "signed"}, {"state": "reached"}, {"outcome": None}, {"baseline": 1, "target": 1}]
)
def test_impossible_adoption_is_refused_by_the_database(worked, cast, verifier, adopter, changes):
    adoptions.adopt(perform(verified(worked, cast, verifier), "publish", by=cast["lead"]), by=adopter, **numbers())
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.update(**changes)


def test_not_reached_credits_nobody_and_an_agency_takes_it_up_once(worked, cast, verifier, adopter, approver):
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    row = adoptions.adopt(outcome, by=adopter, **numbers())
    with pytest.raises(NotPossible, match="taken it up already"):
        adoptions.adopt(outcome, by=approver, **numbers())
    row = adoptions.claim_adoption(adoptions.sign_adoption(row, by=approver), by=adopter, endline=Decimal("1.0"),
                                   evidence="Log")  # fmt: skip
    assert adoptions.check_adoption(row, by=verifier, endline=Decimal("1.9"), how="Read").state == "not_reached"
    assert given() == []
