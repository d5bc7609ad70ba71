"""Reads of payments: those that finance takes the next step with, and those that go to the bank."""

from django.db.models import Count, Q, QuerySet

from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.enums import Part
from people.models import User
from people.queries import blocked_cases
from people.toxic import barred_cases

from .enums import ACCOUNTS_OPEN, NOT_SENT, PAID, PAYING, TrancheState
from .hidden import is_hidden_from
from .models import PaymentFile, Tranche


def payments_for(user: User, state: str) -> QuerySet[Tranche]:
    """Return the payments of visible grants that pay in one state, grant and agency joined, without those too early."""
    return _of_paying_grants(user).filter(state=state).exclude(too_early(fiscal_year(clock.today())))


def payments_on_hold(user: User) -> QuerySet[Tranche]:
    """Return the held payments of visible grants whose accounts are open, suspended ones too."""
    found = Tranche.objects.visible_to(user).filter(state=TrancheState.HELD, grant__state__in=ACCOUNTS_OPEN)
    return found.select_related("grant__lead_agency", "prepared_by").order_by("grant__reference", "position")


def payments_too_early(user: User) -> QuerySet[Tranche]:
    """Return the payments of visible grants that wait only for their fiscal year to begin."""
    return _of_paying_grants(user).filter(too_early(fiscal_year(clock.today())))


def payments_to_look_at(user: User) -> QuerySet[Tranche]:
    """Return the payments of visible grants with receipts that wait for finance, grant and agency joined."""
    found = Tranche.objects.visible_to(user).filter(waiting__gt=0, grant__state__in=ACCOUNTS_OPEN)
    return found.select_related("grant__lead_agency", "prepared_by").order_by("grant__reference", "position")


def _of_paying_grants(user: User) -> QuerySet[Tranche]:
    found = Tranche.objects.visible_to(user).filter(grant__state__in=PAYING)
    return found.select_related("grant__lead_agency", "prepared_by").order_by("grant__reference", "position")


def too_early(year: int) -> Q:
    """Return the filter of payments that could be prepared or released but for their fiscal year; now it is `year`."""
    states = (TrancheState.RELEASABLE, TrancheState.PREPARED)
    return Q(state__in=states, grant__line__fiscal_year__gt=year)


def payment_files() -> QuerySet[PaymentFile]:
    """Return the payment files, newest first, with `open`: how many of its payments the bank has still to answer."""
    found = PaymentFile.objects.select_related("made_by", "file")
    unanswered = Q(tranches__bank_on=None, tranches__state__in=PAID)
    return found.annotate(open=Count("tranches", filter=unanswered)).order_by("-number")


def payments_of(user: User, year: int | None = None) -> QuerySet[Tranche]:
    """Return every payment that the user sees, of a fiscal year those made from it and those still to be made."""
    found = Tranche.objects.visible_to(user)
    if year:
        to_come = Q(paid_from=None, grant__line__fiscal_year=year)
        found = found.filter(Q(paid_from__fiscal_year=year) | to_come)
    found = found.select_related("grant__lead_agency", "grant__line", "paid_from", "prepared_by", "released_by")
    return found.order_by("grant__reference", "position")


def free_for(person: User) -> QuerySet[Tranche]:
    """Return the payments with which the person may go to the bank: free of conflicts, and with no clashing part."""
    open_to_me = Tranche.objects.exclude(grant__case__in=blocked_cases(person))
    found: QuerySet[Tranche] = open_to_me.exclude(grant__case__in=barred_cases(person, Part.CHECKER))
    return found


def waiting_for_bank(reader: User) -> QuerySet[Tranche]:
    """Return the released payments for the next payment file; `hidden` where a conflict keeps the reader out of it."""
    return _unsent(reader).exclude(grant__state__in=NOT_SENT)


def kept_from_bank(reader: User) -> QuerySet[Tranche]:
    """Return the released payments that wait because their grant is suspended; `hidden` as above."""
    return _unsent(reader).filter(grant__state__in=NOT_SENT)


def _unsent(reader: User) -> QuerySet[Tranche]:
    found: QuerySet[Tranche] = Tranche.objects.filter(state=TrancheState.RELEASED, in_file=None)
    found = found.annotate(hidden=is_hidden_from(reader, "grant__case"))
    return found.select_related("grant__lead_agency", "prepared_by").order_by("pk")
