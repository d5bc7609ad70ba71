"""Rows of the sheets of grants, payments, transfers and findings, as their lists show them; amounts in ngultrum."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from lifecycle.fiscal import fiscal_label
from people.models import User

from .. import ledger_queries, payment_queries, queries
from ..enums import FindingOffice, FindingState, GrantState

GRANTS = (
    "Reference", "Title", "Agency", "Lead", "Budget code", "State", "Agreed", "Paid out", "Spent", "Paid back",
    "Not accounted for", "Starts on", "Ends on",
)  # fmt: skip
PAYMENTS = (
    "Grant", "Payment", "Agency", "Budget code", "Amount", "State", "Prepared by", "Released by", "Released at",
    "Accounted for", "Paid back", "Bank reference",
)  # fmt: skip
TRANSFERS = ("From", "To", "Amount", "Why", "State", "Proposed by", "Proposed at", "Decided by")
FINDINGS = (
    "Number", "About", "Title", "What was found", "Who answers", "State", "Answer by", "Recorded by", "Recorded at",
    "Answer", "Answered by", "Answered at",
)  # fmt: skip


def ngultrum(chhetrum: int) -> Decimal:
    """Return an amount in ngultrum, exact to the chhetrum."""
    return Decimal(chhetrum) / 100


def _name(person: User | None) -> str:
    return person.full_name if person else ""


def grant_rows(year: int | None, viewer: User, **filters: str) -> Iterator[list[Any]]:
    """Yield the grants that the list shows under the same filters."""
    found = queries.grants_for(viewer, year=year, **filters).prefetch_related(None).order_by("reference")
    for grant in found.select_related("lead_agency", "lead", "line").iterator():
        amounts = (grant.award, grant.disbursed, grant.spent, grant.refunded, grant.unaccounted)
        yield [
            grant.reference, grant.title, grant.lead_agency.name, grant.lead.full_name, grant.line.code,
            grant.get_state_display(), *map(ngultrum, amounts), grant.starts_on, grant.ends_on,
        ]  # fmt: skip


def payment_rows(year: int | None, viewer: User) -> Iterator[list[Any]]:
    """Yield every payment of the year, made or not, each under the line that it was or would be made from."""
    for part in payment_queries.payments_of(viewer, year).iterator():
        line = part.paid_from or part.grant.line
        yield [
            part.grant.reference, part.position, part.grant.lead_agency.name, line.code, ngultrum(part.amount),
            part.get_state_display(), _name(part.prepared_by), _name(part.released_by), part.released_at,
            ngultrum(part.accounted), ngultrum(part.returned), part.bank_reference,
        ]  # fmt: skip


def transfer_rows(year: int | None, _: User) -> Iterator[list[Any]]:
    """Yield the transfers between lines of the year, oldest first."""
    for made in ledger_queries.transfers_of(year).order_by("pk").iterator():
        yield [
            made.from_line.code, made.to_line.code, ngultrum(made.amount), made.reason, made.get_state_display(),
            made.proposed_by.full_name, made.at, _name(made.decided_by),
        ]  # fmt: skip


def finding_rows(year: int | None, viewer: User, **filters: str) -> Iterator[list[Any]]:
    """Yield the findings that the list shows under the same filters, oldest first; the year is that of the record."""
    found = queries.findings_for(viewer, year=year, **filters).select_related(
        "grant", "tranche", "line", "raised_by", "answered_by"
    )
    for one in found.order_by("pk").iterator():
        about = one.grant.reference if one.grant else one.line.code if one.line else ""
        about = f"{about}, payment {one.tranche.position}" if one.tranche else about
        yield [
            one.pk, about, one.title, one.text, one.get_office_display(), one.get_state_display(), one.due_on,
            one.raised_by.full_name, one.raised_at, one.answer, _name(one.answered_by), one.answered_at,
        ]  # fmt: skip


TABLES = {
    "grants": (GRANTS, grant_rows), "payments": (PAYMENTS, payment_rows), "transfers": (TRANSFERS, transfer_rows),
    "findings": (FINDINGS, finding_rows),
}  # fmt: skip
# kind -> filter of the list's address -> how the sheet calls it, and the words of its values
FILTERS: dict[str, dict[str, tuple[str, dict[str, str]]]] = {
    "grants": {
        "words": ("words in the title", {}), "state": ("state", dict(GrantState.choices)), "agency": ("agency", {}),
        "due": ("to be handed in", queries.DUE_WORDS),
    },
    "findings": {
        "words": ("words in the title", {}), "state": ("state", dict(FindingState.choices)),
        "office": ("who answers", dict(FindingOffice.choices)), "late": ("answer", {}),
    },
}  # fmt: skip


def narrowed_by(kind: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of a form that the kind of sheet knows and that say something."""
    asked = {name: "".join(filter(str.isprintable, said.get(name, ""))).strip() for name in FILTERS.get(kind, {})}
    return {name: value[:100] for name, value in asked.items() if value}


def in_words(kind: str, year: int | None, filters: Mapping[str, str]) -> str:
    """Return what a sheet holds: its kind, the fiscal year or all, and each filter."""
    said = [f"{FILTERS[kind][name][0]}: {FILTERS[kind][name][1].get(value, value)}" for name, value in filters.items()]
    return "; ".join([kind, fiscal_label(year) if year else "all fiscal years", *said])
