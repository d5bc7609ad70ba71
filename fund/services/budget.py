"""Setting up budget lines, one by one or from a table, and moving budget between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from documents.reading import Row, Table
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.fields import plain_number
from people.models import Agency, User
from people.services.register import RowError
from people.templatetags.fund import money

from ..models import BudgetLine, Transfer
from ..models.ledger import SHARE_LIMIT
from ..policies import may_budget, may_propose_transfer
from . import ledger
from .once import key_of, recorded

REQUIRED = ("code", "name", "agency", "fiscal_year", "programme_budget", "target_share", "allocated")
MONEY = ("programme_budget", "allocated")
YEARS = range(2000, 2101)
MOST = 10**13  # chhetrum; a hundred billion ngultrum is a slip of the pen


def add_line(*, by: User, code: str, name: str, fiscal_year: int, **fields: Any) -> BudgetLine:
    """Add an empty budget line (fields: agency, target_share_bp). NotPossible unless `by` may set up budgets."""
    if not may_budget(None, by):
        raise NotPossible("Only the head of secretariat or finance sets up budget lines.", forbidden=True)
    with transaction.atomic():
        line = BudgetLine.objects.create(code=code, name=name, fiscal_year=fiscal_year, **fields)
        trail.record(line, action="line_added", by=by)
    return line


@dataclass(frozen=True)
class Planned:
    """What one row of a table would do: a new line or a known one, and what its budgets grow by, in chhetrum."""

    code: str
    known: bool
    programme: int
    allocated: int


@dataclass
class Plan:
    """What an import would do, row by row, and every error found."""

    rows: list[Planned] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def look(table: Table) -> Plan:
    """Return what an import of `table` would do, writing nothing; two queries for any length."""
    lines = {line.code: line for line in BudgetLine.objects.all()}
    agencies = set(Agency.objects.values_list("code", flat=True))
    plan, seen = Plan(), set[str]()
    for row in table.rows:
        errors = list(_errors_of(row, lines.get(row.values["code"]), agencies, seen))
        seen.add(row.values["code"])
        plan.errors += errors
        if not errors:
            plan.rows.append(_planned(row, lines.get(row.values["code"])))
    return plan


def _planned(row: Row, line: BudgetLine | None) -> Planned:
    has = (line.programme_budget, line.allocated) if line else (0, 0)
    wanted = [chhetrum(row.values[name]) or 0 for name in MONEY]
    return Planned(row.values["code"], line is not None, wanted[0] - has[0], wanted[1] - has[1])


def chhetrum(text: str) -> int | None:
    """Return an amount in ngultrum as integer chhetrum; None where it is no such amount."""
    try:
        amount = Decimal(plain_number(text)) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() and 0 <= amount <= MOST else None


def share(text: str) -> int | None:
    """Return a share in percent as basis points; None where it is none."""
    found = chhetrum(text.removesuffix("%").strip())
    return found if found is not None and found <= SHARE_LIMIT else None


def _errors_of(row: Row, line: BudgetLine | None, agencies: set[str], seen: set[str]) -> Iterator[RowError]:
    values = row.values
    for column in REQUIRED:
        if not values[column] and column != "agency":
            yield RowError(row.number, column, "This is empty. Fill it.")
    if values["code"] in seen:
        yield RowError(row.number, "code", "This code appears twice in the file.")
    if values["code"] and not _is_code(values["code"]):
        yield RowError(row.number, "code", "Use at most 30 letters, digits and hyphens.")
    if len(values["name"]) > 150:
        yield RowError(row.number, "name", "The name is longer than 150 characters.")
    if values["agency"] and values["agency"] not in agencies:
        yield RowError(row.number, "agency", f"“{values['agency']}” is not the code of an agency here.")
    year = values["fiscal_year"]
    if year and (not year.isdecimal() or int(year[:9]) not in YEARS):
        yield RowError(row.number, "fiscal_year", "Write the year in which it starts, such as 2026.")
    elif line and year and line.fiscal_year != int(year):
        yield RowError(row.number, "fiscal_year", f"This line is known in {line.year_label}. Use another code.")
    if values["target_share"] and share(values["target_share"]) is None:
        yield RowError(row.number, "target_share", "Write a percentage from 0 to 100, such as 1 or 0.5.")
    for column in MONEY:
        yield from _money_errors(row, column, line)


def _money_errors(row: Row, column: str, line: BudgetLine | None) -> Iterator[RowError]:
    text = row.values[column]
    amount = chhetrum(text) if text else 0
    if amount is None:
        yield RowError(row.number, column, "Write an amount in ngultrum, such as 14,500 or 14,500.50.")
    elif line is not None and text and amount < getattr(line, column):
        yield RowError(row.number, column, f"The line has {money(getattr(line, column))}; less needs a transfer.")


def _is_code(text: str) -> bool:
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return len(text) <= 30


def apply(table: Table, *, by: User, source: str) -> Plan:
    """Import every row or, with any error, none: new lines are added, and budgets grow to what the table says."""
    if not may_budget(None, by):
        raise NotPossible("Only the head of secretariat or finance imports budgets.", forbidden=True)
    with transaction.atomic():
        list(BudgetLine.objects.select_for_update(of=("self",)).order_by("pk"))  # two imports must not both add
        plan = look(table)
        if plan.errors:
            raise NotPossible(f"Nothing was imported: {len(plan.errors)} things to correct.")
        agencies = {agency.code: agency for agency in Agency.objects.all()}
        for row, planned in zip(table.rows, plan.rows, strict=True):
            _write(row, planned, agencies, by, source)
    return plan


def _write(row: Row, planned: Planned, agencies: dict[str, Agency], by: User, source: str) -> None:
    values = row.values
    if planned.known:
        line = BudgetLine.objects.get(code=planned.code)
    else:
        line = add_line(
            by=by, code=planned.code, name=values["name"], fiscal_year=int(values["fiscal_year"]),
            agency=agencies.get(values["agency"]), target_share_bp=share(values["target_share"]),
        )  # fmt: skip
    key = f"{source}:{planned.code}"
    if planned.programme:
        ledger.appropriate(line=line, amount=planned.programme, source=key, by=by)
    if planned.allocated:
        ledger.allocate(line=line, amount=planned.allocated, source=key, by=by)


def propose_transfer(
    *, by: User, from_line: BudgetLine, to_line: BudgetLine, amount: int, reason: str, key: UUID | None = None
) -> Transfer:
    """Propose to move available budget; nothing moves before another person approves.

    The same `key` (of one opened page) again proposes nothing and answers like the first.
    """
    if not may_propose_transfer(None, by):
        raise NotPossible("Finance proposes transfers.", forbidden=True)
    if from_line.pk == to_line.pk or from_line.fiscal_year != to_line.fiscal_year:
        raise NotPossible("Choose two different lines of the same fiscal year.")
    # Both lines first, in the written order: the row that names them would lock them in its own.
    with locked([from_line, to_line]):
        said = {"from_line": from_line, "to_line": to_line, "amount": amount, "reason": reason, "proposed_by": by}
        first: Transfer | None = recorded(Transfer, key, **said)
        if first is not None:
            return first
        left = BudgetLine.objects.get(pk=from_line.pk).available
        if not 0 < amount <= left:
            raise NotPossible(f"At most {money(left)} of {from_line.code} can move.")
        made: Transfer = Transfer.objects.create(at=clock.now(), **said, **key_of(key))
        trail.record(made, action="proposed", by=by, note=reason)
    return made


@act
def approve_transfer(made: Transfer, *, by: User, note: str = "") -> Transfer:
    """Move it, as another person than the one who proposed it. InsufficientFunds when it is no longer there."""
    with changing(made, "approve") as fresh:
        fresh = perform(fresh, "approve", by=by, note=note, decided_by=by)
        ledger.transfer(
            line=fresh.from_line, into=fresh.to_line, amount=fresh.amount, source=f"transfer:{fresh.pk}", by=by
        )
        return fresh
