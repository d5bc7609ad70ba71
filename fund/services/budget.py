"""Setting up budget lines, one by one or from a table, and moving budget between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
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
from people.enums import Sector
from people.fields import plain_number
from people.models import Agency, User
from people.services.register import RowError
from people.templatetags.fund import money

from ..closed_lines import CLOSED, is_closed
from ..models import BudgetLine, Transfer
from ..models.ledger import SHARE_LIMIT
from ..policies import may_budget, may_propose_transfer
from . import ledger
from .once import key_of, recorded

REQUIRED = ("code", "name", "agency", "fiscal_year", "programme_budget", "target_share", "allocated")
OPTIONAL = ("sector",)
WORDS = {"name": "Name", "target_share_bp": "Target share", "sector": "Sector"}
MONEY = ("programme_budget", "allocated")
# column -> total that it grows: the table says what is for the year, whatever was carried in or returned since
KEPT = {"programme_budget": "programme_budget", "allocated": "allocated_for_year"}
YEARS = range(2000, 2101)
AMOUNT = re.compile(r"\d+(?:\.\d{0,2}0*)?")  # no 1e3, and nothing finer than a chhetrum
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
    """What one row of a table would do: a new line or a known one, and what its budgets grow by, in chhetrum.

    `fields` is what the line is to say of itself, `changes` what of it a known line says otherwise, old and new.
    """

    code: str
    known: bool
    programme: int
    allocated: int
    year: int
    agency: str
    fields: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """Return (what, old, new) of each field as people read it; old is empty where it stays or the line is new."""
        found = {name: (self.changes.get(name, ("", ""))[0], value) for name, value in self.fields.items()}
        changed = self.changes.keys()
        return [
            (WORDS[name], _in_words(name, old) if name in changed else "", _in_words(name, new))
            for name, (old, new) in found.items()
        ]


@dataclass
class Plan:
    """What an import would do, row by row, every error found, and the columns that nobody reads."""

    ignored: list[str] = field(default_factory=list)
    rows: list[Planned] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def look(table: Table) -> Plan:
    """Return what an import of `table` would do, writing nothing; two queries for any length."""
    lines = {line.code: line for line in BudgetLine.objects.select_related("agency")}
    agencies = set(Agency.objects.values_list("code", flat=True))
    plan, seen = Plan(ignored=table.ignored), set[str]()
    for row in table.rows:
        errors = list(_errors_of(row, lines.get(row.values["code"]), agencies, seen))
        seen.add(row.values["code"])
        plan.errors += errors
        if not errors:
            plan.rows.append(_planned(row, lines.get(row.values["code"])))
    return plan


def _planned(row: Row, line: BudgetLine | None) -> Planned:
    has = [getattr(line, KEPT[name]) if line else 0 for name in MONEY]
    wanted = [chhetrum(row.values[name]) or 0 for name in MONEY]
    values = row.values
    fields = {"name": values["name"], "target_share_bp": share(values["target_share"])}
    if "sector" in values:
        fields["sector"] = sector(values["sector"])
    old = {name: getattr(line, name) for name in fields} if line else fields
    return Planned(
        values["code"], line is not None, wanted[0] - has[0], wanted[1] - has[1], int(values["fiscal_year"]),
        values["agency"], fields, {name: (old[name], new) for name, new in fields.items() if old[name] != new},
    )  # fmt: skip


def _in_words(name: str, value: Any) -> str:
    if name == "target_share_bp":
        return f"{Decimal(value) / 100:f} %"
    return Sector(value).label if name == "sector" and value else str(value) or "none"


def chhetrum(text: str) -> int | None:
    """Return an amount in ngultrum as integer chhetrum; None where it is no such amount."""
    plain = plain_number(text)
    if not AMOUNT.fullmatch(plain):
        return None
    amount = int(Decimal(plain) * 100)
    return amount if amount <= MOST else None


def share(text: str) -> int | None:
    """Return a share in percent as basis points; None where it is none."""
    found = chhetrum(text.removesuffix("%").strip())
    return found if found is not None and found <= SHARE_LIMIT else None


def sector(text: str) -> str | None:
    """Return a sector by its key or its name; None where there is none so called."""
    known = {said.casefold(): value for value, label in Sector.choices for said in (value, label)} | {"": ""}
    return known.get(text.casefold())


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
    if line and values["agency"] in agencies | {""} and values["agency"] != (line.agency.code if line.agency else ""):
        whose = f"of “{line.agency.code}”" if line.agency else "of no agency"
        yield RowError(row.number, "agency", f"This line is known and {whose}. Use another code.")
    if sector(values.get("sector", "")) is None:
        yield RowError(row.number, "sector", f"Write one of: {', '.join(Sector.values)}.")
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
    elif line is not None and text and amount < (has := getattr(line, KEPT[column])):
        yield RowError(row.number, column, f"The line has {money(has)}; less needs a transfer.")


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
        for planned in plan.rows:
            _write(planned, agencies, by, source)
    return plan


def _write(planned: Planned, agencies: dict[str, Agency], by: User, source: str) -> None:
    if planned.known:
        line = BudgetLine.objects.get(code=planned.code)
        if planned.changes:
            BudgetLine.objects.filter(pk=line.pk).update(**{name: new for name, (_, new) in planned.changes.items()})
            changes = {name: [old, new] for name, (old, new) in planned.changes.items()}
            trail.record(line, action="line_changed", by=by, changes=changes)
    else:
        line = add_line(
            by=by, code=planned.code, fiscal_year=planned.year, agency=agencies.get(planned.agency), **planned.fields,
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
    if is_closed(from_line, by) or is_closed(to_line, by):
        raise NotPossible(CLOSED, forbidden=True)
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
