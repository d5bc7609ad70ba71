"""What follows when a second look is right, or right in part: somebody carries it out, or nothing is left to."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from incentives.enums import ContestAbout
from incentives.models import Contest, Outcome, PointEvent
from incentives.services import contests, integrity, outcomes, recounting
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import Notification

from .. import conftest, factories
from .test_hr import text_of_main
from .test_results import shares_of, verified
from .test_second_look import checked_again, found, lodged
from .test_second_look_ends import ANEW, percents, standing, work_of

BODY = "The second log counts from May only. The target and the shares stand."


def heard(outcome, cast, officer, about=ContestAbout.RESULT):
    row = contests.admit(lodged(outcome, cast, about=about), by=officer, note="There is a second log.")
    return contests.assign(row, by=officer)


def page_of(person, row):
    client = Client()
    client.force_login(person)
    return text_of_main(client.get(row.get_absolute_url()))


def test_result_found_right_in_part_is_checked_by_another_who_reads_what_was_found(
    client, worked, cast, verifier, officer, second
):
    outcome = verified(worked, cast, verifier)
    row = contests.uphold_partly(heard(outcome, cast, officer), by=officer, note=BODY)
    outcome.refresh_from_db()
    assert (row.state, outcome.state) == ("partly", "contested")
    assert Notification.objects.filter(person=second, subject="A result waits to be checked").count() == 2
    assert "another verifier checks the result" in page_of(cast["lead"], row)
    told = Notification.objects.get(person=cast["lead"], subject="The second look is answered").body
    assert told.endswith("upheld in part. What happens next: another verifier checks the result, knowing what was "
                         "found.")  # fmt: skip
    outcome = outcomes.take(outcome, by=second)
    client.force_login(second)
    assert BODY in text_of_main(client.get(reverse("outcome_verify", args=[outcome.case])))
    assert found(outcome, second, "1.8").state == "verified_partial"
    assert {(code, tenths) for _, code, tenths in standing()} == {("R2", 72), ("R2", 48)}
    assert "Another verifier has checked the result since" in page_of(cast["lead"], row)


def test_first_check_tells_of_no_second_look(client, worked, cast, verifier):
    outcome = verified(worked, cast, verifier)
    assert list(outcome.contests.to_check()) == []


def test_points_found_wrong_in_part_wait_for_the_head_until_they_are_given_anew(worked, cast, verifier, officer):
    row = heard(verified(worked, cast, verifier), cast, officer, ContestAbout.POINTS)
    row = contests.uphold_partly(row, by=officer, note="The share was 50.")
    assert f"Give the points of “{worked.title}” anew" in work_of(cast["head"])
    asked = Notification.objects.get(person=cast["head"], subject="Points have to be given anew").body
    assert "counted wrongly in part" in asked
    assert "The share was 50." in asked
    assert "gives them anew" in page_of(cast["lead"], row)
    head = Client()
    head.force_login(cast["head"])
    form = {f"person_{pk}": str(value) for pk, value in percents(cast).items()} | {
        "version": str(shares_of(worked).version)
    }
    assert head.post(reverse("shares", args=[worked.case]), form | ANEW).status_code == 302
    assert standing() == {("lead", "R1", 100), ("colleague", "R1", 100)}
    why = PointEvent.objects.filter(reverses__isnull=False).first().steps[0][2]
    assert why.startswith("A second look was upheld in part.")
    row.refresh_from_db()
    assert row.carried_out_at is not None
    assert "given anew on" in page_of(cast["lead"], row)


@pytest.fixture
def emptied(worked, cast, verifier, officer, second):
    """Points are contested while they stand; then another check finds the target not reached."""
    outcome = verified(worked, cast, verifier)
    points = heard(outcome, cast, officer, ContestAbout.POINTS)
    other = conftest.officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    contests.uphold(heard(outcome, cast, other), by=other, note="It was not read.")
    checked_again(outcome, second, "3")
    return points


@pytest.mark.parametrize("step", ["uphold", "uphold_partly"])
def test_points_found_wrong_when_none_stand_are_said_to_wait_and_ask_nobody(worked, cast, officer, emptied, step):
    row = getattr(contests, step)(emptied, by=officer, note="The share was 50.")
    assert not Notification.objects.filter(subject="Points have to be given anew").exists()
    assert not [what for what in work_of(cast["head"]) if "anew" in what]
    for words in (page_of(cast["lead"], row), Notification.objects.filter(person=cast["lead"]).latest("pk").body):
        assert "No points stand for this result now" in words


def test_points_that_stand_again_are_asked_of_the_head_and_given_by_the_right_shares(worked, cast, officer, emptied):
    agency = factories.AgencyFactory()
    contests.uphold(emptied, by=officer, note="The share was 50.")
    outcome = Outcome.objects.get()
    again = contests.lodge(outcome, by=cast["lead"], about=ContestAbout.RESULT, words="The log of June.")
    third, other = (conftest.officers(role, agency, 1)[0] for role in (Role.VERIFIER, Role.APPEALS))
    again = contests.assign(contests.admit(again, by=other, note="x"), by=other)
    contests.uphold(again, by=other, note="It was not read.")
    outcome.refresh_from_db()
    assert checked_again(outcome, third, "1.0").state == "verified_met"
    assert Notification.objects.filter(person=cast["head"], subject="Points have to be given anew").count() == 1
    assert f"Give the points of “{worked.title}” anew" in work_of(cast["head"])
    recounting.recount(shares_of(worked), by=cast["head"], percents=percents(cast), note="x")
    assert standing() == {("lead", "R1", 100), ("colleague", "R1", 100)}


@pytest.mark.parametrize("about", [ContestAbout.RESULT, ContestAbout.POINTS])
@pytest.mark.parametrize("step", ["uphold", "uphold_partly"])
def test_second_look_at_a_revoked_result_is_not_upheld_and_says_why(worked, cast, verifier, officer, about, step):
    outcome = verified(worked, cast, verifier)
    row = heard(outcome, cast, officer, about)
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    with pytest.raises(NotPossible, match="The result was revoked"):
        getattr(contests, step)(row, by=officer, note="x")
    assert contests.dismiss(Contest.objects.get(), by=officer, note="It was revoked.").state == "dismissed"


def test_points_that_waited_when_the_result_was_revoked_are_said_not_to_follow(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    row = contests.uphold(heard(outcome, cast, officer, ContestAbout.POINTS), by=officer, note="The share was 50.")
    integrity.hold(outcome, by=cast["head"], reason="The log reads like another.")
    outcomes.revoke(outcome, by=cast["head"], note="The log was altered.")
    assert "The result was revoked, so no points are given anew" in page_of(cast["lead"], row)
    assert Decimal(sum(event.tenths for event in PointEvent.objects.all())) == 0
