"""Who may: policies over grants, involvement and blocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import OuterRef, Q, Subquery

from lifecycle import clock
from lifecycle.policies import Policy, policy
from lifecycle.prepared import prepared
from lifecycle.remembering import remembered

from .enums import LEAD_PARTS, TEAM_PARTS, Grade, Part, Role
from .models import Agency, Block, EmploymentSnapshot, Involvement, RoleGrant, User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def in_force(at: datetime | None = None) -> Q:
    """Return the filter for dated rows that hold at this moment, or at another."""
    now = at or clock.now()
    return Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))


@prepared
def _roles_of(person: int) -> Any:
    return RoleGrant.objects.filter(in_force(), person=person).values_list("role", flat=True)


@prepared
def _parts_in_case(case: UUID) -> Any:
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of").values("agency")[:1]
    return Involvement.objects.filter(case=case).annotate(works_at=Subquery(newest))


@prepared
def _grades_in_case(case: UUID, person: int) -> Any:
    return Block.objects.filter(case=case, person=person).values_list("grade", flat=True)


@remembered
def roles_held(person: User) -> frozenset[str]:
    """Return the names of the roles that the person holds now; one query."""
    return frozenset(_roles_of(person.pk))


@remembered
def involved_in(case: UUID) -> list[Involvement]:
    """Return everybody's parts in a case, past ones too, each with `works_at`, the agency of today; one query."""
    return _parts_in_case(case)


def parts_held(case: UUID, person: User) -> frozenset[str]:
    """Return the parts that the person has in a case now; one query."""
    now = clock.now()
    mine = (row for row in involved_in(case) if row.person_id == person.pk and row.since <= now)
    return frozenset(row.part for row in mine if row.until is None or row.until > now)


@remembered
def post_of(person: User) -> EmploymentSnapshot | None:
    """Return the newest register entry of a person, with its agency, or None; one query."""
    return EmploymentSnapshot.objects.filter(person=person).select_related("agency", "line_manager").first()


def holds(*roles: Role) -> Policy:
    """Return the policy that the user holds one of `roles` now; one query."""
    name = " or ".join(role.label for role in roles)
    return Policy(lambda _, user: not roles_held(user).isdisjoint(roles), name)


def has_part(*parts: Part) -> Policy:
    """Return the policy that the user has one of `parts` in the instance's case."""

    def test(instance: Any, user: Any) -> bool:
        return not parts_held(instance.case, user).isdisjoint(parts)

    return Policy(test, " or ".join(part.label.lower() for part in parts))


is_lead = has_part(*LEAD_PARTS)
is_in_team = has_part(*TEAM_PARTS)


@policy("civil servant")
def is_civil_servant(_: Any, user: Any) -> bool:
    """Tell whether the user is in the register."""
    return bool(user.is_civil_servant)


@policy("blocked by a conflict of interest")
def is_blocked(instance: Any, user: Any) -> bool:
    """Tell whether a blocking conflict of the user with the instance's case is on record."""
    return Grade.BLOCK in _grades_of(instance.case, user)


@policy("tied to it by a conflict of interest")
def is_tied(instance: Any, user: Any) -> bool:
    """Tell whether a conflict of the user with the instance's case is on record that is more than a note."""
    return not _grades_of(instance.case, user).isdisjoint((Grade.BLOCK, Grade.MITIGATE))


@remembered
def _grades_of(case: UUID, person: User) -> frozenset[str]:
    """Return the grades of the person's conflicts with a case that are on record; one query."""
    return frozenset(_grades_in_case(case, person.pk))


@remembered
def _parents() -> dict[int, int | None]:
    return dict(Agency.objects.values_list("pk", "parent"))


def tree_of(agency_id: int | None) -> int | None:
    """Return the id of the ministry or other head of an agency's tree; the tree ends below government."""
    return _head(agency_id, _parents())


def _head(agency_id: int | None, parents: dict[int, int | None]) -> int | None:
    while agency_id is not None and parents.get(agency_id) is not None:
        agency_id = parents[agency_id]
    return agency_id


def agencies_of_case(case: UUID) -> set[int]:
    """Return the heads of the agency trees that have or had a person in the team or approved for it.

    Whoever is in the team takes the case along to the agency where the register has them today.
    """
    rows = [row for row in involved_in(case) if row.part in (*TEAM_PARTS, Part.SPONSOR)]
    agencies = {row.agency_id for row in rows}
    agencies |= {row.works_at for row in rows if row.part in TEAM_PARTS and row.until is None}  # type: ignore[attr-defined]
    parents = _parents()
    return {_head(pk, parents) or 0 for pk in agencies if pk is not None}


def heads_of(agencies: Iterable[int]) -> dict[int, int]:
    """Return agency id -> id of the head of its tree; one query for all of them."""
    parents = _parents()
    return {pk: _head(pk, parents) or pk for pk in agencies}


def all_heads() -> dict[int, int]:
    """Return agency id -> id of the head of its tree, of every agency; no query beyond that of the parents."""
    parents = _parents()
    return {pk: _head(pk, parents) or pk for pk in parents}


@policy("of an agency outside the team")
def is_of_another_agency(instance: Any, user: Any) -> bool:
    """Tell whether the user's agency tree, by the register, has nobody in the team, now or before."""
    post = post_of(user)
    return post is not None and tree_of(post.agency_id) not in agencies_of_case(instance.case)


@policy("administrator")
def is_administrator(_: Any, user: Any) -> bool:
    """Tell whether the user keeps accounts, settings and jobs: by role, or as Django's staff of a fresh copy."""
    return bool(user.is_staff) or holds(Role.ADMINISTRATOR)(None, user)


def owns_second_factor(person: Any) -> bool:
    """Tell whether the person signs in with a second factor; one query."""
    return bool(Authenticator.objects.filter(user=person.pk, type__in=SECOND_FACTORS).exists())


@policy("with a second factor")
def has_second_factor(_: Any, user: Any) -> bool:
    """Tell the same; the accounts of the demonstration need none anywhere."""
    return bool(user.is_demo) or owns_second_factor(user)


@policy("the system")
def is_system(_: Any, user: Any) -> bool:
    """Tell whether the user is the account that jobs act as."""
    return bool(user.is_system)
