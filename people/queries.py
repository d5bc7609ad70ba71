"""Reads beyond `.get`."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from .enums import Grade, Role
from .models import Agency, Block, EmploymentSnapshot, Involvement, Notification, RoleGrant, User
from .policies import in_force


def snapshot_of(person: User) -> EmploymentSnapshot | None:
    """Return the newest register entry of a person, with its agency, or None."""
    return EmploymentSnapshot.objects.filter(person=person).select_related("agency").first()


def with_agency(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate `agency_name` from the newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    return people.annotate(agency_name=Subquery(newest.values("agency__name")[:1]))


def roles_of(person: User) -> QuerySet[RoleGrant]:
    """Return the role grants in force, agencies joined."""
    return RoleGrant.objects.filter(in_force(), person=person).select_related("agency").order_by("role", "pk")


def role_names(person: User) -> set[str]:
    """Return the names of the roles that the person holds now; one query."""
    return set(RoleGrant.objects.filter(in_force(), person=person).values_list("role", flat=True))


def parts_in(case: UUID, person: User) -> set[str]:
    """Return the parts that the person has in a case now; one query."""
    return set(Involvement.objects.filter(in_force(), case=case, person=person).values_list("part", flat=True))


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


def unread_count(person: User) -> int:
    """Return how many messages the person has not opened."""
    return inbox(person).filter(read_at=None).count()


def find_civil_servant(text: str) -> User | None:
    """Return the active civil servant with this e-mail address or employee number; never by name."""
    text = text.strip()
    people = User.objects.filter(is_active=True, employee_number__isnull=False)
    return people.filter(email=text.lower()).first() or people.filter(employee_number__iexact=text).first()
