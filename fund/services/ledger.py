"""Moving money: each function appends one entry and moves the totals in the same transaction.

The caller has decided who may; here it is only settled that the money is there. Line and grant of the
case are locked first (`locked([line, grant])` nests inside an act that declared them).
"""

from uuid import UUID

from django.db.models import F, Max, QuerySet, Sum

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import User

from .. import balance
from ..enums import EntryKind
from ..errors import InsufficientFunds
from ..models import BudgetLine, Grant, LedgerEntry

_WHAT = {
    EntryKind.COMMITMENT: (balance.available, "available"),
    EntryKind.LAPSE: (balance.available, "available"),
    EntryKind.TRANSFER_OUT: (balance.available, "available"),
    EntryKind.COMMITMENT_RELEASE: (balance.unpaid, "set aside and not yet paid out"),
    EntryKind.DISBURSEMENT: (balance.unpaid, "set aside and not yet paid out"),
    EntryKind.EXPENDITURE: (balance.unaccounted, "paid out and not yet accounted for"),
    EntryKind.REFUND: (balance.unaccounted, "paid out and not yet accounted for"),
}


def allocate(*, line: BudgetLine, amount: int, source: str, by: User) -> LedgerEntry:
    """Add `amount` chhetrum to the line's innovation budget."""
    return _post(EntryKind.ALLOCATION, line, amount, source, by)


def appropriate(*, line: BudgetLine, amount: int, source: str, by: User) -> LedgerEntry:
    """Add `amount` chhetrum to the programme budget that the target share is measured against."""
    return _post(EntryKind.APPROPRIATION, line, amount, source, by)


def commit(*, line: BudgetLine, amount: int, source: str, case: UUID, by: User) -> LedgerEntry:
    """Set `amount` aside for a case. InsufficientFunds when the line has less available."""
    return _post(EntryKind.COMMITMENT, line, amount, source, by, case)


def release_commitment(*, line: BudgetLine, amount: int, source: str, case: UUID, by: User) -> LedgerEntry:
    """Set free what was set aside for the case and not paid. InsufficientFunds beyond that."""
    return _post(EntryKind.COMMITMENT_RELEASE, line, amount, source, by, case)


def disburse(*, line: BudgetLine, amount: int, source: str, case: UUID, by: User) -> LedgerEntry:
    """Pay out of what is set aside for the case. InsufficientFunds beyond that."""
    return _post(EntryKind.DISBURSEMENT, line, amount, source, by, case)


def record_expenditure(*, line: BudgetLine, amount: int, source: str, case: UUID, by: User) -> LedgerEntry:
    """Record that the agency spent `amount` of what was paid out. InsufficientFunds beyond that."""
    return _post(EntryKind.EXPENDITURE, line, amount, source, by, case)


def refund(*, line: BudgetLine, amount: int, source: str, case: UUID, by: User) -> LedgerEntry:
    """Take back unspent money; it is available again. InsufficientFunds beyond what was paid and not spent."""
    return _post(EntryKind.REFUND, line, amount, source, by, case)


def lapse(*, line: BudgetLine, amount: int, source: str, by: User) -> LedgerEntry:
    """Return available money at year end. InsufficientFunds beyond what is available."""
    return _post(EntryKind.LAPSE, line, amount, source, by)


def transfer(
    *, line: BudgetLine, into: BudgetLine, amount: int, source: str, by: User
) -> tuple[LedgerEntry, LedgerEntry]:
    """Move available budget to another line of the same year. InsufficientFunds beyond what is available."""
    if into.fiscal_year != line.fiscal_year or into.pk == line.pk:
        raise NotPossible("Budget moves between two lines of the same fiscal year.")
    with locked([line, into]):
        return (
            _post(EntryKind.TRANSFER_OUT, line, amount, source, by),
            _post(EntryKind.TRANSFER_IN, into, amount, source, by),
        )


def carry_forward(
    *, line: BudgetLine, into: BudgetLine, amount: int, source: str, case: UUID, by: User
) -> tuple[LedgerEntry, LedgerEntry, LedgerEntry]:
    """Move an unpaid commitment of a case into the next year's line; returns release, lapse and carry-forward."""
    if into.fiscal_year != line.fiscal_year + 1:
        raise NotPossible("Money is carried into the following fiscal year only.")
    grant = Grant.objects.filter(case=case).first()
    with locked([line, into, grant]):
        return (
            release_commitment(line=line, amount=amount, source=source, case=case, by=by),
            lapse(line=line, amount=amount, source=source, by=by),
            _post(EntryKind.CARRY_FORWARD, into, amount, source, by, case),
        )


def reverse(*, entry: LedgerEntry, by: User) -> LedgerEntry:
    """Correct a mistake: move back exactly what `entry` moved; the same entry again gives the first reversal."""
    if entry.kind == EntryKind.REVERSAL:
        raise NotPossible("A correction cannot be corrected. Record the movement again.")
    return _post(EntryKind.REVERSAL, entry.line, entry.amount, f"entry:{entry.pk}", by, entry.case, entry)


def case_totals(entries: QuerySet[LedgerEntry]) -> dict[str, int]:
    """Return the totals that these entries of one case add up to."""
    totals = dict.fromkeys(balance.CASE_TOTALS, 0)
    for kind, reversed_kind, amount in entries.values_list("kind", "reverses__kind").annotate(Sum("amount")).order_by():
        totals = balance.after(totals, balance.moves_of(kind, amount, reversed_kind))
    return totals


def _post(
    kind: EntryKind,
    line: BudgetLine,
    amount: int,
    source: str,
    by: User,
    case: UUID | None = None,
    reverses: LedgerEntry | None = None,
) -> LedgerEntry:
    """Append one entry; a repeated (kind, source) returns the first and moves nothing."""
    if amount <= 0:
        raise NotPossible("An amount of money must be more than zero.")
    grant = Grant.objects.filter(case=case).first() if case else None
    with locked([line, grant]):
        first = LedgerEntry.objects.filter(kind=kind, source=source).first()
        if first is not None:
            return _same(first, line, amount, case)
        fresh = BudgetLine.objects.get(pk=line.pk)
        moves = balance.moves_of(kind, amount, reverses.kind if reverses else None)
        _refuse_beyond(kind, fresh, amount, case, moves)
        _move(fresh, grant, moves)
        last = fresh.entries.aggregate(last=Max("seq"))["last"] or 0
        entry = LedgerEntry.objects.create(
            line=fresh, seq=last + 1, kind=kind, amount=amount, source=source, case=case, reverses=reverses,
            balance_after=balance.available(balance.after(fresh.totals, moves)), at=clock.now(), by=by,
        )  # fmt: skip
        trail.record(fresh, action=kind, by=by, changes={"entry": [None, last + 1], "amount": [None, amount]})
        return entry


def _same(first: LedgerEntry, line: BudgetLine, amount: int, case: UUID | None) -> LedgerEntry:
    """Return the entry recorded before; NotPossible when it says something else."""
    if (first.line_id, first.amount, first.case) != (line.pk, amount, case):
        raise NotPossible(f"“{first.source}” was already recorded with another line, amount or case.")
    return first


def _refuse_beyond(kind: EntryKind, line: BudgetLine, amount: int, case: UUID | None, moves: dict[str, int]) -> None:
    """Raise InsufficientFunds when line or case have less than wanted."""
    of_case = case_totals(line.entries.filter(case=case)) if case else None
    if kind in _WHAT:
        left_in, what = _WHAT[kind]
        left = left_in(line.totals)
        if of_case is not None and left_in is not balance.available:
            left = min(left, left_in(of_case))
        if amount > left:
            raise InsufficientFunds(line.code, left=left, wanted=amount, what=what)
    sound = balance.is_sound(balance.after(line.totals, moves))
    if not sound or (of_case is not None and not balance.is_sound_for_case(balance.after(of_case, moves))):
        raise NotPossible("Later movements of money rest on this entry. Correct those first.")


def _move(line: BudgetLine, grant: Grant | None, moves: dict[str, int]) -> None:
    """Move the totals of line and grant with F(), so that the database's CHECKs judge what is really there."""
    BudgetLine.objects.filter(pk=line.pk).update(**{total: F(total) + change for total, change in moves.items()})
    if grant is not None:
        own = {total: F(total) + change for total, change in balance.moves_of_grant(moves).items()}
        Grant.objects.filter(pk=grant.pk).update(**own)
