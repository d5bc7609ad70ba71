"""Which agencies take part, and what each gives."""

from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import Agency, User

from ..models import Partner, Proposal
from . import parts
from .drafting import refuse_unless_writable


def add(proposal: Proposal, *, by: User, agency: Agency, days: int, contribution: str) -> Partner:
    """Add a partner agency with what it gives."""
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        refuse_unless_writable(proposal, by)
        if proposal.partners.filter(agency=agency).exists():
            raise NotPossible(f"{agency.name} is already a partner. Change what it gives instead.")
        partner = Partner.objects.create(proposal=proposal, agency=agency, days=days, contribution=contribution)
        trail.record(proposal, action="partner_added", by=by, changes={"agency": [None, agency.code]})
        return partner


def change(partner: Partner, *, by: User, days: int, contribution: str) -> None:
    """Change what an agency gives; Overtaken or Gone when it is no longer at `partner.edit`."""
    with locked([partner.proposal]):
        proposal = Proposal.objects.get(pk=partner.proposal_id)
        refuse_unless_writable(proposal, by)
        before = Partner.objects.filter(pk=partner.pk).first() or partner
        if not parts.write(partner, by=by, values={"days": days, "contribution": contribution}):
            return
        changes = {"days": [before.days, days], "contribution": [before.contribution, contribution]}
        trail.record(proposal, action="partner_changed", by=by, changes=changes)


def remove(partner: Partner, *, by: User) -> None:
    """Take a partner agency out; the lead agency stays."""
    with locked([partner.proposal]):
        proposal = Proposal.objects.get(pk=partner.proposal_id)
        refuse_unless_writable(proposal, by)
        if partner.agency_id == proposal.lead_agency_id:
            raise NotPossible("The lead agency cannot be taken out.")
        parts.refuse_stale(partner)
        Partner.objects.filter(pk=partner.pk).delete()
        trail.record(proposal, action="partner_removed", by=by, changes={"agency": [partner.agency.code, None]})
