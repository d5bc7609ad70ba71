"""The payment file for the bank, and the bank's answer: paid, or rejected so that it can be paid anew."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Max, Model

from documents.reading import Row, Table
from documents.services import store_file
from documents.sheets import write_csv
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.services.register import RowError

from ..enums import ENDED, NOT_SENT, PAID, EntryKind, TrancheState, YearEndAct, YearEndState
from ..locks import family_and_line
from ..models import BudgetLine, Grant, LedgerEntry, PaymentFile, Tranche
from ..payment_queries import free_for
from ..policies import may_make_payment_file
from . import ledger
from .money_rows import ngultrum
from .payments import open_payments, source_of
from .telling import tell_team

COLUMNS = ("reference", "agency_code", "agency", "amount", "currency", "budget_code", "purpose")
REQUIRED = ("reference", "result", "day", "bank_reference", "reason")
RESULTS = ("paid", "rejected")
NOTHING_FOR_YOU = "No released payment waits for you to send it to the bank."
NOTHING_BUT_KEPT = "No payment goes to the bank now: those that are released wait, because their grants are suspended."
ARRIVED = "The agency has confirmed that this payment arrived"
LONGEST = 60  # characters of the bank's reference


def reference_of(tranche: Tranche) -> str:
    """Return what the bank calls the payment: grant, place, and from the second try on which try it is."""
    again = f"-{tranche.attempt + 1}" if tranche.attempt else ""
    return f"{tranche.grant.reference}-{tranche.position}{again}"


def make_file(*, by: User) -> PaymentFile:
    """Write every released payment that was in no file yet into the next one. NotPossible when there is none.

    Payments of a case that `by` is kept out of, or prepared payments of, wait for another person's file.
    """
    if not may_make_payment_file(None, by):
        raise NotPossible("Those who release payments make the payment file.", forbidden=True)
    with transaction.atomic():
        waiting = free_for(by).select_for_update(of=("self",)).filter(state=TrancheState.RELEASED, in_file=None)
        found = list(waiting.select_related("grant__lead_agency", "paid_from").order_by("pk"))
        kept = _kept(found)
        rows = [row for row in found if row.grant_id not in kept]
        if not rows:
            raise NotPossible(
                NOTHING_BUT_KEPT if found else "No released payment waits for you to send it to the bank."
            )
        number = (PaymentFile.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        text = io.StringIO()
        write_csv(text, columns=COLUMNS, rows=map(_line, rows))
        stored = store_file(
            content=text.getvalue().encode(), name=f"payments-{number}.csv", content_type="text/csv", kind="payments",
            owner_id=by.pk,
        )  # fmt: skip
        made = PaymentFile.objects.create(number=number, file=stored, made_by=by, at=clock.now())
        Tranche.objects.filter(pk__in=[row.pk for row in rows]).update(in_file=made)
        for row in rows:
            trail.record(row, action="sent_to_bank", by=by, note=f"{made}")
    return made


def _kept(rows: list[Tranche]) -> set[int]:
    """Return the grants whose payments stay here, as they are now: who suspends one holds its payments, too."""
    grants = Grant.objects.filter(pk__in={row.grant_id for row in rows}, state__in=NOT_SENT)
    return set(grants.values_list("pk", flat=True))


def _line(tranche: Tranche) -> tuple[object, ...]:
    grant = tranche.grant
    code = tranche.paid_from.code if tranche.paid_from else ""
    agency = grant.lead_agency
    return reference_of(tranche), agency.code, agency.name, ngultrum(tranche.amount), "BTN", code, grant.title


@dataclass
class Answer:
    """What the bank's answer would do: how many are paid and rejected, and every error found."""

    paid: int = 0
    rejected: int = 0
    errors: list[RowError] = field(default_factory=list)


def _sent(by: User | None = None) -> dict[str, Tranche]:
    known = free_for(by) if by else Tranche.objects.all()
    sent = known.filter(state__in=PAID, bank_on=None)  # accounts may be complete before the bank answers
    rows = sent.exclude(in_file=None).select_related("grant")
    return {reference_of(tranche): tranche for tranche in rows}


def look(table: Table, *, by: User | None = None) -> Answer:
    """Return what the answer would do, writing nothing; a payment that `by` is kept out of is none they know."""
    sent, found, seen = _sent(by), Answer(), set[str]()
    for row in table.rows:
        found.errors += _errors_of(row, sent, seen)
        seen.add(row.values["reference"])
        found.paid += row.values["result"] == "paid"
        found.rejected += row.values["result"] == "rejected"
    return found


def _errors_of(row: Row, sent: dict[str, Tranche], seen: set[str]) -> Iterator[RowError]:
    values = row.values
    tranche = sent.get(values["reference"])
    if tranche is None:
        yield RowError(row.number, "reference", f"“{values['reference']}” is no payment that waits for an answer.")
    if values["reference"] in seen:
        yield RowError(row.number, "reference", "This payment appears twice in the file.")
    if values["result"] not in RESULTS:
        yield RowError(row.number, "result", "Write paid or rejected.")
    if not _is_day(values["day"]):
        yield RowError(row.number, "day", "Write the day as 2026-07-01, not later than today.")
    if values["result"] == "paid" and not values["bank_reference"]:
        yield RowError(row.number, "bank_reference", "This is empty. Fill it.")
    if len(values["bank_reference"]) > LONGEST:
        yield RowError(row.number, "bank_reference", f"This is longer than {LONGEST} characters.")
    if values["result"] == "rejected" and not values["reason"]:
        yield RowError(row.number, "reason", "Say why the bank rejected it.")
    if values["result"] == "rejected" and tranche and tranche.state != TrancheState.RELEASED:
        came_back = tranche.returned == tranche.amount
        known = "It is recorded that this money came back" if came_back else ARRIVED
        yield RowError(row.number, "result", f"{known}. Ask the bank, and take this row out of the file.")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= clock.today()
    except ValueError:
        return False


@act
def apply(table: Table, *, by: User) -> Answer:
    """Take the whole answer or, with any error, nothing. A rejected payment can be prepared anew."""
    if not may_make_payment_file(None, by):
        raise NotPossible("Those who release payments take the bank's answer.", forbidden=True)
    with locked(_rows_of(table)):  # all of them at once, so in one order over the whole file
        found = look(table, by=by)
        if found.errors:
            raise NotPossible(f"Nothing was taken: {len(found.errors)} things to correct.")
        sent = _sent(by)
        for row in table.rows:
            tranche, values = sent[row.values["reference"]], row.values
            if values["result"] == "paid":
                _note_paid(tranche, by, date.fromisoformat(values["day"]), values["bank_reference"])
            else:
                bounce(tranche, by=system_user(), note=values["reason"])
    return found


def _rows_of(table: Table) -> Iterator[Model | None]:
    """Yield the rows that the answer moves: each payment, and what a rejected one's money hangs on."""
    sent = _sent()
    for row in table.rows:
        tranche = sent.get(row.values["reference"])
        if tranche:
            yield tranche
            yield from family_and_line(tranche) if row.values["result"] == "rejected" else ()


def _note_paid(tranche: Tranche, by: User, day: date, reference: str) -> None:
    waiting = Tranche.objects.filter(pk=tranche.pk, bank_on=None, in_file__isnull=False)
    if not waiting.update(bank_on=day, bank_reference=reference):
        raise NotPossible(f"Nothing was taken: {reference_of(tranche)} was answered at the same moment.")
    trail.record(tranche, action="paid_by_bank", by=by, note=f"{day:%-d %B %Y}, {reference}")


@act
def bounce(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Undo a payment that the bank rejected: the ledger corrects its entry, and it can be prepared again."""
    with changing(tranche, "bounce") as fresh:
        grant = _undo(fresh, "bounce", by=by, note=note)
        open_payments(grant)
        fresh = Tranche.objects.get(pk=fresh.pk)
        over = grant.state in ENDED
        then = "It is not paid again, because the grant has ended" if over else "It is paid again"
        words = f"The bank rejected payment {fresh.position} of “{grant.title}”: {note}. {then}."
        tell_team(grant, f"bounced:{fresh.position}:{fresh.attempt}", "A payment was rejected", words)
        return fresh


@act
def keep_back(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Put a released payment on hold before it goes to the bank: the ledger corrects its entry.

    After the hold it is prepared and released anew; on a grant that pays no more it is cancelled, its money free.
    """
    with changing(tranche, "hold_unsent") as fresh:
        grant = _undo(fresh, "hold_unsent", by=by, note=note)
        fresh = Tranche.objects.get(pk=fresh.pk)
        if grant.state not in ENDED:
            words = f"Payment {fresh.position} of “{grant.title}” does not go to the bank for now: {note}."
            tell_team(grant, f"kept:{fresh.position}:{fresh.attempt}", "A payment is on hold", words)
        return fresh


def _undo(tranche: Tranche, name: str, *, by: User, note: str) -> Grant:
    """Undo a released payment by the transition `name` and correct the ledger; return the grant as it is then.

    Its money is set aside again where the rest of the grant's is; on a grant that pays no more it is free.
    """
    paid = LedgerEntry.objects.filter(kind=EntryKind.DISBURSEMENT).select_related("line")
    entry, source, case = paid.get(source=source_of(tranche, "pay")), source_of(tranche, name), tranche.case
    fresh = perform(tranche, name, by=by, note=note)
    _lower_unspent(fresh, by)
    ledger.reverse(entry=entry, by=by)
    grant = fresh.grant
    if grant.state in ENDED:
        perform(fresh, "cancel", by=system_user())
        ledger.release_commitment(line=entry.line, amount=entry.amount, source=source, case=case, by=by)
    else:
        for line, into in _years_between(entry.line, grant):
            key = f"{source}:{into.fiscal_year}"
            ledger.carry_forward(line=line, into=into, amount=entry.amount, source=key, case=case, by=by)
    return Grant.objects.get(pk=grant.pk)


def _years_between(line: BudgetLine, grant: Grant) -> Iterator[tuple[BudgetLine, BudgetLine]]:
    """Yield the steps by which year ends carried the grant on since it was paid from the line."""
    done = grant.year_end.filter(does=YearEndAct.CARRY, state=YearEndState.DONE)
    steps = {item.line_id: item.into for item in done.select_related("into") if item.into}
    while line.pk != grant.line_id:
        into = steps[line.pk]
        yield line, into
        line = into


def _lower_unspent(tranche: Tranche, by: User) -> None:
    """Keep what a lead who stops reported as unspent within what stays paid out without this payment."""
    grant = tranche.grant
    left = max(grant.unaccounted - tranche.amount, 0)
    if grant.unspent is not None and grant.unspent > left:
        Grant.objects.filter(pk=grant.pk).update(unspent=left)
        trail.record(grant, action="unspent_lowered", by=by, changes={"unspent": [grant.unspent, left]})
