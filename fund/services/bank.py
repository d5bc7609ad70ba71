"""The payment file for the bank, and the bank's answer: paid, or rejected so that it can be paid anew."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Max, QuerySet

from documents.reading import Row, Table
from documents.services import store_file
from documents.sheets import write_csv
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part
from people.models import User
from people.queries import blocked_cases
from people.services.accounts import system_user
from people.services.register import RowError
from people.toxic import barred_cases

from ..enums import EntryKind, TrancheState
from ..models import LedgerEntry, PaymentFile, Tranche
from ..policies import may_make_payment_file
from . import ledger
from .money_rows import ngultrum
from .payments import open_payments, source_of
from .telling import tell_team

COLUMNS = ("reference", "agency_code", "agency", "amount", "currency", "budget_code", "purpose")
REQUIRED = ("reference", "result", "day", "bank_reference", "reason")
RESULTS = ("paid", "rejected")
LONGEST = 60  # characters of the bank's reference


def reference_of(tranche: Tranche) -> str:
    """Return what the bank calls the payment: grant, place, and from the second try on which try it is."""
    again = f"-{tranche.attempt + 1}" if tranche.attempt else ""
    return f"{tranche.grant.reference}-{tranche.position}{again}"


def free_for(person: User) -> QuerySet[Tranche]:
    """Return the payments with which the person may go to the bank: free of conflicts, and with no clashing part."""
    open_to_me = Tranche.objects.exclude(grant__case__in=blocked_cases(person))
    return open_to_me.exclude(grant__case__in=barred_cases(person, Part.CHECKER))


def make_file(*, by: User) -> PaymentFile:
    """Write every released payment that was in no file yet into the next one. NotPossible when there is none.

    Payments of a case that `by` is kept out of, or prepared payments of, wait for another person's file.
    """
    if not may_make_payment_file(None, by):
        raise NotPossible("Those who release payments make the payment file.", forbidden=True)
    with transaction.atomic():
        waiting = free_for(by).select_for_update(of=("self",)).filter(state=TrancheState.RELEASED, in_file=None)
        rows = list(waiting.select_related("grant__lead_agency", "paid_from").order_by("pk"))
        if not rows:
            raise NotPossible("No released payment waits for you to send it to the bank.")
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
    sent = known.filter(state__in=(TrancheState.RELEASED, TrancheState.ACKNOWLEDGED), bank_on=None)
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
        yield RowError(row.number, "result", "The agency has confirmed that this payment arrived.")


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
    with transaction.atomic():
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


def _note_paid(tranche: Tranche, by: User, day: date, reference: str) -> None:
    with locked([tranche]):
        waiting = Tranche.objects.filter(pk=tranche.pk, bank_on=None, in_file__isnull=False)
        if not waiting.update(bank_on=day, bank_reference=reference):
            raise NotPossible(f"Nothing was taken: {reference_of(tranche)} was answered at the same moment.")
        trail.record(tranche, action="paid_by_bank", by=by, note=f"{day:%-d %B %Y}, {reference}")


@act
def bounce(tranche: Tranche, *, by: User, note: str = "") -> Tranche:
    """Undo a payment that the bank rejected: the ledger corrects its entry, and it can be prepared again."""
    with changing(tranche, "bounce") as fresh:
        entry = LedgerEntry.objects.get(kind=EntryKind.DISBURSEMENT, source=source_of(fresh, "pay"))
        fresh = perform(fresh, "bounce", by=by, note=note)
        ledger.reverse(entry=entry, by=by)
        open_payments(fresh.grant)
        words = f"The bank rejected payment {fresh.position} of “{fresh.grant.title}”: {note}. It is paid again."
        tell_team(fresh.grant, f"bounced:{fresh.position}:{fresh.attempt}", "A payment was rejected", words)
        return Tranche.objects.get(pk=fresh.pk)
