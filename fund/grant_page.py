"""One grant as its page shows it to its reader, with what is written beside it."""

from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, OuterRef, Prefetch, Subquery, Value

from lifecycle.prepared import prepared
from people.enums import TEAM_PARTS, Role
from people.models import Involvement, User
from people.policies import in_force
from people.queries import role_names

from .models import FieldNote, Finding, Grant, Milestone, Report, Signature

NOBODY = Value(value=False, output_field=BooleanField())


def grant_page(case: UUID, user: User) -> Grant | None:
    """Return the grant with all that its page shows, and whether the user works on it or oversees it.

    None where the user may not read it.
    """
    return next(iter(_page(case, user, officer=Role.SECRETARIAT in role_names(user))), None)


@prepared
def _page(case: UUID, user: User, *, officer: bool) -> Any:
    team = Involvement.objects.filter(in_force(), person=user, part__in=TEAM_PARTS, case=OuterRef("case"))
    reports = Prefetch("reports", Report.objects.select_related("milestone"))
    milestones = Prefetch("milestones", Milestone.objects.annotate(filed=Count("files")))
    found = Grant.objects.visible_to(user).filter(case=case).select_related("lead_agency", "lead", "sponsor", "line")
    found = found.annotate(works=Exists(team), oversees=~Exists(team) if officer else NOBODY)
    found = found.annotate(lead_name=_signed("lead"), sponsor_name=_signed("sponsor"))
    return found.prefetch_related(milestones, "tranches", reports)


def _signed(part: str) -> Subquery:
    """Return the name under which one side signed, as part of the grant's own query."""
    return Subquery(Signature.objects.filter(grant=OuterRef("pk"), part=part).values("name")[:1])


def findings_on(grant: Grant, user: User) -> list[Finding]:
    """Return the newest findings on the grant that the user may read, at most 20."""
    return _findings(grant.pk, user, roles=frozenset(role_names(user)))


@prepared
def _findings(grant: int, user: User, *, roles: frozenset[str]) -> Any:
    return Finding.objects.visible_to(user, roles).filter(grant=grant)[:20]


def notes_on(grant: Grant) -> list[FieldNote]:
    """Return the newest field notes of the grant with their writers, at most 50."""
    return _notes(grant.pk)


@prepared
def _notes(grant: int) -> Any:
    return FieldNote.objects.filter(grant=grant).select_related("person")[:50]
