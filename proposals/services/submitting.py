"""Submitting, once, by arrival; and lapsing what was not submitted."""

from collections.abc import Callable

from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from fund.enums import CallState
from fund.models import Extension
from fund.models.call import GRACE
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.jobs import enqueue
from lifecycle.performing import changing, perform
from people.enums import LEAD_PARTS
from people.models import User
from people.services.accounts import system_user
from people.services.notify import notify
from people.templatetags.fund import moment

from ..answer_times import promised_for
from ..enums import UNDECIDED, ProposalState
from ..models import Endorsement, Proposal
from ..policies import may_lead
from .endorsing import asked_first, asked_now
from .team import joined_people
from .versions import freeze

WRITING = (ProposalState.DRAFT, ProposalState.AWAITING_ENDORSEMENT)
LATE = ("Your proposal was not submitted in time", "The call closed before “{}” was submitted.")
CANCELLED = ("The call was cancelled", "The call of “{}” was cancelled before a decision.")


def receipt_key(proposal: Proposal) -> str:
    """Return the key of the job that makes the PDF copy."""
    return f"{proposal.case}:receipt"


@act
def submit(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Enter the call; a second press returns the same row.

    Locks the call, then the proposal; the arrival of the request decides whether it is in time. Side effects: the
    reference number, the job of the PDF copy, the receipt as a message to each team member.
    """
    with changing(proposal, "submit") as fresh:
        if fresh.state == ProposalState.SUBMITTED and may_lead(fresh, by):
            return fresh
        return _confirm(_enter(fresh, "submit", by, note), by)


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
        Endorsement.objects.create(version=version, agency=fresh.lead_agency, **asked_now())
        named = [fresh.approver] if fresh.approver else asked_first(fresh.lead_agency, fresh.case)
        for person in named:
            notify(
                person=person,
                key=f"small:{fresh.case}:{person.pk}",
                subject="A small idea asks for your agency's yes",
                body=f"{by.full_name} has sent “{fresh.title}”. It is being looked at already; "
                "your agency's yes is needed before money is offered.",
                path=f"/proposals/{fresh.case}/agency/",
            )
        return _confirm(fresh, by)


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
    return proposal


def _confirm(proposal: Proposal, by: User) -> Proposal:
    """Send each team member the receipt: number, arrival, the day of the answer, and the fingerprint of the text."""
    lines = [
        f"“{proposal.title}” was submitted by {by.full_name}. Its reference number is {proposal.reference}.",
        f"It arrived {moment(proposal.submitted_at)}, UTC+6.",
    ]
    if proposal.answer_by:
        lines.append(f"You have an answer by {proposal.answer_by.day} {proposal.answer_by:%B %Y}.")
    version = proposal.versions.last()
    if version is not None:
        lines.append(f"Fingerprint (SHA-256) of version {version.number}: {version.sha256}")
    for person in joined_people(proposal):
        notify(
            person=person,
            key=f"submitted:{proposal.case}:{person.pk}",
            subject=f"Submitted: {proposal.reference}",
            body="\n".join(lines),
            path=f"/proposals/{proposal.case}/submitted/",
        )
    return proposal


@act
def lapse(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """End one unsubmitted proposal whose call is over, and tell the team."""
    return _end(proposal, "lapse", by, note)


@act
def lapse_with_call(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """End one undecided proposal whose call was cancelled, and tell the team."""
    return _end(proposal, "lapse_with_call", by, note)


def _end(proposal: Proposal, name: str, by: User, note: str) -> Proposal:
    with changing(proposal, name) as fresh:
        fresh = perform(fresh, name, by=by, note=note)
        cancelled = fresh.call is not None and fresh.call.state == CallState.CANCELLED
        subject, why = CANCELLED if cancelled else LATE
        for person in joined_people(fresh):
            notify(
                person=person,
                key=f"lapsed:{fresh.case}:{person.pk}",
                subject=subject,
                body=f"{why.format(fresh.title)} What you wrote stays readable.",
                path=f"/proposals/{fresh.case}/",
            )
        return fresh


def lapse_late() -> int:
    """End, as the system, what was not submitted before its end, and what a cancelled call left; returns how many."""
    system, last = system_user(), clock.now() - GRACE
    leads = Extension.objects.filter(
        call=OuterRef("call"), until__gt=last, person__involvements__case=OuterRef("case"),
        person__involvements__part__in=LEAD_PARTS, person__involvements__until=None,
    )  # fmt: skip
    ended = Q(ends__lte=last) & ~Q(Exists(leads))
    found = Proposal.objects.annotate(ends=Coalesce("call__extended_to", "call__closes_at"))
    writing = found.filter(ended | Q(call__state=CallState.CANCELLED), state__in=WRITING)
    judged = Proposal.objects.filter(call__state=CallState.CANCELLED, state__in=UNDECIDED)
    rows = [(lapse, p) for p in writing.order_by("pk")[:500]]
    rows += [(lapse_with_call, p) for p in judged.order_by("pk")[:500]]
    return sum(_tried(end, proposal, system) for end, proposal in rows)


def _tried(end: Callable[..., Proposal], proposal: Proposal, by: User) -> int:
    """End one; a proposal that was submitted or extended since it was found stays as it is."""
    try:
        end(proposal, by=by)
    except NotPossible:
        return 0
    return 1
