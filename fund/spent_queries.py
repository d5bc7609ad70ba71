"""Payments on which somebody has a step to take: those of *my work*, before they are narrowed to a person's part."""

from django.db.models import F, QuerySet, Subquery

from people.enums import TEAM_PARTS, Part
from people.models import EmploymentSnapshot, Involvement, User

from .enums import ENDED, TrancheState
from .models import Tranche

NOTHING_LEFT = {"state": TrancheState.ACKNOWLEDGED, "amount": F("accounted") + F("waiting") + F("returned")}


def payments_with_a_step(user: User) -> QuerySet[Tranche]:
    """Return payments without those that the user prepared, and those of which nothing is left to record."""
    found: QuerySet[Tranche] = Tranche.objects.exclude(state=TrancheState.PREPARED, prepared_by=user)
    return found.exclude(**NOTHING_LEFT)


def with_receipts_to_look_at(user: User) -> QuerySet[Tranche]:
    """Return payments with receipts that wait, without those of the agency that the user works at."""
    post = EmploymentSnapshot.objects.filter(person=user).values("agency")[:1]
    own = Involvement.objects.filter(part__in=(*TEAM_PARTS, Part.SPONSOR), agency=Subquery(post))
    found: QuerySet[Tranche] = Tranche.objects.filter(waiting__gt=0)
    return found.exclude(grant__case__in=own.values("case"))


def with_a_rest_to_take_back(user: User) -> QuerySet[Tranche]:
    """Return payments of ended grants that are not accounted for, without those that the user prepared."""
    found: QuerySet[Tranche] = Tranche.objects.filter(grant__state__in=ENDED, waiting=0)
    return found.exclude(prepared_by=user)
