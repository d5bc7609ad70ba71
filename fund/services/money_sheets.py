"""Sheets of money, made by a worker for whoever sees money: budgets, one line's ledger, a year's reconciliation."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from django.db.models import OuterRef, Subquery

from documents.services import store_file
from documents.sheets import write_workbook
from lifecycle.errors import NotPossible
from lifecycle.fiscal import fiscal_label
from lifecycle.jobs import RunningJob, enqueue
from lifecycle.models import Job
from people.models import User

from .. import balance
from ..hidden import HIDDEN, is_hidden_from
from ..models import BudgetLine, Grant, LedgerEntry, YearEndItem
from ..policies import sees_money
from .money_rows import TABLES, in_words, narrowed_by, ngultrum

NAME = "fund.make_money_sheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = ("budget", "ledger", "reconciliation", "year-end", *TABLES)
BUDGET = (
    "Line", "Name", "Agency", "Sector", "Fiscal year", "Programme budget", "Target share in percent", "Target",
    "Allocated for the year", "Share reached in percent", "Target met", "Allocated", "Set aside",
    "Paid out", "Spent", "Paid back", "Available",
)  # fmt: skip
MOVED = tuple(name.replace("_", " ").capitalize() for name in balance.TOTALS)
ENTRIES = ("Line", "Entry", "At", "Kind", "Amount", *MOVED, "Available afterwards", "Grant", "Source", "By")
YEAR_END = (
    "Budget code", "Name", "Grant", "What becomes of it", "Amount", "Into", "Voucher", "State", "Prepared by",
    "Confirmed by", "Prepared at",
)  # fmt: skip
STEP = 1000  # entries between two signs of life


def ask(kind: str, about: str, *, by: User, filters: Mapping[str, str] | None = None) -> Job:
    """Ask for a sheet: `about` is a fiscal year, or for a ledger the code of its line; a list's may be of all years.

    `filters` are those of the list's address: the sheet holds what the list shows.
    """
    if not sees_money(None, by):
        raise NotPossible("Only those who see money get its sheets.", forbidden=True)
    key = json.dumps([uuid4().hex, kind, about, narrowed_by(kind, filters or {})], ensure_ascii=False)
    return enqueue(NAME, key, by_id=by.pk)


def make(job: RunningJob) -> None:
    """Write the sheet; who lost the right in between gets nothing."""
    viewer = User.objects.get(pk=job.requested_by_id or 0)
    _, kind, about, filters = json.loads(job.key)
    if not sees_money(None, viewer):
        raise NotPossible("The right to see money has ended.", forbidden=True)
    lines = BudgetLine.objects.visible_to(viewer).select_related("agency").order_by("code")
    lines = lines.filter(code=about) if kind == "ledger" else lines.filter(fiscal_year=int(about or 0))
    words = f"{kind} {about}"
    if kind in TABLES:
        columns, rows_of = TABLES[kind]
        year = int(about) if about else None
        rows: Iterable[list[Any]] = rows_of(year, viewer, **filters)
        words = in_words(kind, year, filters)
    else:
        columns, rows = _content(kind, list(lines), viewer, job)
    buffer = io.BytesIO()
    about_sheet = {"source": "Innovation Fund, ledger", "filters": words, **_totals(list(lines))}
    write_workbook(buffer, sheet_title=kind.capitalize(), columns=columns, rows=rows, about=about_sheet)
    stored: list[str] = []
    with job.completing(result=lambda: stored[0]):
        row = store_file(
            content=buffer.getvalue(),
            name=f"{kind}-{about or 'all'}.xlsx",
            content_type=XLSX,
            kind="money",
            owner_id=viewer.pk,
        )
        stored.append(str(row.pk))


def _content(
    kind: str, lines: list[BudgetLine], viewer: User, job: RunningJob
) -> tuple[tuple[str, ...], Iterable[list[Any]]]:
    if kind == "budget":
        return BUDGET, map(_budget_row, lines)
    if kind == "year-end":
        items = YearEndItem.objects.filter(line__in=lines).annotate(hidden=is_hidden_from(viewer, "grant__case"))
        return YEAR_END, map(_item_row, items.select_related("line", "grant", "into", "prepared_by", "confirmed_by"))
    return ENTRIES, entry_rows(lines, viewer, job)


def _item_row(item: Any) -> list[Any]:
    about = HIDDEN if item.hidden else item.grant.reference if item.grant else ""
    return [
        item.line.code, item.line.name, about, item.get_does_display(), ngultrum(item.amount),
        item.into.code if item.into else "", "" if item.hidden else item.voucher, item.get_state_display(),
        item.prepared_by.full_name, item.confirmed_by.full_name if item.confirmed_by else "", item.at,
    ]  # fmt: skip


def _totals(lines: list[BudgetLine]) -> dict[str, str]:
    """Return the totals of each line as the ledger's page shows them, for the sheet that says where it comes from."""
    return {
        f"Totals of {line.code}": ", ".join(f"{name}: {ngultrum(amount):.2f}" for name, amount in line.totals.items())
        for line in lines
    }


def _budget_row(line: BudgetLine) -> list[Any]:
    met = {None: "", True: "yes", False: "not yet"}[line.meets_target]
    amounts = (line.allocated, line.open_commitments, line.disbursed, line.spent, line.refunded)
    return [
        line.code, line.name, line.agency.name if line.agency else "The whole fund", line.get_sector_display(),
        fiscal_label(line.fiscal_year),
        ngultrum(line.programme_budget), line.target_percent, ngultrum(line.target),
        ngultrum(line.allocated_for_year), line.share_reached, met, *map(ngultrum, (*amounts, line.available)),
    ]  # fmt: skip


def entry_rows(lines: list[BudgetLine], viewer: User, job: RunningJob) -> Iterator[list[Any]]:
    """Yield every entry with what it moved in each total: each column sums to the line's own total.

    Of a grant that a conflict keeps the viewer out of, an entry has kind and amounts and nothing that tells which.
    """
    reference = Subquery(Grant.objects.filter(case=OuterRef("case")).values("reference")[:1])
    entries = LedgerEntry.objects.filter(line__in=lines).select_related("line", "by", "reverses")
    entries = entries.annotate(reference=reference, hidden=is_hidden_from(viewer))
    total = entries.count()
    for place, entry in enumerate(entries.order_by("line__code", "seq").iterator(STEP)):
        if place % STEP == 0:
            job.progress(place, total, f"{place:,} of {total:,} entries")
        moves = entry.moves()
        yield [
            entry.line.code, entry.seq, entry.at, entry.get_kind_display(), ngultrum(entry.amount),
            *(ngultrum(moves.get(name, 0)) for name in balance.TOTALS), ngultrum(entry.balance_after),
            *((HIDDEN, "", "") if entry.hidden else (entry.reference or "", entry.source, entry.by.full_name)),
        ]  # fmt: skip
