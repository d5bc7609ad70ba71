"""Submitting, once, by arrival; and lapsing what was not submitted."""

from django.db.models import Max, Q

from fund.enums import CallState
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.jobs import enqueue
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.services.notify import notify

from ..enums import ProposalState
from ..models import Proposal
from ..policies import may_lead
from .team import joined_people


def receipt_key(proposal: Proposal) -> str:
    """Return the key of the job that makes the PDF copy."""
    return f"{proposal.case}:receipt"


@act
def submit(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Enter the call; a second press returns the same row.

    Locks the call, then the proposal; the arrival of the request decides whether it is in time. Side effects: the
    reference number, the job of the PDF copy, a message to each team member.
    """
    with changing(proposal, "submit") as fresh:
        if fresh.state == ProposalState.SUBMITTED and may_lead(fresh, by):
            return fresh
        last = Proposal.objects.filter(call=fresh.call).aggregate(last=Max("number"))["last"] or 0
        reference = f"{fresh.call.reference.upper()}-{last + 1:04d}" if fresh.call else ""
        fresh = perform(fresh, "submit", by=by, note=note, number=last + 1, reference=reference, at=clock.arrival())
        enqueue("proposals.make_receipt", receipt_key(fresh), by_id=by.pk)
        for person in joined_people(fresh):
            notify(
                person=person,
                key=f"submitted:{fresh.case}:{person.pk}",
                subject=f"Submitted: {fresh.reference}",
                body=f"“{fresh.title}” was submitted by {by.full_name}. Its reference number is {fresh.reference}.",
                path=f"/proposals/{fresh.case}/submitted/",
            )
        return fresh


@act
def lapse(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """End one unsubmitted proposal whose call is over, and tell the team."""
    with changing(proposal, "lapse") as fresh:
        fresh = perform(fresh, "lapse", by=by, note=note)
        for person in joined_people(fresh):
            notify(
                person=person,
                key=f"lapsed:{fresh.case}:{person.pk}",
                subject="Your proposal was not submitted in time",
                body=f"The call closed before “{fresh.title}” was submitted. What you wrote stays readable.",
                path=f"/proposals/{fresh.case}/",
            )
        return fresh


def lapse_late() -> int:
    """End every unsubmitted proposal whose call is over, as the system; returns how many."""
    system = system_user()
    over = Q(call__closes_at__lte=clock.now() - GRACE) | Q(call__state=CallState.CANCELLED)
    writing = Q(state__in=(ProposalState.DRAFT, ProposalState.AWAITING_ENDORSEMENT))
    late = list(Proposal.objects.filter(over & writing).order_by("pk")[:500])
    for proposal in late:
        lapse(proposal, by=system)
    return len(late)
