"""A second look never ends in nothing: points given anew by the head, another officer, and an officer found."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from incentives import waiting
from incentives.enums import ContestAbout, Wish
from incentives.models import Contest, PointEvent, Share, Support
from incentives.services import contests, nominations, recounting
from incentives.tasks import chase
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import rule_of
from people.enums import Role
from people.models import Notification, RoleGrant
from people.queries import role_names

from .. import conftest, factories
from .test_hr import looks, text_of_main
from .test_results import shares_of, verified
from .test_second_look import lodged

ANEW = {"note": "The notes show it.", "step": "recount"}


def percents(cast, lead=50):
    return {cast["lead"].pk: lead, cast["colleague"].pk: 100 - lead}


def upheld_points(outcome, cast, officer):
    row = contests.assign(
        contests.admit(lodged(outcome, cast, about=ContestAbout.POINTS), by=officer, note="x"), by=officer
    )
    return contests.uphold(row, by=officer, note="The share was 50.")


def standing():
    events = PointEvent.objects.filter(reverses=None, reversal=None).select_related("person")
    return {(event.person.email.split("@")[0], event.code, event.tenths) for event in events}


def work_of(person):
    return [row.what for row in waiting.waiting_for(person, role_names(person))]


def test_points_found_wrong_wait_in_the_heads_work_until_they_are_given_anew(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    before, day = standing(), PointEvent.objects.first().counts_on
    row = upheld_points(outcome, cast, officer)
    asked = f"Give the points of “{worked.title}” anew"
    assert Notification.objects.filter(person=cast["head"], subject="Points have to be given anew").count() == 1
    head, hr = Client(), Client()
    looks(hr, cast["hr"])
    file = reverse("person_file", args=[cast["lead"].employee_number])
    assert "Under a second look" in text_of_main(hr.get(file))
    assert "Under a second look" in text_of_main(hr.get(reverse("hr_people")))
    nomination = nominations.nominate_oneself(by=cast["lead"], wish=Wish.AWARD, statement="x")
    assert "Under a second look" in text_of_main(hr.get(reverse("nomination_list")))
    assert "under a second look" in text_of_main(hr.get(nomination.get_absolute_url()))
    assert asked in work_of(cast["head"])
    head.force_login(cast["head"])
    assert "Give the points anew" in text_of_main(head.get(row.get_absolute_url()))
    page = reverse("shares", args=[worked.case])
    assert "The share was 50." in text_of_main(head.get(page))
    form = {f"person_{pk}": str(value) for pk, value in percents(cast).items()}
    assert head.post(page, form | ANEW | {"version": "0"}).status_code == 400  # of a page opened before
    form |= {"version": str(shares_of(worked).version)}
    assert head.post(page, form | ANEW | {f"person_{cast['lead'].pk}": "90"}).status_code == 400
    assert standing() == before
    assert head.post(page, form | ANEW).status_code == 302
    assert before == {("lead", "R1", 120), ("colleague", "R1", 80)}
    assert standing() == {("lead", "R1", 100), ("colleague", "R1", 100)}
    assert set(PointEvent.objects.values_list("counts_on", flat=True)) == {day}
    assert (asked in work_of(cast["head"]), shares_of(worked).state) == (False, "verified")
    row.refresh_from_db()
    assert row.carried_out_at is not None
    assert "Taken back" not in text_of_main(hr.get(file))
    for url in (file, reverse("hr_people"), nomination.get_absolute_url()):
        assert "nder a second look" not in text_of_main(hr.get(url))
    assert Notification.objects.filter(subject="Points were counted anew").count() == 2
    assert head.get(page).status_code == 404


@pytest.mark.parametrize("who", ["lead", "secretariat", "appeals", "auditor"])
def test_points_are_given_anew_by_the_head_alone(worked, cast, verifier, officer, who):
    upheld_points(verified(worked, cast, verifier), cast, officer)
    with pytest.raises(NotPossible) as no:
        recounting.recount(shares_of(worked), by=cast[who], percents=percents(cast), note="x")
    assert no.value.forbidden


def test_points_that_nobody_found_wrong_are_not_given_anew(worked, cast, verifier, monkeypatch):
    verified(worked, cast, verifier)
    asked = {"by": cast["head"], "percents": percents(cast), "note": "x"}
    with pytest.raises(NotPossible, match="No second look found"):
        recounting.recount(shares_of(worked), **asked)
    monkeypatch.setitem(rule_of(shares_of(worked), "recount").__dict__, "guards", ())
    with pytest.raises(Contest.DoesNotExist):
        recounting.recount(shares_of(worked), **asked)
    assert PointEvent.objects.count() == 2


def test_what_was_granted_rests_on_the_points_given_anew(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    row = nominations.nominate_oneself(by=cast["lead"], wish=Wish.AWARD, statement="x")
    old = PointEvent.objects.get(person=cast["lead"])
    Support.objects.create(nomination=row, event=old, kind=Wish.AWARD)
    upheld_points(outcome, cast, officer)
    recounting.recount(shares_of(worked), by=cast["head"], percents=percents(cast), note="x")
    new = PointEvent.objects.get(person=cast["lead"], reverses=None, reversal=None)
    assert [support.event for support in row.supports.filter(until=None)] == [new]
    assert old != new


def test_points_are_contested_only_where_they_stand_and_once(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier, "3")
    with pytest.raises(NotPossible, match="No points stand"):
        lodged(outcome, cast, about=ContestAbout.POINTS)


def test_points_found_wrong_are_not_contested_again_before_they_are_given_anew(worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    upheld_points(outcome, cast, officer)
    with pytest.raises(NotPossible, match="found wrong already"):
        lodged(outcome, cast, about=ContestAbout.POINTS)
    assert Share.objects.count() == 2


def test_what_was_not_upheld_is_not_carried_out_in_the_database(worked, cast, verifier):
    row = lodged(verified(worked, cast, verifier), cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contest.objects.filter(pk=row.pk).update(carried_out_at=clock.now())


# An officer who cannot go on, and none at all


def test_second_look_of_an_officer_whose_role_ended_returns_to_the_queue(worked, cast, verifier, officer):
    other = conftest.officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    row = contests.assign(
        contests.admit(lodged(verified(worked, cast, verifier), cast), by=officer, note="x"), by=officer
    )
    chase()
    assert Contest.objects.get().state == "assigned"
    RoleGrant.objects.filter(person=officer, role=Role.APPEALS).update(until=clock.now())
    chase()
    row.refresh_from_db()
    assert (row.state, row.officer, row.no_officer) == ("admissible", None, False)
    assert "A second look at" in " ".join(work_of(other))
    row = contests.dismiss(contests.assign(row, by=other), by=other, note="Both were read.")
    assert row.state == "dismissed"


def test_officer_gives_it_to_somebody_else_with_the_reason(worked, cast, verifier, officer):
    row = contests.assign(
        contests.admit(lodged(verified(worked, cast, verifier), cast), by=officer, note="x"), by=officer
    )
    with pytest.raises(NotPossible, match="Give a reason"):
        contests.hand_back(row, by=officer)
    assert contests.hand_back(row, by=officer, note="I am away.").officer is None


def test_second_look_that_nobody_may_hear_is_told_and_stays_in_the_heads_work(client, worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    contests.turn_away(lodged(outcome, cast), by=officer, note="Nothing new.")
    client.force_login(cast["lead"])
    ask = reverse("contest_ask", args=[worked.case])
    page = client.post(ask, {"about": "result", "words": "The second log."}, follow=True)
    assert "No officer without an earlier act" in page.content.decode()
    row = Contest.objects.open().get()
    assert (row.no_officer, work_of(officer)) == (True, [])
    assert "finds an appeals officer" in text_of_main(page)
    assert f"Find an officer for a second look at “{worked.title}”" in work_of(cast["head"])
    assert Notification.objects.filter(person=cast["head"], subject="Nobody may hear a second look").count() == 1
    found = conftest.officers(Role.APPEALS, factories.AgencyFactory(), 1)[0]
    chase()
    row.refresh_from_db()
    assert not row.no_officer
    assert "A second look at" in " ".join(work_of(found))
    assert Notification.objects.filter(person=found, path=row.get_absolute_url()).count() == 1
