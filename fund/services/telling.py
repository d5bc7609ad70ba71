"""Telling the people of a grant, in the change's own transaction."""

from people.enums import TEAM_PARTS
from people.models import Involvement, User
from people.policies import in_force
from people.services.notify import notify

from ..models import Grant


def tell(grant: Grant, person: User, key: str, subject: str, body: str) -> None:
    """Send one person one message about the grant; the same key never sends twice."""
    notify(
        person=person, key=f"{grant.case}:{key}:{person.pk}", subject=subject, body=body,
        path=grant.get_absolute_url(),
    )  # fmt: skip


def tell_team(grant: Grant, key: str, subject: str, body: str) -> None:
    """Send everybody in the team one message."""
    team = Involvement.objects.filter(in_force(), case=grant.case, part__in=TEAM_PARTS)
    for person in User.objects.filter(pk__in=team.values("person")).order_by("pk"):
        tell(grant, person, key, subject, body)
