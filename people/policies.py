"""Who may: policies over grants, involvement and blocks."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from lifecycle import clock
from lifecycle.policies import Policy, policy

from .enums import TEAM_PARTS, Grade, Part, Role
from .models import Agency, Block, EmploymentSnapshot, Involvement, RoleGrant


def in_force() -> Q:
    """Return the filter for dated rows that hold at this moment."""
    now = clock.now()
    return Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))


def holds(*roles: Role) -> Policy:
    """Return the policy that the user holds one of `roles` now; one query."""
    name = " or ".join(role.label for role in roles)
    return Policy(lambda _, user: RoleGrant.objects.filter(in_force(), person=user, role__in=roles).exists(), name)


def has_part(*parts: Part) -> Policy:
    """Return the policy that the user has one of `parts` in the instance's case."""

    def test(instance: Any, user: Any) -> bool:
        return Involvement.objects.filter(in_force(), case=instance.case, person=user, part__in=parts).exists()

    return Policy(test, " or ".join(part.label.lower() for part in parts))


is_lead = has_part(Part.LEAD, Part.DEPUTY)
is_in_team = has_part(*TEAM_PARTS)


@policy("civil servant")
def is_civil_servant(_: Any, user: Any) -> bool:
    """Tell whether the user is in the register."""
    return bool(user.is_civil_servant)


@policy("blocked by a conflict of interest")
def is_blocked(instance: Any, user: Any) -> bool:
    """Tell whether a blocking conflict of the user with the instance's case is on record."""
    return Block.objects.filter(case=instance.case, person=user, grade=Grade.BLOCK).exists()


def tree_of(agency_id: int | None) -> int | None:
    """Return the id of the ministry or other head of an agency's tree; the tree ends below government."""
    return _head(agency_id, _parents())


def _parents() -> dict[int, int | None]:
    return dict(Agency.objects.values_list("pk", "parent"))


def _head(agency_id: int | None, parents: dict[int, int | None]) -> int | None:
    while agency_id is not None and parents.get(agency_id) is not None:
        agency_id = parents[agency_id]
    return agency_id


def agencies_of_case(case: UUID) -> set[int]:
    """Return the heads of the agency trees that have or had a person in the team or approved for it."""
    parts = (*TEAM_PARTS, Part.SPONSOR)
    found = Involvement.objects.filter(case=case, part__in=parts, agency__isnull=False)
    parents = _parents()
    return {_head(pk, parents) or 0 for pk in found.values_list("agency", flat=True).distinct()}


@policy("of an agency outside the team")
def is_of_another_agency(instance: Any, user: Any) -> bool:
    """Tell whether the user's agency tree, by the register, has nobody in the team, now or before."""
    post = EmploymentSnapshot.objects.filter(person=user).first()
    return post is not None and tree_of(post.agency_id) not in agencies_of_case(instance.case)


@policy("the system")
def is_system(_: Any, user: Any) -> bool:
    """Tell whether the user is the account that jobs act as."""
    return bool(user.is_system)
