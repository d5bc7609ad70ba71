"""Reads of payments: those that finance takes the next step with, and those that go to the bank."""

from django.db.models import Count, Q, QuerySet

from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.models import User

from .enums import NOT_SENT, PAYING, TrancheState
from .models import PaymentFile, Tranche


def payments_for(user: User, state: str) -> QuerySet[Tranche]:
    """Return the payments of visible grants that pay in one state, grant and agency joined, without those too early."""
    return _of_paying_grants(user).filter(state=state).exclude(too_early())


def payments_too_early(user: User) -> QuerySet[Tranche]:
    """Return the payments of visible grants that wait only for their fiscal year to begin."""
    return _of_paying_grants(user).filter(too_early())


def _of_paying_grants(user: User) -> QuerySet[Tranche]:
    found = Tranche.objects.visible_to(user).filter(grant__state__in=PAYING)
    return found.select_related("grant__lead_agency", "prepared_by").order_by("grant__reference", "position")


def too_early() -> Q:
    """Return the filter of payments that could be prepared or released but for their fiscal year."""
    states = (TrancheState.RELEASABLE, TrancheState.PREPARED)
    return Q(state__in=states, grant__line__fiscal_year__gt=fiscal_year(clock.today()))


def payment_files() -> QuerySet[PaymentFile]:
    """Return the payment files, newest first, with `open`: how many of its payments the bank has not answered."""
    found = PaymentFile.objects.select_related("made_by")
    return found.annotate(open=Count("tranches", filter=Q(tranches__bank_on=None))).order_by("-number")


def waiting_for_bank() -> QuerySet[Tranche]:
    """Return the released payments that go into the next payment file."""
    return _unsent().exclude(grant__state__in=NOT_SENT)


def kept_from_bank() -> QuerySet[Tranche]:
    """Return the released payments that wait because their grant is suspended."""
    return _unsent().filter(grant__state__in=NOT_SENT)


def _unsent() -> QuerySet[Tranche]:
    found = Tranche.objects.filter(state=TrancheState.RELEASED, in_file=None)
    return found.select_related("grant__lead_agency", "prepared_by").order_by("pk")
