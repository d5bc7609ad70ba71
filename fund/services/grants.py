"""Offering a grant, signing it, and the ways in which an offer ends."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Part
from people.models import Agency, User
from people.policies import owns_second_factor
from people.services.accounts import system_user
from people.services.involvement import involve
from people.templatetags.fund import moment_before, money

from ..enums import GrantState, SignaturePart
from ..models import AgreementVersion, BudgetLine, Grant, Milestone, Report, Signature, Tranche
from ..policies import may_offer
from . import agreement, ledger, quarters
from .payments import cancel_unpaid, open_payments
from .telling import tell, tell_team

log = logging.getLogger(__name__)


def offer(
    *,
    by: User,
    case: UUID,
    reference: str,
    title: str,
    line: BudgetLine,
    amount: int,
    lead: User,
    sponsor: User,
    lead_agency: Agency,
    milestones: Sequence[agreement.Step],
    terms: dict[str, Any],
    budget: Sequence[tuple[str, int]] = (),
) -> Grant:
    """Offer a grant whose money was set aside before (`ledger.commit` for the same case and amount).

    `milestones` are (title, day due, share of the money in whole percent): one payment for each, the first on
    signature, each later one after the milestone before it. NotPossible when shares, days or money do not fit.
    """
    if not may_offer(None, by):
        raise NotPossible("Only the secretariat offers grants.", forbidden=True)
    agreement.refuse_uneven(milestones)
    with transaction.atomic():
        _refuse_unless_set_aside(line, case, amount)
        involve(case=case, person=lead, part=Part.LEAD, agency=lead_agency)
        involve(case=case, person=sponsor, part=Part.SPONSOR, agency=lead_agency)
        text = agreement.text_of(
            reference=reference, title=title, line=line.code, amount=amount, lead=agreement.person_line(lead),
            sponsor=agreement.person_line(sponsor), lead_agency=lead_agency.name, terms=terms,
            milestones=[[name, day.isoformat(), share] for name, day, share in milestones],
            **({"budget": [list(item) for item in budget]} if budget else {}),
        )  # fmt: skip
        grant = Grant.objects.create(
            case=case, reference=reference, title=title, line=line, amount=amount, lead=lead, sponsor=sponsor,
            lead_agency=lead_agency, offered_at=clock.now(), offer_expires_at=agreement.expiry(), agreement=text,
            agreement_sha256=agreement.sha256_of(text), ends_on=milestones[-1][1],
        )  # fmt: skip
        AgreementVersion.objects.create(
            grant=grant, number=1, text=text, sha256=grant.agreement_sha256, why="The offer", at=grant.offered_at
        )
        _plan(grant, milestones)
        trail.record(grant, action="offered", by=by, changes={"sha256": [None, grant.agreement_sha256]})
        _announce(grant)
    return grant


def _refuse_unless_set_aside(line: BudgetLine, case: UUID, amount: int) -> None:
    totals = ledger.case_totals(line.entries.filter(case=case))
    if totals["committed"] - totals["released"] != amount or totals["disbursed"]:
        raise NotPossible(f"{money(amount)} must be set aside for this case on budget line {line.code} first.")


def _plan(grant: Grant, steps: Sequence[agreement.Step]) -> None:
    """Write milestones, reports and payments, all of them now, so that a lock on the family holds them all."""
    before = None
    amounts = agreement.split(grant.amount, [share for _, _, share in steps])
    for place, ((title, due_on, share), amount) in enumerate(zip(steps, amounts, strict=True), start=1):
        Tranche.objects.create(grant=grant, position=place, amount=amount, after=before)
        before = Milestone.objects.create(grant=grant, position=place, title=title, due_on=due_on, share=share)
        Report.objects.create(grant=grant, milestone=before, due_on=due_on)


def _announce(grant: Grant) -> None:
    body = (
        f"“{grant.title}” is offered {money(grant.amount)}. Lead and agency approver sign the agreement "
        f"by {moment_before(grant.offer_expires_at)}; after that the offer expires."
    )
    for person in (grant.lead, grant.sponsor):
        tell(grant, person, "offered", "An agreement waits for your signature", body)


@act
def sign(grant: Grant, *, by: User, note: str = "") -> Grant:
    """Sign the agreement as lead or as agency approver; the second signature starts the grant."""
    with changing(grant, "activate") as fresh:
        part = SignaturePart.SPONSOR if by.pk == fresh.sponsor_id else SignaturePart.LEAD
        now = clock.now()
        fresh = perform(fresh, f"sign_as_{part}", by=by, note=note, at=now)
        Signature.objects.create(
            grant=fresh, part=part, person=by, name=by.full_name, agreement_sha256=fresh.agreement_sha256, at=now,
            second_factor=owns_second_factor(by),
        )  # fmt: skip
        if fresh.signed_by_lead_at is None or fresh.signed_by_sponsor_at is None:
            return fresh
        fresh = perform(fresh, "activate", by=by, starts_on=clock.today())
        _begin(fresh)
        return fresh


def _begin(grant: Grant) -> None:
    """Open the first milestone and the first payment."""
    perform(grant.milestones.get(position=1), "begin", by=system_user())
    quarters.plan(grant)
    open_payments(grant)
    tell_team(grant, "started", "Your grant has started", f"“{grant.title}”: both sides have signed.")


@act
def decline_offer(grant: Grant, *, by: User, note: str = "") -> Grant:
    """Turn the offer down; the money set aside is free again."""
    with changing(grant, "decline") as fresh:
        fresh = perform(fresh, "decline", by=by, note=note)
        _set_free(fresh, "decline", by)
        tell(fresh, fresh.sponsor, "declined", "The offer was declined", f"“{fresh.title}”: the lead said no.")
        return Grant.objects.get(pk=fresh.pk)


@act
def expire_offer(grant: Grant, *, by: User, note: str = "") -> Grant:
    """End an offer that nobody signed in time; the money set aside is free again."""
    with changing(grant, "expire") as fresh:
        fresh = perform(fresh, "expire", by=by, note=note)
        _set_free(fresh, "expire", by)
        tell_team(fresh, "expired", "The offer has expired", f"“{fresh.title}” was not signed in time.")
        return Grant.objects.get(pk=fresh.pk)


def _set_free(grant: Grant, name: str, by: User) -> None:
    source = f"{grant.case}:{name}:1"
    ledger.release_commitment(line=grant.line, amount=grant.amount, source=source, case=grant.case, by=by)
    cancel_unpaid(grant)


def expire_due_offers() -> int:
    """Expire every offer whose time is over; returns how many."""
    due = Grant.objects.filter(state=GrantState.OFFERED, offer_expires_at__lte=clock.now())
    expired = 0
    for grant in due.order_by("pk"):
        try:
            expire_offer(grant, by=system_user())
            expired += 1
        except NotPossible as no:  # signed or declined since
            log.info("offer_not_expired grant=%s reason=%s", grant.pk, no.reason)
    return expired
