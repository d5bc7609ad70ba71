"""Submitting, once, by arrival; and lapsing what was not submitted."""

from django.db.models import Max, Q

from fund.enums import CallState
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.jobs import enqueue
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.services.notify import notify

from ..answer_times import promised_for
from ..enums import ProposalState
from ..models import Endorsement, Proposal
from ..policies import may_lead
from .endorsing import approvers_of
from .team import joined_people
from .versions import freeze


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
        return _enter(fresh, "submit", by, note)


@act
def send(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Send a small idea without waiting for its agency; a second press returns the same row.

    Locks and side effects as `submit`; besides, the version is frozen and the agency's approver is asked.
    """
    with changing(proposal, "send_small") as fresh:
        if fresh.state == ProposalState.SUBMITTED and may_lead(fresh, by):
            return fresh
        fresh = _enter(fresh, "send_small", by, note)
        version = freeze(fresh, by=by)
        Endorsement.objects.create(version=version, agency=fresh.lead_agency, asked_at=clock.now())
        named = [fresh.approver] if fresh.approver else approvers_of(fresh.lead_agency, fresh.case)
        for person in named:
            notify(
                person=person,
                key=f"small:{fresh.case}:{person.pk}",
                subject="A small idea asks for your agency's yes",
                body=f"{by.full_name} has sent “{fresh.title}”. It is being looked at already; "
                "your agency's yes is needed before money is offered.",
                path=f"/proposals/{fresh.case}/agency/",
            )
        return fresh


def _enter(proposal: Proposal, name: str, by: User, note: str) -> Proposal:
    call, at = proposal.call, clock.arrival()
    if call is None:
        raise NotPossible("An idea without a call cannot be submitted.")
    last = Proposal.objects.filter(call=call).aggregate(last=Max("number"))["last"] or 0
    reference = f"{call.reference.upper()}-{last + 1:04d}"
    proposal = perform(
        proposal, name, by=by, note=note, number=last + 1, reference=reference, at=at, answer_by=promised_for(call, at)
    )
    enqueue("proposals.make_receipt", receipt_key(proposal), by_id=by.pk)
    for person in joined_people(proposal):
        notify(
            person=person,
            key=f"submitted:{proposal.case}:{person.pk}",
            subject=f"Submitted: {proposal.reference}",
            body=f"“{proposal.title}” was submitted by {by.full_name}. Its reference number is {proposal.reference}.",
            path=f"/proposals/{proposal.case}/submitted/",
        )
    return proposal


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
