"""Reads beyond `.get`."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lifecycle import clock

from .enums import SECOND_FACTOR_ROLES, Grade, GrantStanding, Role
from .models import Agency, Block, EmploymentSnapshot, Notification, RoleGrant, User
from .policies import SECOND_FACTORS, in_force, parts_held, post_of, roles_held


def with_second_factor(people: QuerySet[User], at: datetime | None = None) -> QuerySet[User]:
    """Annotate `has_second_factor`, and `lacks_second_factor`: a role held now demands one, and there is none."""
    own = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS))
    held = RoleGrant.objects.filter(in_force(at), person=OuterRef("pk"), role__in=SECOND_FACTOR_ROLES)
    demanded = Q(is_demo=False) & (Q(is_staff=True) | Exists(held))
    answers: dict[str, Any] = {
        "has_second_factor": ExpressionWrapper(Q(own), output_field=BooleanField()),
        "lacks_second_factor": ExpressionWrapper(demanded & ~Q(own), output_field=BooleanField()),
    }
    return people.annotate(**answers)


def snapshot_of(person: User) -> EmploymentSnapshot | None:
    """Return the newest register entry of a person, with its agency and line manager, or None."""
    return post_of(person)


HEAD = Coalesce("parent__parent__parent", "parent__parent", "parent", "pk")  # a tree is three levels deep, or four


def tree_of_agency(agency_id: int) -> QuerySet[Agency]:
    """Return all agencies under the same ministry or other head, that and itself among them; for a subquery."""
    agencies = Agency.objects.annotate(head=HEAD)
    return agencies.filter(head__in=agencies.filter(pk=agency_id).values("head"))


def with_agency(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate `agency_name` from the newest register entry."""
    newest = EmploymentSnapshot.objects.filter(person=OuterRef("pk")).order_by("-as_of")
    return people.annotate(agency_name=Subquery(newest.values("agency__name")[:1]))


def roles_of(person: User) -> QuerySet[RoleGrant]:
    """Return the role grants in force, agencies joined."""
    return RoleGrant.objects.filter(in_force(), person=person).select_related("agency").order_by("role", "pk")


def lasting(person: User) -> QuerySet[RoleGrant]:
    """Return the grants that hold now or will."""
    return RoleGrant.objects.filter(Q(until=None) | Q(until__gt=clock.now()), person=person)


def role_names(person: User) -> set[str]:
    """Return the names of the roles that the person holds now; one query. Django's staff are administrators."""
    return set(roles_held(person)) | ({Role.ADMINISTRATOR} if person.is_staff else set())


def holders(role: Role, agency: Agency | None = None) -> QuerySet[User]:
    """Return the people with an open account who hold the role now (for the agency)."""
    grants = RoleGrant.objects.filter(in_force(), role=role)
    if agency is not None:
        grants = grants.filter(agency=agency)
    return User.objects.filter(is_active=True, pk__in=grants.values("person"))


def delegated() -> Exists:
    """Return the condition that an approver of the same agency made the grant: its holder is their delegate."""
    approved = Q(until=None) | Q(until__gt=OuterRef("since"))
    own = RoleGrant.objects.filter(approved, role=Role.SPONSOR, agency=OuterRef("agency"), since__lte=OuterRef("since"))
    return Exists(own.filter(person=OuterRef("granted_by")))


def principals(agency: Agency) -> QuerySet[User]:
    """Return the approvers of the agency themselves, their delegates apart."""
    grants = RoleGrant.objects.filter(in_force(), role=Role.SPONSOR, agency=agency).exclude(delegated())
    return User.objects.filter(is_active=True, pk__in=grants.values("person"))


def delegations_by(person: User) -> QuerySet[RoleGrant]:
    """Return the delegates that the person named and that stand in for them now or will, by their first day."""
    named = RoleGrant.objects.filter(delegated(), granted_by=person, role=Role.SPONSOR)
    lasts = (Q(until=None) | Q(until__gt=clock.now())) & (Q(until=None) | Q(until__gt=F("since")))
    return named.filter(lasts).select_related("person", "agency").order_by("since", "pk")


def all_grants(*, text: str = "", role: str = "", agency: str = "", state: str = "") -> QuerySet[RoleGrant]:
    """Return grants newest first, with people, agencies and `works_at`; filters that are empty let everything pass."""
    now = clock.now()
    states = {
        GrantStanding.NOW: in_force(),
        GrantStanding.LATER: Q(since__gt=now) & (Q(until=None) | Q(until__gt=F("since"))),
        GrantStanding.OVER: Q(until__lte=now) | Q(until__lte=F("since")),
        GrantStanding.CLOSED: in_force() & Q(person__is_active=False),
    }
    post = EmploymentSnapshot.objects.filter(person=OuterRef("person")).order_by("-as_of")
    found = RoleGrant.objects.filter(states[GrantStanding(state)] if state in GrantStanding.values else Q())
    if text:
        found = found.filter(
            Q(person__full_name__icontains=text) | Q(person__employee_number=text) | Q(person__email=text.lower())
        )
    if role:
        found = found.filter(role=role)
    if agency:
        found = found.filter(agency__code=agency)
    found = found.annotate(works_at=Subquery(post.values("agency__name")[:1]))
    return found.select_related("person", "agency", "granted_by", "ended_by").order_by("-since", "-pk")


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


def readable_messages() -> QuerySet[Notification]:
    """Return messages, newest first, without those about what a conflict keeps their reader out of."""
    kept_out = Block.objects.filter(person=OuterRef("person"), grade=Grade.BLOCK, case=OuterRef("case"))
    return Notification.objects.exclude(Exists(kept_out))


def inbox(person: User) -> QuerySet[Notification]:
    """Return the messages that the person may read."""
    return readable_messages().filter(person=person)


def with_frame(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate `unread`, how many messages the person has not opened, and `invented`: the fund's data is."""
    own = readable_messages().filter(person=OuterRef("pk"), read_at=None)
    unread = own.order_by().values("person").annotate(count=Count("pk")).values("count")
    invented = Exists(User.objects.filter(is_demo=True))
    return people.annotate(unread=Coalesce(Subquery(unread), 0), invented=invented)


ANY_PERSON, ANY_MOMENT = -1, datetime(1, 1, 2, tzinfo=UTC)  # stand in the compiled question for what is asked


@cache
def _question_of_frame(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of the question that every request asks, and its parameters; to compile it takes a page's half."""
    people = User.objects.filter(pk=ANY_PERSON)
    sql, given = with_frame(with_second_factor(people, ANY_MOMENT)).query.sql_with_params()
    return sql, given


def in_frame(person_id: int) -> User | None:
    """Return a person with what the frame of every page asks, or None; one query."""
    sql, given = _question_of_frame(connection.vendor)
    moment = connection.ops.adapt_datetimefield_value
    asked = {ANY_PERSON: person_id, moment(ANY_MOMENT): moment(clock.now())}
    return next(iter(User.objects.raw(sql, [asked.get(value, value) for value in given])), None)


def find_person(text: str) -> User | None:
    """Return whose e-mail address or employee number this is, also of a closed account; never by name."""
    text, people = text.strip(), User.objects.filter(is_system=False)
    return people.filter(email=text.lower()).first() or people.filter(employee_number__iexact=text).first()


def find_civil_servant(text: str) -> User | None:
    """Return the active civil servant with this e-mail address or employee number; never by name."""
    text = text.strip()
    people = User.objects.filter(is_active=True, employee_number__isnull=False)
    return people.filter(email=text.lower()).first() or people.filter(employee_number__iexact=text).first()
