"""Role grants and their projection into groups and object permissions."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db.models import Q
from guardian.shortcuts import assign_perm

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked

from ..enums import AGENCY_ROLES, Role
from ..models import Agency, RoleGrant, User
from ..policies import in_force, is_administrator, is_system
from ..queries import lasting

may_grant = is_administrator | is_system
# What holding a role for an agency means to guardian.
OBJECT_PERMISSIONS = {Role.SPONSOR: "endorse_for", Role.HR: "view_records_of", Role.HRC: "view_records_of"}


def group_of(role: str, agency: Agency | None) -> Group:
    """Return the group of a role (at an agency), with its object permission."""
    group, created = Group.objects.get_or_create(name=f"{role}@{agency.code}" if agency else str(role))
    if created and agency is not None:
        assign_perm(f"people.{OBJECT_PERMISSIONS[Role(role)]}", group, agency)
    return group


def grant_role(
    *,
    by: User,
    person: User,
    role: Role,
    reason: str,
    agency: Agency | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> RoleGrant:
    """Grant `role` from `since` (now when None) until before `until` (no end when None); a delegate is a dated grant.

    NotPossible for one's own grant, a wrong scope or period, a period that overlaps, a closed account, and when
    somebody would be administrator and anything else. Side effects: the row, its projection, a trail entry.
    """
    now = clock.now()
    since = since or now
    _refuse_request(by, person, role, agency, reason)
    if until is not None and until <= max(since, now):
        raise NotPossible("The last day is before the first, or already over.")
    return write_grant(by, person, role, agency, since, until, reason)


def write_grant(
    by: User, person: User, role: Role, agency: Agency | None, since: datetime, until: datetime | None, reason: str
) -> RoleGrant:
    """Write a grant that `by` may make. NotPossible for an overlap, a closed account and an administrator."""
    with locked([person]):
        _refuse_unfit(User.objects.get(pk=person.pk), role)
        held = _overlapping(person, role, agency, since, until)
        if held is not None:
            if held.until is None and until is None and held.since <= since:
                return held
            raise NotPossible(f"{person.full_name} holds “{role.label}” in that time already. End that first.")
        grant = RoleGrant.objects.create(
            person=person, role=role, agency=agency, since=since, until=until, granted_by=by, reason=reason
        )
        project(person)
        changes = {"role": [None, str(role)], "since": [None, since], "until": [None, until]}
        trail.record(person, action="role_granted", by=by, note=reason, changes=changes)
    return grant


def _refuse_request(by: User, person: User, role: Role, agency: Agency | None, reason: str) -> None:
    """Refuse what can be seen without looking at the person's grants."""
    if not may_grant(None, by):
        raise NotPossible("Only the administrator grants roles.", forbidden=True)
    if by == person:
        raise NotPossible("Nobody can grant a role to themselves.")
    if (agency is not None) != (role in AGENCY_ROLES):
        raise NotPossible(
            f"“{role.label}” is held {'for one agency' if role in AGENCY_ROLES else 'for the whole fund'}."
        )
    if not reason.strip():
        raise NotPossible("Give a reason.")


def _refuse_unfit(person: User, role: Role) -> None:
    """Refuse a closed account, and an administrator who would be anything else."""
    if not person.is_active:
        raise NotPossible(f"The account of {person.full_name} is closed.")
    held = {Role(name) for name in lasting(person).values_list("role", flat=True)}
    if role != Role.ADMINISTRATOR and (person.is_staff or Role.ADMINISTRATOR in held):
        raise NotPossible(f"{person.full_name} is an administrator, and an administrator holds no other role.")
    others = sorted(name.label for name in held - {Role.ADMINISTRATOR})
    if role == Role.ADMINISTRATOR and others:
        raise NotPossible(
            f"{person.full_name} holds “{'”, “'.join(others)}”. An administrator holds no other role: end that first."
        )


def _overlapping(
    person: User, role: Role, agency: Agency | None, since: datetime, until: datetime | None
) -> RoleGrant | None:
    same = RoleGrant.objects.filter(Q(until=None) | Q(until__gt=since), person=person, role=role, agency=agency)
    return (same if until is None else same.filter(since__lt=until)).order_by("since").first()


def end_role(grant: RoleGrant, *, by: User, reason: str) -> None:
    """End a grant now, or one that has not begun before it begins; NotPossible when it is over or without a reason."""
    if not may_grant(None, by):
        raise NotPossible("Only the administrator ends roles.", forbidden=True)
    if not reason.strip():
        raise NotPossible("Give a reason.")
    write_end(grant, by, reason)
    if grant.role == Role.SPONSOR and not lasting(grant.person).filter(role=grant.role, agency=grant.agency).exists():
        named = RoleGrant.objects.filter(Q(until=None) | Q(until__gt=clock.now()), granted_by=grant.person)
        for row in named.filter(role=grant.role, agency=grant.agency).select_related("person"):
            write_end(row, by, f"The role of {grant.person.full_name}, who named this delegate, has ended.")


def write_end(grant: RoleGrant, by: User, reason: str) -> None:
    """End a grant that `by` may end. NotPossible when it is over."""
    now = clock.now()
    with locked([grant.person]):
        fresh = lasting(grant.person).filter(pk=grant.pk).first()
        if fresh is None:
            raise NotPossible("This role has ended already.")
        RoleGrant.objects.filter(pk=grant.pk).update(until=max(now, fresh.since), ended_by=by, end_reason=reason)
        project(grant.person)
        trail.record(grant.person, action="role_ended", by=by, note=reason, changes={"role": [grant.role, None]})


def project(person: User) -> None:
    """Make the person's groups equal to the grants in force."""
    grants = RoleGrant.objects.filter(in_force(), person=person).select_related("agency")
    person.groups.set([group_of(grant.role, grant.agency) for grant in grants])


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
