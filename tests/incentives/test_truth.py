"""What counts follows what was found last: a failure that was none, and a result that was none after all."""

import pytest

from fund.models import Grant
from incentives.enums import Kind
from incentives.models import LearningRecord, Outcome, PointEvent
from incentives.services import learning
from lifecycle.errors import NotPossible
from people.enums import Role

from .. import conftest
from ..fund.paths import without
from .test_results import ANSWERS, points, read, shares_of, verified
from .test_second_look import checked_again, home, upheld


def shown(grant, cast, classifiers, verifier, kind):
    """A target found not reached, and how its record was read."""
    verified(grant, cast, verifier, "2.4")
    Grant.objects.filter(pk=grant.pk).update(state="completed")  # it ran to its planned end
    record = LearningRecord.objects.get()
    learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
    record = learning.confirm_facts(learning.submit(record, by=cast["lead"]), by=verifier)
    return read(record, classifiers, kind, kind)


def looked_at(cast, agencies, number, endline):
    """A second look by an officer of its own, and another verifier's figure."""
    officer = conftest.officers(Role.APPEALS, agencies[f"look{number}"], 1)[0]
    again = conftest.officers(Role.VERIFIER, agencies[f"look{number}"], 1)[0]
    upheld(Outcome.objects.get(), cast, officer)
    return checked_again(Outcome.objects.get(), again, endline)


@pytest.fixture
def others(agencies):
    return {f"look{n}": conftest.factories.AgencyFactory(code=f"look{n}", sector="finance") for n in (1, 2)}


def standing():
    return {event.code for event in PointEvent.objects.filter(reverses=None, reversal=None)}


def test_failure_that_earned_nothing_counts_once_it_is_found_half_reached(worked, cast, classifiers, verifier, others):
    learning.accept(shown(worked, cast, classifiers, verifier, Kind.PREVENTABLE), by=cast["lead"])
    assert shares_of(worked).state == "void"
    assert looked_at(cast, others, 1, "1.8").state == "verified_partial"
    assert (shares_of(worked).state, points(worked)) == ("verified", {("lead", "R2", 72), ("colleague", "R2", 48)})
    assert looked_at(cast, others, 2, "2.4").state == "verified_not_met"  # the reading stands: again it earns nothing
    assert (shares_of(worked).state, standing()) == ("void", set())


def test_failure_that_counts_stands_beside_a_second_check_that_finds_the_same(
    worked, cast, classifiers, verifier, others
):
    learning.accept(shown(worked, cast, classifiers, verifier, Kind.COMPLEX), by=cast["lead"])
    looked_at(cast, others, 1, "2.3")
    assert points(worked) == {("lead", "F1", 48), ("colleague", "F1", 32)}


def test_failure_counts_again_where_a_third_check_takes_back_what_the_second_found(
    worked, cast, classifiers, verifier, others
):
    learning.accept(shown(worked, cast, classifiers, verifier, Kind.COMPLEX), by=cast["lead"])
    looked_at(cast, others, 1, "1.2")
    assert standing() == {"R1"}
    looked_at(cast, others, 2, "2.4")
    assert standing() == {"F1"}


def test_reading_is_accepted_without_points_where_the_result_counts_by_then(
    worked, cast, classifiers, verifier, others
):
    record = shown(worked, cast, classifiers, verifier, Kind.COMPLEX)
    assert "Read how" in home(cast["lead"])
    looked_at(cast, others, 1, "1.2")
    assert "Read how" not in home(cast["lead"])
    assert learning.accept(record, by=cast["lead"]).state == "accepted"
    assert (standing(), shares_of(worked).state) == ({"R1"}, "verified")


def test_record_of_a_result_that_counts_after_all_is_not_sent(worked, cast, verifier, others, monkeypatch, client):
    """With the guard: refused, and the page says why. Negative control, the guard taken away: the next one refuses."""
    verified(worked, cast, verifier, "2.4")
    record = LearningRecord.objects.get()
    learning.save(record, by=cast["lead"], version=0, answers=ANSWERS)
    looked_at(cast, others, 1, "1.2")
    with pytest.raises(NotPossible, match="Another check found the result reached"):
        learning.submit(record, by=cast["lead"])
    client.force_login(cast["lead"])
    assert "nothing more needs to be done here" in client.get(record.get_absolute_url()).content.decode()
    without(monkeypatch, LearningRecord, "learning_still_counts")
    with pytest.raises(NotPossible, match="Everybody in the team agrees first"):
        learning.submit(record, by=cast["lead"])
