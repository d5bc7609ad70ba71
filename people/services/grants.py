"""Role grants and their projection into groups and object permissions."""

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm

from lifecycle import clock, trail
from lifecycle.errors import NotPossible

from ..enums import AGENCY_ROLES, Role
from ..models import Agency, RoleGrant, User
from ..policies import in_force

# What holding a role for an agency means to guardian.
OBJECT_PERMISSIONS = {Role.SPONSOR: "endorse_for", Role.HR: "view_records_of", Role.HRC: "view_records_of"}


def group_of(role: str, agency: Agency | None) -> Group:
    """Return the group of a role (at an agency), with its object permission."""
    group, created = Group.objects.get_or_create(name=f"{role}@{agency.code}" if agency else str(role))
    if created and agency is not None:
        assign_perm(f"people.{OBJECT_PERMISSIONS[Role(role)]}", group, agency)
    return group


def grant_role(*, by: User, person: User, role: Role, agency: Agency | None = None, reason: str) -> RoleGrant:
    """Grant `role` from now on, project it, and record it. NotPossible for an agency mismatch or one's own grant."""
    if by == person:
        raise NotPossible("Nobody can grant a role to themselves.")
    if (agency is not None) != (role in AGENCY_ROLES):
        raise NotPossible(
            f"“{role.label}” is held {'for one agency' if role in AGENCY_ROLES else 'for the whole fund'}."
        )
    with transaction.atomic():
        grant, created = RoleGrant.objects.get_or_create(
            person=person, role=role, agency=agency, until=None,
            defaults={"since": clock.now(), "granted_by": by, "reason": reason},
        )  # fmt: skip
        if created:
            person.groups.add(group_of(role, agency))
            trail.record(person, action="role_granted", by=by, note=reason, changes={"role": [None, str(role)]})
    return grant


def end_role(grant: RoleGrant, *, by: User, reason: str) -> None:
    """End a grant now and take it out of the projection."""
    with transaction.atomic():
        RoleGrant.objects.filter(pk=grant.pk, until=None).update(until=clock.now())
        grant.person.groups.remove(group_of(grant.role, grant.agency))
        trail.record(grant.person, action="role_ended", by=by, note=reason, changes={"role": [grant.role, None]})


def project_grants() -> int:
    """Make the groups equal to the grants in force; returns the number of people corrected."""
    wanted: dict[int, set[int]] = {}
    for grant in RoleGrant.objects.filter(in_force()).select_related("agency"):
        wanted.setdefault(grant.person_id, set()).add(group_of(grant.role, grant.agency).pk)
    corrected = 0
    holders = User.objects.filter(groups__isnull=False) | User.objects.filter(pk__in=wanted)
    for person in holders.distinct().prefetch_related("groups"):
        if {group.pk for group in person.groups.all()} != wanted.get(person.pk, set()):
            person.groups.set(wanted.get(person.pk, set()))
            corrected += 1
    return corrected
