"""Rows of the sheets of grants, payments, transfers and findings of one fiscal year; amounts in ngultrum."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifecycle.fiscal import fiscal_year
from people.models import User

from ..models import Finding, Grant, Tranche, Transfer

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


def grant_rows(year: int, viewer: User) -> Iterator[list[Any]]:
    """Yield the grants of the year's budget lines that the viewer sees."""
    found = Grant.objects.visible_to(viewer).filter(line__fiscal_year=year).order_by("reference")
    for grant in found.select_related("lead_agency", "lead", "line").iterator():
        amounts = (grant.award, grant.disbursed, grant.spent, grant.refunded, grant.unaccounted)
        yield [
            grant.reference, grant.title, grant.lead_agency.name, grant.lead.full_name, grant.line.code,
            grant.get_state_display(), *map(ngultrum, amounts), grant.starts_on, grant.ends_on,
        ]  # fmt: skip


def payment_rows(year: int, viewer: User) -> Iterator[list[Any]]:
    """Yield every payment of those grants, made or not."""
    found = Tranche.objects.visible_to(viewer).filter(grant__line__fiscal_year=year)
    found = found.select_related("grant__lead_agency", "grant__line", "prepared_by", "released_by")
    for part in found.order_by("grant__reference", "position").iterator():
        yield [
            part.grant.reference, part.position, part.grant.lead_agency.name, part.grant.line.code,
            ngultrum(part.amount), part.get_state_display(), _name(part.prepared_by), _name(part.released_by),
            part.released_at, ngultrum(part.accounted), ngultrum(part.returned), part.bank_reference,
        ]  # fmt: skip


def transfer_rows(year: int, _: User) -> Iterator[list[Any]]:
    """Yield the transfers between lines of the year, oldest first."""
    found = Transfer.objects.filter(from_line__fiscal_year=year).order_by("pk")
    for made in found.select_related("from_line", "to_line", "proposed_by", "decided_by").iterator():
        yield [
            made.from_line.code, made.to_line.code, ngultrum(made.amount), made.reason, made.get_state_display(),
            made.proposed_by.full_name, made.at, _name(made.decided_by),
        ]  # fmt: skip


def finding_rows(year: int, viewer: User) -> Iterator[list[Any]]:
    """Yield the findings recorded in the year that the viewer sees, oldest first."""
    found = Finding.objects.visible_to(viewer).order_by("pk")
    for one in found.select_related("grant", "tranche", "line", "raised_by", "answered_by").iterator():
        if fiscal_year(timezone.localtime(one.raised_at).date()) != year:
            continue
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
