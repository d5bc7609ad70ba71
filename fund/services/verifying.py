"""Recomputing the ledger: every total and every balance follows from the entries alone."""

from collections.abc import Iterator

from .. import balance
from ..models import BudgetLine, Grant, LedgerEntry
from .ledger import case_totals


def faults() -> Iterator[str]:
    """Yield one sentence for each number that does not follow from the entries."""
    for line in BudgetLine.objects.order_by("pk").iterator():
        yield from _faults_of_line(line)
    for grant in Grant.objects.order_by("pk").iterator():
        yield from _faults_of_grant(grant)


def _faults_of_line(line: BudgetLine) -> Iterator[str]:
    totals = dict.fromkeys(balance.TOTALS, 0)
    entries = LedgerEntry.objects.filter(line=line).select_related("reverses").order_by("seq")
    for place, entry in enumerate(entries.iterator(), start=1):
        totals = balance.after(totals, entry.moves())
        yield from _faults_of_entry(line, entry, place, totals)
    for name, value in totals.items():
        if getattr(line, name) != value:
            yield f"{line.code}: {name} is {getattr(line, name)}, the entries say {value}"


def _faults_of_entry(line: BudgetLine, entry: LedgerEntry, place: int, totals: dict[str, int]) -> Iterator[str]:
    where = f"{line.code} entry {entry.seq}"
    if entry.seq != place:
        yield f"{where}: the number should be {place}"
    if entry.balance_after != balance.available(totals):
        yield f"{where}: balance_after is {entry.balance_after}, the entries say {balance.available(totals)}"
    if not balance.is_sound(totals):
        yield f"{where}: more money is moved than there is"
    back = entry.reverses
    if back is not None and (back.line_id, back.amount, back.case) != (entry.line_id, entry.amount, entry.case):
        yield f"{where}: it differs from entry {back.seq}, which it corrects"


def _faults_of_grant(grant: Grant) -> Iterator[str]:
    totals = case_totals(LedgerEntry.objects.filter(case=grant.case))
    expected = {
        "released": grant.amount - (totals["committed"] - totals["released"]),
        "disbursed": totals["disbursed"],
        "spent": totals["spent"],
        "refunded": totals["refunded"],
    }
    for name, value in expected.items():
        if getattr(grant, name) != value:
            yield f"grant {grant.reference}: {name} is {getattr(grant, name)}, the entries say {value}"
