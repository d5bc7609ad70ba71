"""A small idea: decided by one member of the board, its agency's yes or no, and the offer that follows both."""

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.enums import Part, Role
from people.models import User
from people.queries import agencies_for
from people.services.accounts import system_user
from people.services.involvement import involve
from people.services.notify import notify
from proposals.enums import Answer, ProposalState
from proposals.guards import agency_said_yes, asked_version
from proposals.locks import line_and_call_of
from proposals.models import Endorsement, Proposal
from proposals.models.proposal import REFUSABLE
from proposals.policies import may_refuse_small
from proposals.services.team import joined_people, leads_of

from ..enums import Choice
from ..guards import round_of
from . import excluding, release
from .conflicts import refuse_conflicted
from .decide import set_aside, write_down


@act
def approve(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Approve alone, set the award aside, tell the team, and offer at once when the agency has said yes.

    Locks the line, the call and the proposal. InsufficientFunds when the line has less available.
    """
    excluding.look_again(proposal)
    with changing(proposal, "approve_small") as fresh:
        _refuse_who_decided(fresh, by)
        number = round_of(fresh)
        fresh = perform(fresh, "approve_small", by=by, note=note, at=clock.now())
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        amount = set_aside(fresh, by=by, number=number)
        write_down(fresh, Choice.APPROVE, by=by, number=number, amount=amount)
        if agency_said_yes.holds(fresh):
            return release.release(fresh, by=system_user())
        _tell(fresh, "approved", "Approved: your agency is asked",
              f"“{fresh.title}” is approved. It is offered as soon as your agency's approver says yes.")  # fmt: skip
        return fresh


@act
def decline(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Decline alone with a reason that the team reads at once."""
    excluding.look_again(proposal)
    with changing(proposal, "decline_small") as fresh:
        _refuse_who_decided(fresh, by)
        number = round_of(fresh)
        fresh = perform(fresh, "decline_small", by=by, note=note, at=clock.now())
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        write_down(fresh, Choice.DECLINE, by=by, number=number)
        _tell(fresh, f"declined-{number}", f"Your small idea was not funded: {fresh.reference}",
              f"“{fresh.title}” was not funded. The reason: {note} You can change it and send it again.")  # fmt: skip
        return fresh


def _refuse_who_decided(proposal: Proposal, by: User) -> None:
    """After an upheld appeal another member decides alone."""
    if proposal.decisions.filter(by=by).exists():
        raise NotPossible("You decided on this before, and an appeal was upheld. Another member decides now.")


def _answer(proposal: Proposal, by: User, answer: Answer, reason: str = "") -> list[Endorsement]:
    """Write the answer of the agencies that `by` approves for on the newest version put to them."""
    own = Endorsement.objects.filter(version=asked_version(proposal), agency__in=agencies_for(by, Role.SPONSOR))
    rows = list(own.select_related("agency"))
    for row in rows:
        involve(case=proposal.case, person=by, part=Part.SPONSOR, agency=row.agency)
        Endorsement.objects.filter(pk=row.pk).update(
            answer=answer, reason=reason, answered_by=by, answered_at=clock.now()
        )
    return rows


@act
def agree(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Say yes for the agency; an approved idea is offered in the same transaction. A second yes changes nothing."""
    with locked([proposal, *line_and_call_of(proposal)]):
        fresh = Proposal.objects.get(pk=proposal.pk)
        if not may_refuse_small(fresh, by):
            raise NotPossible("You do not approve for the agency of this idea.", forbidden=True)
        if fresh.state not in REFUSABLE:
            raise NotPossible("Nothing waits for your agency's answer here now.")
        if agency_said_yes.holds(fresh):
            return fresh
        rows = _answer(fresh, by, Answer.AGREED)
        names = ", ".join(row.agency.name for row in rows)
        trail.record(fresh, action="agreed", by=by, note=note, changes={"agency": [None, names]})
        if fresh.state == ProposalState.APPROVED:
            return release.release(fresh, by=system_user())
        return fresh


@act
def refuse(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Say no for the agency with a reason that the applicant reads; money set aside is free again."""
    with changing(proposal, "refuse_for_agency") as fresh:
        fresh = perform(fresh, "refuse_for_agency", by=by, note=note, at=clock.now())
        _answer(fresh, by, Answer.REFUSED, note)
        for person in leads_of(fresh):
            notify(
                person=person,
                key=f"agency-no:{fresh.case}:{person.pk}",
                subject=f"Your agency said no: {fresh.reference}",
                body=f"{by.full_name} said no to “{fresh.title}” for {fresh.lead_agency.name}. The reason: {note}",
                path=fresh.get_absolute_url(),
            )
        return fresh


def _tell(proposal: Proposal, key: str, subject: str, body: str) -> None:
    for person in joined_people(proposal):
        notify(
            person=person, key=f"small-{key}:{proposal.case}:{person.pk}", subject=subject, body=body,
            path=proposal.get_absolute_url(),
        )  # fmt: skip
