"""A result that is revoked: after an integrity case, told to all, with what other agencies made of it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from incentives.models import Adoption, IntegrityHold, Outcome, PointEvent
from incentives.services import adoptions, integrity, outcomes
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.models import Notification
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import factories
from ..fund.paths import without
from .test_adoptions import claimed_there, given, numbers
from .test_results import verified


def agency_with(code):
    """An agency outside everything, with somebody who tries it and an approver."""
    agency = factories.AgencyFactory(code=code, name=f"Agency {code}", sector="infrastructure")
    adopter, approver = (factories.civil_servant(f"{one}@{code}.example", agency) for one in ("adopter", "approver"))
    grant_role(by=system_user(), person=approver, role=Role.SPONSOR, agency=agency, reason="test")
    factories.second_factor(approver)
    return adopter, approver


@pytest.fixture
def told(worked, cast, verifier):
    return perform(verified(worked, cast, verifier), "publish", by=cast["lead"])


def revoked(outcome, cast):
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    return outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")


def test_everybody_with_a_share_and_the_protection_officer_are_told_and_the_case_ends(told, cast):
    outcome = revoked(told, cast)
    hold = IntegrityHold.objects.get()
    said = (outcome.revoked_upon, hold.lift_reason, hold.lifted_by)
    assert said == (hold, "Revoked: The log was altered.", cast["head"])
    heard = Notification.objects.filter(key__contains=f"revoked:{outcome.case}")
    people = set(heard.values_list("person", flat=True))
    assert people == {cast["lead"].pk, cast["colleague"].pk, cast["protection"].pk}


def test_result_revoked_without_a_case_is_refused_by_the_database(told, cast, monkeypatch):
    """With the guard: refused with a sentence. Negative control, the guard taken away: the database refuses it."""
    with pytest.raises(NotPossible, match="Hold the record first"):
        outcomes.revoke(told, by=cast["head"], note="x")
    without(monkeypatch, Outcome, "is_held")
    with pytest.raises(IntegrityError), transaction.atomic():
        outcomes.revoke(told, by=cast["head"], note="x")


def test_adoptions_of_a_revoked_result_end_and_give_its_team_nothing(client, told, cast, verifier):
    """At one agency it was found, at one it is being tried; what was found there stands for who led it."""
    one, two = agency_with("works"), agency_with("trade")
    adoptions.check_adoption(claimed_there(told, *one), by=verifier, endline=Decimal("1.0"), how="Read")
    row = adoptions.sign_adoption(adoptions.adopt(told, by=two[0], **numbers()), by=two[1])
    assert [code for _, code, _, _ in given()] == ["P1", "P1", "R1"]
    revoked(told, cast)
    standing = PointEvent.objects.filter(reverses=None, reversal=None)
    assert [(event.person, event.code) for event in standing] == [(one[0], "R1")]
    row = Adoption.objects.get(pk=row.pk)
    assert row.state == "ended"
    with pytest.raises(NotPossible):
        adoptions.claim_adoption(row, by=two[0], endline=Decimal("1.0"), evidence="Log")
    heard = Notification.objects.filter(person=one[0], subject="A result that you repeated was revoked")
    assert "and so do your points" in heard.get().body
    client.force_login(one[0])
    page = client.get(Adoption.objects.get(state="reached").get_absolute_url()).content.decode()
    assert "It no longer counts for the team whose result it was" in page
    assert f"It counts for {one[0].full_name}." in page
    assert Notification.objects.filter(person=two[0], body__contains="ended: the first result was revoked").exists()


def test_adoption_that_slipped_past_the_revocation_goes_no_further(told, cast, verifier, monkeypatch):
    """With the guard: refused. Negative control, the guard taken away: points for the team of a revoked result."""
    row = claimed_there(told, *agency_with("works"))
    revoked(told, cast)
    Adoption.objects.filter(pk=row.pk).update(state="claimed")
    found = {"by": verifier, "endline": Decimal("1.0"), "how": "Read"}
    with pytest.raises(NotPossible, match="was revoked"):
        adoptions.check_adoption(Adoption.objects.get(), **found)
    without(monkeypatch, Adoption, "result_stands")
    adoptions.check_adoption(Adoption.objects.get(), **found)
    assert [code for _, code, _, _ in given()] == ["P1", "P1", "R1"]
