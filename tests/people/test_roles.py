from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incentives.services.outcomes import agency_approvers
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.models import TrailEntry
from people.enums import GrantStanding, Role
from people.models import RoleGrant
from people.policies import holds
from people.queries import all_grants, holders
from people.services import grants
from people.services.accounts import system_user
from people.services.grants import end_role, grant_role, project_grants

from ..factories import UserFactory, civil_servant, second_factor


@pytest.fixture
def administrator(client, cast):
    client.force_login(cast["administrator"])
    return client


def form(person, **other):
    return {"who": person.employee_number, "role": "board", "agency": "", "reason": "Letter 12"} | other


def day(offset):
    return (clock.today() + timedelta(days=offset)).isoformat()


def test_role_is_granted_on_the_page_and_works_at_once(administrator, cast):
    answer = administrator.post(reverse("role_grant"), form(cast["lead"]))
    assert answer.headers["Location"] == reverse("role_list")
    grant = RoleGrant.objects.get(person=cast["lead"])
    assert (grant.role, grant.agency, grant.until) == (Role.BOARD, None, None)
    assert (grant.granted_by, grant.reason) == (cast["administrator"], "Letter 12")
    assert holds(Role.BOARD)(None, cast["lead"])
    assert TrailEntry.objects.filter(stream__key=f"people.User:{cast['lead'].pk}", action="role_granted").count() == 1


def test_delegate_holds_from_first_day_through_last_day_in_thimphu(administrator, cast, agencies):
    agency = agencies["health"]
    data = form(cast["lead"], role="sponsor", agency=agency.pk, since=day(2), until=day(3))
    administrator.post(reverse("role_grant"), data)
    grant = RoleGrant.objects.get(person=cast["lead"])
    local = timezone.localtime(grant.since)
    assert (local.date().isoformat(), local.hour, grant.standing) == (day(2), 0, GrantStanding.LATER)
    assert grant.until - grant.since == timedelta(days=2)
    for moment, now in ((grant.since - timedelta(seconds=1), False), (grant.since, True),
                        (grant.until - timedelta(seconds=1), True), (grant.until, False)):  # fmt: skip
        with clock.frozen(moment):
            assert holds(Role.SPONSOR)(None, cast["lead"]) is now
            assert holders(Role.SPONSOR, agency).filter(pk=cast["lead"].pk).exists() is now


def test_future_grant_is_projected_by_the_sweep_when_it_begins_and_when_it_ends(cast, soon):
    after = soon + timedelta(days=1)
    grant_role(by=system_user(), person=cast["lead"], role=Role.BOARD, since=soon, until=after, reason="x")
    assert (project_grants(), cast["lead"].groups.count()) == (0, 0)
    with clock.frozen(soon):
        assert (project_grants(), cast["lead"].groups.count()) == (1, 1)
    with clock.frozen(after):
        assert (project_grants(), cast["lead"].groups.count()) == (1, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"who": "Name of lead"}, "Nobody in the register"),
        ({"role": ""}, "Choose a role."),
        ({"role": "hr"}, "Choose the agency."),
        ({"reason": " "}, "Give a reason."),
        ({"since": "2020-01-01"}, "The first day is past."),
        ({"until": "2020-01-01"}, "The last day is before the first."),
        ({"until": "soon"}, "Write the last day as 2026-07-01."),
    ],
)
def test_grant_that_cannot_be_says_why_and_changes_nothing(administrator, cast, change, words):
    before = RoleGrant.objects.count()
    answer = administrator.post(reverse("role_grant"), form(cast["lead"], **change))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert RoleGrant.objects.count() == before


def test_grant_to_oneself_on_the_page_is_refused(administrator, cast):
    answer = administrator.post(reverse("role_grant"), form(cast["administrator"]))
    assert "Nobody can grant a role to themselves." in answer.content.decode()


def test_administrator_gets_no_other_role_and_nobody_else_becomes_one(administrator, cast):
    second = civil_servant("second@x.example", cast["lead"].snapshots.get().agency)
    grant_role(by=cast["administrator"], person=second, role=Role.ADMINISTRATOR, reason="x")
    answer = administrator.post(reverse("role_grant"), form(second))
    assert "is an administrator, and an administrator holds no other role" in answer.content.decode()
    answer = administrator.post(reverse("role_grant"), form(cast["chair"], role="administrator"))
    assert "holds “Panel chair”. An administrator holds no other role" in answer.content.decode()
    assert (second.role_grants.count(), cast["chair"].role_grants.count()) == (1, 1)


def test_djangos_staff_get_no_role(cast):
    staff = UserFactory(is_staff=True, is_superuser=True)
    with pytest.raises(NotPossible, match="is an administrator"):
        grant_role(by=cast["administrator"], person=staff, role=Role.BOARD, reason="x")


def test_administrator_check_taken_away_lets_both_through(cast, monkeypatch):
    monkeypatch.setattr(grants, "_refuse_unfit", lambda *args: None)
    grant_role(by=cast["administrator"], person=UserFactory(is_staff=True), role=Role.BOARD, reason="x")
    grant_role(by=cast["administrator"], person=cast["chair"], role=Role.ADMINISTRATOR, reason="x")
    assert cast["chair"].role_grants.count() == 2


def test_holder_of_a_role_does_not_become_djangos_staff(client, cast):
    staff = UserFactory(is_staff=True, is_superuser=True)
    second_factor(staff)
    client.force_login(staff)
    page = f"/admin/people/user/{cast['chair'].pk}/change/"
    data = {"email": cast["chair"].email, "full_name": "Chair", "is_active": "on", "is_staff": "on"}
    assert "An administrator holds no other role." in client.post(page, data).content.decode()
    cast["chair"].refresh_from_db()
    assert cast["chair"].is_staff is False


def test_closing_an_account_names_the_roles_it_holds_and_is_recorded(client, cast):
    staff = UserFactory(is_staff=True, is_superuser=True)
    second_factor(staff)
    client.force_login(staff)
    page = f"/admin/people/user/{cast['chair'].pk}/change/"
    answer = client.post(page, {"email": cast["chair"].email, "full_name": "Chair"}, follow=True)
    assert "is signed out and still holds: Panel chair." in answer.content.decode()
    entry = TrailEntry.objects.get(stream__key=f"people.User:{cast['chair'].pk}", action="account_changed")
    assert '"is_active":["True","False"]' in entry.payload.text
    listed = client.get(reverse("role_list"), {"state": "closed"}).content.decode()
    assert (listed.count("Account closed"), "1 found." in listed) == (1, True)


def test_first_administrator_of_a_fresh_copy_can_begin(client, agencies):
    staff = UserFactory(is_staff=True, is_superuser=True, employee_number=None)
    second_factor(staff)
    client.force_login(staff)
    person = civil_servant("new@x.example", agencies["health"])
    assert reverse("role_list") in client.get("/").content.decode()
    client.post(reverse("role_grant"), form(person, role="administrator"))
    assert holds(Role.ADMINISTRATOR)(None, person)


def test_role_is_ended_with_a_reason_after_a_confirmation(administrator, cast):
    grant = cast["board"].role_grants.get()
    page = administrator.get(reverse("role_end", args=[grant.pk])).content.decode()
    assert f"Name of board · {cast['board'].employee_number} · Ministry of Health" in page
    assert administrator.post(reverse("role_end", args=[grant.pk]), {"reason": ""}).status_code == 400
    assert holds(Role.BOARD)(None, cast["board"])
    administrator.post(reverse("role_end", args=[grant.pk]), {"reason": "Moved on"})
    grant.refresh_from_db()
    assert (grant.ended_by, grant.end_reason) == (cast["administrator"], "Moved on")
    assert not holds(Role.BOARD)(None, cast["board"])
    again = administrator.post(reverse("role_end", args=[grant.pk]), {"reason": "Again"}, follow=True)
    assert "This role has ended already." in again.content.decode()
    page = administrator.get(reverse("role_list"), {"state": "over"}).content.decode()
    assert "Ended by Name of administrator: Moved on." in page


def test_future_role_is_ended_before_it_begins(cast, soon):
    grant = grant_role(by=system_user(), person=cast["lead"], role=Role.BOARD, since=soon, reason="x")
    end_role(grant, by=cast["administrator"], reason="No longer")
    grant.refresh_from_db()
    assert (grant.until, grant.standing) == (soon, GrantStanding.OVER)
    with clock.frozen(soon):
        assert not holds(Role.BOARD)(None, cast["lead"])
        assert grant not in all_grants(state="later")


def test_overlapping_period_is_refused_and_a_following_one_is_not(cast, soon):
    by, person = cast["administrator"], cast["lead"]
    grant_role(by=by, person=person, role=Role.BOARD, until=soon, reason="x")
    with pytest.raises(NotPossible, match="in that time already"):
        grant_role(by=by, person=person, role=Role.BOARD, reason="x")
    grant_role(by=by, person=person, role=Role.BOARD, since=soon, reason="x")
    assert person.role_grants.count() == 2


@pytest.mark.parametrize("name", ["lead", "head", "rcsc", "auditor"])
def test_nobody_else_grants_or_ends(cast, name):
    with pytest.raises(NotPossible, match="Only the administrator"):
        grant_role(by=cast[name], person=cast["stranger"], role=Role.BOARD, reason="x")
    with pytest.raises(NotPossible, match="Only the administrator"):
        end_role(cast["board"].role_grants.get(), by=cast[name], reason="x")


def test_closed_account_gets_no_role_and_is_asked_for_nothing(cast, agencies):
    type(cast["sponsor"]).objects.filter(pk=cast["sponsor"].pk).update(is_active=False)
    with pytest.raises(NotPossible, match="is closed"):
        grant_role(by=cast["administrator"], person=cast["sponsor"], role=Role.BOARD, reason="x")
    assert list(holders(Role.SPONSOR, agencies["health"])) == []


def test_delegate_of_another_agency_is_asked_only_while_it_lasts(worked, cast, agencies, soon):
    outcome = worked.outcome
    grant_role(
        by=system_user(), person=cast["stranger"], role=Role.SPONSOR, agency=agencies["farms"], until=soon, reason="x"
    )
    assert agency_approvers(agencies["farms"], outcome) == [cast["stranger"]]
    with clock.frozen(soon):
        assert agency_approvers(agencies["farms"], outcome) == []


def test_list_finds_by_number_role_and_agency(administrator, cast, agencies):
    number = cast["hr"].employee_number
    for asked in ({"text": number}, {"role": "hr"}, {"agency": "moh", "role": "hr", "state": "now"}):
        page = administrator.get(reverse("role_list"), asked).content.decode()
        assert f"Name of hr · {number} · Ministry of Health" in page, asked
        assert "1 found." in page, asked
    assert "No role matches." in administrator.get(reverse("role_list"), {"text": "nobody"}).content.decode()


def test_list_costs_the_same_at_one_and_three_rows(administrator, cast):
    administrator.get(reverse("role_list"))
    counts = []
    for number in range(3):
        grant_role(by=system_user(), person=UserFactory(), role=Role.CLASSIFIER, reason=f"r{number}")
        if number in (0, 2):
            with CaptureQueriesContext(connection) as queries:
                administrator.get(reverse("role_list"), {"role": "classifier"})
            counts.append(len(queries))
    assert counts == [6, 6]
