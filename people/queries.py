"""Reads beyond `.get`."""

from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from .enums import Grade, Role
from .models import Agency, Block, EmploymentSnapshot, Notification, RoleGrant, User
from .policies import in_force, parts_held, post_of, roles_held


def snapshot_of(person: User) -> EmploymentSnapshot | None:
    """Return the newest register entry of a person, with its agency, or None."""
    return post_of(person)


def with_agency(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate `agency_name` from the newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    return people.annotate(agency_name=Subquery(newest.values("agency__name")[:1]))


def roles_of(person: User) -> QuerySet[RoleGrant]:
    """Return the role grants in force, agencies joined."""
    return RoleGrant.objects.filter(in_force(), person=person).select_related("agency").order_by("role", "pk")


def role_names(person: User) -> set[str]:
    """Return the names of the roles that the person holds now; one query."""
    return set(roles_held(person))


def parts_in(case: UUID, person: User) -> set[str]:
    """Return the parts that the person has in a case now; one query."""
    return set(parts_held(case, person))


def agencies_for(person: User, role: Role) -> QuerySet[Agency]:
    """Return the agencies for which the person holds an agency role now."""
    return Agency.objects.filter(pk__in=roles_of(person).filter(role=role).values("agency"))


def blocked_cases(person: User) -> QuerySet[Block, UUID]:
    """Return the cases that a blocking conflict keeps the person out of, for a subquery."""
    return Block.objects.filter(person=person, grade=Grade.BLOCK).values_list("case", flat=True)


def blocked_people(case: UUID) -> QuerySet[Block, int]:
    """Return the ids of the people whom a conflict keeps out of the case, for a subquery: they get no mail about it."""
    return Block.objects.filter(case=case, grade=Grade.BLOCK).values_list("person", flat=True)


def inbox(person: User) -> QuerySet[Notification]:
    """Return the person's messages, newest first."""
    return Notification.objects.filter(person=person)


def frame_of(person: User) -> tuple[int, bool]:
    """Return how many messages the person has not opened, and whether the fund's data is invented; one query."""
    unread = inbox(person).filter(read_at=None).order_by().values("person").annotate(count=Count("pk")).values("count")
    invented = Exists(User.objects.filter(is_demo=True))
    found = User.objects.filter(pk=person.pk).values_list(Coalesce(Subquery(unread), 0), invented).first()
    return found or (0, False)


def find_civil_servant(text: str) -> User | None:
    """Return the active civil servant with this e-mail address or employee number; never by name."""
    text = text.strip()
    people = User.objects.filter(is_active=True, employee_number__isnull=False)
    return people.filter(email=text.lower()).first() or people.filter(employee_number__iexact=text).first()
