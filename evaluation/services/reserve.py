"""Up from the reserve list when money is free, and off it when its time is over."""

from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.models import User
from people.services.accounts import system_user
from people.services.notify import notify
from proposals.answer_times import promised_for
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.services.team import joined_people

from . import letters


@act
def call_up(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Bring the next of the list to the board, as money is free; the money is set aside when the board approves.

    Locks the line, the call and the proposal. The team, if it was told of the list, is told that it moved and is
    promised an answer anew.
    """
    with changing(proposal, "call_up") as fresh:
        told = fresh.released_at is not None
        promised = promised_for(fresh.call, clock.now()) if told and fresh.call else fresh.answer_by
        fresh = perform(fresh, "call_up", by=by, note=note, answer_by=promised)
        for person in joined_people(fresh) if told else []:
            notify(
                person=person, key=f"called-up:{fresh.case}:{fresh.decisions.count()}:{person.pk}",
                subject=f"Money became free: {fresh.reference}",
                body=f"“{fresh.title}” stood on the reserve list. Money became free, so the board decides about it "
                "again. You are told by a letter; you need not do anything.",
                path=fresh.get_absolute_url(),
            )  # fmt: skip
        return fresh


@act
def end(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """End its time on the list; the team reads at once that no money became free, and what it can do."""
    with changing(proposal, "leave_reserve") as fresh:
        fresh = perform(fresh, "leave_reserve", by=by, note=note, at=clock.now())
        letters.write_end(fresh, by=by)
        return fresh


def end_due() -> int:
    """End, as the system, what is past its last day on a reserve list; returns how many."""
    system, ended = system_user(), 0
    due = Proposal.objects.filter(state=ProposalState.RESERVED, reserved_until__lt=clock.today()).order_by("pk")
    for proposal in due[:500]:
        try:
            end(proposal, by=system)
        except NotPossible:  # called up or withdrawn since it was found
            continue
        ended += 1
    return ended
