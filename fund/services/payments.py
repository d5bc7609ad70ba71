"""Payments: opened by facts, prepared by one person, released by another; what the team spent, accepted by finance."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.utils import timezone

from documents.kinds import Inspected
from documents.models import StoredFile
from documents.services import store_file
from documents.uploads import received
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_bounds, fiscal_year
from lifecycle.locking import locked
from lifecycle.performing import changing, explain, perform
from people.enums import Part
from people.models import User
from people.services.accounts import system_user
from people.services.involvement import involve
from people.templatetags.fund import money
from people.toxic import refuse_clash

from ..enums import PAYING, UNPAID, EntryKind, TrancheState
from ..locks import family
from ..models import BudgetLine, Grant, LedgerEntry, Receipt, Tranche
from . import ledger
from .once import key_of, recorded
from .telling import tell_team


def open_payments(grant: Grant) -> None:
    """Let finance prepare each payment whose facts now hold; call inside a change that holds the grant's family."""
    for tranche in grant.tranches.filter(state=TrancheState.LOCKED):
        if not explain(tranche, "unlock"):
            perform(tranche, "unlock", by=system_user())


def open_due() -> int:
    """Open each payment that waited for its fiscal year to begin, and for nothing else; returns how many."""
    year = fiscal_year(clock.today())
    begun = datetime.combine(fiscal_bounds(year)[0], time.min, timezone.get_default_timezone())
    waited = Tranche.objects.filter(state=TrancheState.LOCKED, grant__state__in=PAYING, grant__line__fiscal_year=year)
    waited = waited.filter(grant__offered_at__lt=begun).select_related("grant__line").order_by("pk")
    count = 0
    for tranche in waited:
        if not explain(tranche, "unlock"):
            with locked(family(tranche)):
                open_payments(Grant.objects.get(pk=tranche.grant_id))
            count += 1
    return count


def cancel_unpaid(grant: Grant) -> None:
    """Cancel every payment that was not made; call inside a change that holds the grant's family."""
    for tranche in grant.tranches.filter(state__in=UNPAID):
        perform(tranche, "cancel", by=system_user())


@act
def prepare_payment(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Propose a payment; ConflictOfInterest for whoever released one of this grant before."""
    with changing(tranche, "prepare") as fresh:
        fresh = perform(fresh, "prepare", by=by, note=note, maker=by)
        involve(case=fresh.case, person=by, part=Part.MAKER)
        return fresh


@act
def release_payment(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Pay out what another person prepared; the ledger moves in the same transaction."""
    with changing(tranche, "pay") as fresh:
        refuse_clash(fresh.case, by, Part.CHECKER, acting=True)
        fresh = perform(fresh, "pay", by=by, note=note, checker=by, at=clock.now())
        involve(case=fresh.case, person=by, part=Part.CHECKER)
        grant = fresh.grant
        ledger.disburse(line=grant.line, amount=fresh.amount, source=source_of(fresh, "pay"), case=grant.case, by=by)
        words = f"{money(fresh.amount)} for “{grant.title}” goes to the bank next. Confirm when it has arrived."
        tell_team(grant, f"paid:{fresh.position}:{fresh.attempt}", f"Payment {fresh.position} was released", words)
        return fresh


@act
def account_for(
    tranche: Tranche, *, by: User, note: str = "", amount: int | None = None, upload: Any = None,
    key: UUID | None = None,
) -> Tranche:  # fmt: skip
    """Record what the agency spent of a payment, and on what, with the receipts; it counts once finance accepts it.

    The same `key` (of one opened page) again records nothing and answers like the first.
    """
    if amount is None:
        raise NotPossible("Say how much was spent: use “Account for the payment” on the grant's page.")
    if not note.strip():
        raise NotPossible("Say what the money was spent on.")
    found = received(upload) if upload is not None else None
    with changing(tranche, "account") as fresh:
        if recorded(Receipt, key, tranche=fresh, amount=amount, note=note, by=by):
            return fresh
        if not 0 < amount <= fresh.rest:
            raise NotPossible(f"Enter more than zero and at most {money(fresh.rest)}, which is not accounted for yet.")
        fresh = perform(fresh, "account", by=by, note=f"{money(amount)}: {note}", amount=amount)
        stored = _stored(fresh, found, upload.name, by) if found else None
        Receipt.objects.create(
            tranche=fresh, amount=amount, note=note, file=stored, by=by, at=clock.now(), **key_of(key)
        )
        return fresh


@act
def accept_receipt(receipt: Receipt, *, by: User, note: str = "") -> Receipt:
    """Count a receipt as spent: the ledger records it, and the payment is closed once all of it is accounted for."""
    with changing(receipt, "accept") as fresh:
        fresh = perform(fresh, "accept", by=by, note=note, maker=by, at=clock.now())
        involve(case=fresh.case, person=by, part=Part.MAKER)
        tranche = perform(
            fresh.tranche, "count_receipt", by=system_user(), note=money(fresh.amount), amount=fresh.amount
        )
        ledger.record_expenditure(
            line=_line_of(tranche), amount=fresh.amount, source=_source_of_receipt(fresh), case=fresh.case, by=by
        )
        if not explain(tranche, "settle"):
            perform(tranche, "settle", by=system_user())
        open_payments(fresh.grant)
        return fresh


@act
def return_receipt(receipt: Receipt, *, by: User, note: str = "") -> Receipt:
    """Send a receipt back with a reason that the team reads; the team records it anew."""
    with changing(receipt, "send_back") as fresh:
        fresh = perform(fresh, "send_back", by=by, note=note, maker=by, at=clock.now(), reason=note)
        involve(case=fresh.case, person=by, part=Part.MAKER)
        perform(fresh.tranche, "drop_receipt", by=system_user(), note=money(fresh.amount), amount=fresh.amount)
        words = f"{fresh} was not accepted: {note} Record it anew on the page of the payment."
        tell_team(fresh.grant, f"receipt:{fresh.pk}:returned", "A receipt was returned", words)
        return fresh


@act
def correct_receipt(receipt: Receipt, *, by: User, note: str = "") -> Receipt:
    """Undo an accepted receipt that was a mistake: the ledger moves it back, and the payment is open for it again."""
    with changing(receipt, "correct") as fresh:
        entry = LedgerEntry.objects.get(kind=EntryKind.EXPENDITURE, source=_source_of_receipt(fresh))
        fresh = perform(fresh, "correct", by=by, note=note, checker=by, at=clock.now(), reason=note)
        involve(case=fresh.case, person=by, part=Part.CHECKER)
        perform(fresh.tranche, "uncount_receipt", by=system_user(), note=money(fresh.amount), amount=fresh.amount)
        ledger.reverse(entry=entry, by=by)
        words = f"{fresh} no longer counts as spent: {note} Account for it anew, or pay it back."
        tell_team(fresh.grant, f"receipt:{fresh.pk}:corrected", "An expenditure was corrected", words)
        return fresh


@act
def take_back(tranche: Tranche, *, by: User, note: str = "", amount: int | None = None) -> Tranche:
    """Record that the rest of a payment was paid back; it is available to the budget line again.

    `amount` is the rest that the person saw: NotPossible when it is another one by now.
    """
    with changing(tranche, "return_rest") as fresh:
        rest = fresh.rest
        if amount is not None and amount != rest:
            raise NotPossible(f"Meanwhile {money(rest)} is not accounted for. Go back to the payment and look again.")
        source = source_of(fresh, f"refund:{fresh.returned}")  # what came back before makes it unique
        fresh = perform(fresh, "return_rest", by=by, note=note)
        ledger.refund(line=_line_of(fresh), amount=rest, source=source, case=fresh.case, by=by)
        open_payments(fresh.grant)
        return fresh


@act
def forgo_payment(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Do without the last payment of a completed grant; its money is free again."""
    with changing(tranche, "forgo") as fresh:
        fresh = perform(fresh, "forgo", by=by, note=note)
        ledger.release_commitment(
            line=fresh.grant.line, amount=fresh.amount, source=source_of(fresh, "forgo"), case=fresh.case, by=by
        )
        return fresh


@act
def end_hold(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Let a payment go on; it is open at once when its facts hold."""
    with changing(tranche, "lift_hold") as fresh:
        fresh = perform(fresh, "lift_hold", by=by, note=note)
        open_payments(fresh.grant)
        return Tranche.objects.get(pk=fresh.pk)


def _line_of(tranche: Tranche) -> BudgetLine:
    """Return the line that the payment was made from; the grant's own may be the next year's by now."""
    return tranche.paid_from or tranche.grant.line


def _stored(tranche: Tranche, found: Inspected, name: str, by: User) -> StoredFile:
    return store_file(
        content=found.content, name=name, content_type=found.content_type, kind="receipt", case=tranche.case,
        owner_id=by.pk,
    )  # fmt: skip


def _source_of_receipt(receipt: Receipt) -> str:
    return source_of(receipt.tranche, f"account:{receipt.pk}")


def source_of(tranche: Tranche, what: str) -> str:
    """Return the key of a movement; a payment that the bank rejected is another one when it is made again."""
    again = f":{tranche.attempt}" if tranche.attempt else ""
    return f"{tranche.case}:{what}:{tranche.position}{again}"
