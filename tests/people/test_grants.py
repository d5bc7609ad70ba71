import pytest
from django.db import IntegrityError, transaction

from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import RoleGrant
from people.policies import holds
from people.services.accounts import system_user
from people.services.grants import end_role, grant_role, project_grants

from ..factories import UserFactory, civil_servant


def test_grant_gives_the_role_and_its_object_permission(agencies):
    person = civil_servant("hr@a.example", agencies["health"])
    grant_role(by=system_user(), person=person, role=Role.HR, agency=agencies["health"], reason="x")
    assert holds(Role.HR)(None, person)
    assert person.has_perm("people.view_records_of", agencies["health"])
    assert not person.has_perm("people.view_records_of", agencies["digital"])


def test_ended_grant_takes_both_away(agencies, soon):
    person = civil_servant("hr@a.example", agencies["health"])
    grant = grant_role(by=system_user(), person=person, role=Role.HR, agency=agencies["health"], reason="x")
    with clock.frozen(soon):
        end_role(grant, by=system_user(), reason="left")
        assert not holds(Role.HR)(None, person)
    person = type(person).objects.get(pk=person.pk)
    assert not person.has_perm("people.view_records_of", agencies["health"])


def test_grant_to_oneself_is_refused(cast):
    with pytest.raises(NotPossible, match="themselves"):
        grant_role(by=cast["administrator"], person=cast["administrator"], role=Role.BOARD, reason="x")
    assert not RoleGrant.objects.filter(person=cast["administrator"], role=Role.BOARD).exists()


@pytest.mark.parametrize(("role", "with_agency"), [(Role.HR, False), (Role.BOARD, True)])
def test_grant_with_the_wrong_scope_is_refused(agencies, role, with_agency):
    agency = agencies["health"] if with_agency else None
    with pytest.raises(NotPossible):
        grant_role(by=system_user(), person=UserFactory(), role=role, agency=agency, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(
            person=UserFactory(), role=role, agency=agency, since=clock.now(), granted_by=system_user(), reason="x"
        )


def test_grant_twice_is_one_row(agencies):
    person, by = UserFactory(), system_user()
    first = grant_role(by=by, person=person, role=Role.BOARD, reason="x")
    assert grant_role(by=by, person=person, role=Role.BOARD, reason="x").pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(person=person, role=Role.BOARD, since=clock.now(), granted_by=by, reason="x")


def test_projection_is_swept(agencies, soon):
    person = civil_servant("s@a.example", agencies["health"])
    grant_role(by=system_user(), person=person, role=Role.SPONSOR, agency=agencies["health"], reason="x")
    person.groups.clear()
    assert project_grants() == 1
    assert person.groups.count() == 1
    RoleGrant.objects.filter(person=person).update(until=clock.now())
    with clock.frozen(soon):
        assert project_grants() == 1
    assert person.groups.count() == 0
    assert project_grants() == 0
