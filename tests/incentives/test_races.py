"""Two verifications at once make one set of points; a revocation meets those who repeat the result."""

import threading
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from incentives.models import Adoption, Outcome, PointEvent
from incentives.services import adoptions, integrity, outcomes
from lifecycle import locking
from lifecycle.errors import NotPossible
from lifecycle.performing import perform

from ..races import race
from ..sizes import rounds
from .test_adoptions import numbers
from .test_results import claimed, verified
from .test_revoking import agency_with

only_there = pytest.mark.skipif(connection.vendor != "postgresql", reason="threads meet in one row only on PostgreSQL")


def check(worked, verifier):
    """Record the same verdict from an outcome that was read before either wrote."""
    outcome = Outcome.objects.get(grant=worked)
    return outcomes.record_verdict(outcome, by=verifier, endline=Decimal("1.2"), how="Log", confidence="high").state


@only_there
@rounds
@pytest.mark.django_db(transaction=True)
def test_two_verifiers_at_once_make_one_set_of_points(worked, cast, verifier, again):
    outcomes.take(claimed(worked, cast), by=verifier)
    found = race(8, lambda n: check(worked, verifier), expected=(NotPossible,))
    assert sorted(found) == ["NotPossible"] * 7 + ["verified_met"]
    assert sorted(PointEvent.objects.values_list("tenths", flat=True)) == [80, 120]


@only_there
@rounds
@pytest.mark.django_db(transaction=True)
def test_checks_without_the_lock_meet_in_the_middle(worked, cast, verifier, again, monkeypatch):
    """The control: nobody waits for another, so that more than one passes the state and the constraint has to hold."""
    outcomes.take(claimed(worked, cast), by=verifier)
    all_have_read = threading.Barrier(4, timeout=30)

    def read(model, pk):
        found = model._base_manager.get(pk=pk)
        if model is Outcome:
            all_have_read.wait()
        return found

    monkeypatch.setattr(locking, "lock_row", read)
    found = race(4, lambda n: check(worked, verifier), expected=(NotPossible, IntegrityError))
    assert found.count("NotPossible") < 3
    assert sorted(PointEvent.objects.values_list("tenths", flat=True)) == [80, 120]


@only_there
@rounds
@pytest.mark.django_db(transaction=True)
def test_a_result_that_is_revoked_while_others_take_it_up_leaves_no_adoption_open(worked, cast, verifier, again):
    """Whoever comes first: an adoption either ends with its result, or finds it revoked."""
    adopters = [agency_with(f"works-{number}")[0] for number in range(4)]
    outcome = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")

    def work(number):
        if number == 4:
            return outcomes.revoke(Outcome.objects.get(), by=cast["head"], note="The log was altered.").state
        return adoptions.adopt(Outcome.objects.get(), by=adopters[number], **numbers()).state

    found = race(5, work, expected=(NotPossible,))
    assert "revoked" in found  # it waits for them, it is not turned away
    assert set(Adoption.objects.values_list("state", flat=True)) <= {"ended"}
    assert Outcome.objects.get().state == "revoked"
