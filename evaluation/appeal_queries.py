"""Reads about appeals."""

from dataclasses import dataclass

from django.db.models import QuerySet

from lifecycle import clock
from people.enums import Grade, Role
from people.models import Block, EmploymentSnapshot, User
from people.policies import agencies_of_case, tree_of
from people.queries import holders, with_agency

from .enums import OPEN_APPEAL, AppealState
from .models import Appeal
from .policies import actors_in


def listed_for(user: User, state: str = "", late: bool = False, mine: bool = False) -> QuerySet[Appeal]:
    """Return the appeals that the person may see, the earliest due first; open ones before those that are over."""
    found = Appeal.objects.visible_to(user).of_practice(False)
    if state == "open":
        found = found.filter(state__in=OPEN_APPEAL)
    elif state in AppealState.values:
        found = found.filter(state=state)
    if late:
        found = found.filter(state__in=OPEN_APPEAL, due_on__lt=clock.today())
    if mine:
        found = found.filter(officer=user)
    return found.select_related("proposal__call", "officer").order_by("due_on", "pk")


@dataclass(frozen=True)
class Officer:
    """An appeals officer, and what keeps the person from this appeal, or nothing."""

    person: User
    why_not: str


def officers_for(appeal: Appeal) -> list[Officer]:
    """Return all appeals officers with what keeps each from this one, who may first; a constant number of queries."""
    people = list(with_agency(holders(Role.APPEALS)).order_by("full_name", "pk"))
    blocked = set(Block.objects.filter(case=appeal.case, grade=Grade.BLOCK).values_list("person", flat=True))
    acted = actors_in(appeal)
    posts: dict[int, int] = {}
    for post in EmploymentSnapshot.objects.filter(person__in=people):  # the newest first
        posts.setdefault(post.person_id, post.agency_id)
    taking_part = agencies_of_case(appeal.case)

    def why_not(person: User) -> str:
        if person.pk in blocked:
            return "has a conflict of interest"
        if person.pk in acted:
            return "did something in this case before"
        if person.pk not in posts or tree_of(posts[person.pk]) in taking_part:
            return "works in an agency that takes part"
        return "is an administrator" if person.is_staff else ""

    found = [Officer(person, why_not(person)) for person in people]
    return sorted(found, key=lambda officer: bool(officer.why_not))
