"""The board: votes as rows; an approval sets the money aside in the same transaction."""

from datetime import date

from fund.models import BudgetLine
from fund.services import ledger
from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from lifecycle.trail import canonical
from people.enums import Part
from people.models import User
from people.services.calendar import months_before
from people.services.involvement import involve
from proposals.enums import ProposalState
from proposals.lane import is_practice
from proposals.models import Proposal
from proposals.policies import may_decide_full

from ..ambition import ambition_of
from ..appealing import in_words
from ..enums import VALID, Choice
from ..guards import counted, counting_votes, overturned_round, round_of, sitting_of
from ..models import Decision, Vote
from ..needs import why_it_waits
from ..queries import award_of
from . import departing, excluding
from .conflicts import refuse_conflicted

DEFER_MONTHS = 3  # the farthest day that the board may name, from today


def vote(proposal: Proposal, *, by: User, choice: Choice, reason: str) -> Vote:
    """Vote once in a round, with a reason. Who has a conflict is refused.

    Reviews of those who are tied to it are excluded first, here and before each decision.
    """
    excluding.look_again(proposal)
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_decide_full(proposal, by):
            raise NotPossible("Only a board member without a conflict can vote.", forbidden=True)
        refuse_conflicted(proposal, by, Part.BOARD, acting=True)
        if proposal.state != ProposalState.DECISION_PENDING:
            raise NotPossible("The board does not vote on this now.")
        waits = why_it_waits(proposal)
        if waits:
            raise NotPossible(waits)
        excluding.refuse_tied(proposal)
        if not reason.strip():
            raise NotPossible("Give a reason.")
        involve(case=proposal.case, person=by, part=Part.BOARD)
        row, created = Vote.objects.get_or_create(
            proposal=proposal, member=by, sitting=sitting_of(proposal), round=round_of(proposal),
            defaults={"choice": choice, "reason": reason, "at": clock.now()},
        )  # fmt: skip
        if not created:
            raise NotPossible("You have already voted.")
        trail.record(proposal, action="voted", by=by)
        return row


def set_aside(proposal: Proposal, *, by: User, number: int) -> int:
    """Set the award aside on the call's budget line, whose lock the caller holds; return chhetrum.

    A practice sets nothing aside.
    """
    amount = award_of(proposal)
    if is_practice(proposal):
        return amount
    line = proposal.call.budget_line if proposal.call else None
    if line is None:  # no call is handed over without its line, and from then on it is frozen
        raise AssertionError("unreachable")
    ledger.commit(line=line, amount=amount, source=f"{proposal.case}:approve:{number}", case=proposal.case, by=by)
    return amount


def left_for(proposal: Proposal) -> int | None:
    """Return the chhetrum left on the budget line, whose lock the caller holds; None for a practice."""
    line = None if is_practice(proposal) or proposal.call is None else proposal.call.budget_line_id
    return BudgetLine.objects.get(pk=line).available if line else None


def write_down(proposal: Proposal, choice: Choice, *, by: User, number: int, amount: int = 0) -> None:
    """Store the decision with the reviewers' median chance; after an upheld appeal it points at the overturned one."""
    marks = sorted(counted(proposal).filter(state__in=VALID).values_list("chance", flat=True))
    kept = {"votes": list(counting_votes(proposal).order_by("pk").values_list("pk", flat=True)), "chances": marks,
            "left": left_for(proposal) if choice in (Choice.APPROVE, Choice.RESERVE) else None}  # fmt: skip
    Decision.objects.create(
        proposal=proposal, round=number, choice=choice, amount=amount, ambition=ambition_of(marks), by=by,
        at=clock.now(), counted=canonical(kept),
        replaces=None if choice == Choice.DEFER else overturned(proposal),
    )  # fmt: skip


def overturned(proposal: Proposal) -> Decision | None:
    """Return the decision that an appeal overturned and that no other has replaced yet, or None."""
    return proposal.decisions.filter(round=overturned_round(proposal), replaced_by=None).first()


@act
def approve(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Close the vote with approval and set the award aside on the call's budget line, all or nothing.

    Locks the line, the call and the proposal. InsufficientFunds when the line has less available.
    """
    excluding.look_again(proposal)
    with changing(proposal, "approve") as fresh:
        number = round_of(fresh)
        fresh = perform(fresh, "approve", by=by, note=note)
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        amount = set_aside(fresh, by=by, number=number)
        write_down(fresh, Choice.APPROVE, by=by, number=number, amount=amount)
        departing.note(fresh, "approve", by=by, reason=_called_up(fresh) + _reasons(fresh, Choice.APPROVE))
        return fresh


@act
def decline(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Close the vote with a refusal."""
    excluding.look_again(proposal)
    with changing(proposal, "decline") as fresh:
        number = round_of(fresh)
        fresh = perform(fresh, "decline", by=by, note=note)
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        departing.note(fresh, "decline", by=by, reason=_reasons(fresh, Choice.DECLINE))
        write_down(fresh, Choice.DECLINE, by=by, number=number)
        return fresh


def _called_up(proposal: Proposal) -> str:
    """Return the rule behind an approval outside the money of the ranking, where it waited for money on the list."""
    waited = proposal.decisions.filter(choice=Choice.RESERVE).exists()
    return "Called up from the reserve list, as money became free.\n" if waited else ""


@act
def reserve(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Close the vote with a place on the reserve list: funded if money becomes free in time. Nothing is set aside.

    Locks the line and the call, so that "the money does not reach" is a fact while it decides.
    """
    excluding.look_again(proposal)
    with changing(proposal, "put_in_reserve") as fresh:
        number = round_of(fresh)
        fresh = perform(fresh, "put_in_reserve", by=by, note=note, amount=award_of(fresh))
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        departing.note(fresh, "reserve", by=by, reason=_reasons(fresh, Choice.RESERVE))
        write_down(fresh, Choice.RESERVE, by=by, number=number)
        return fresh


def _reasons(proposal: Proposal, choice: Choice) -> str:
    """Return the reasons of the last votes for one choice, or of all where the board was tied."""
    last = Vote.objects.filter(proposal=proposal, sitting=sitting_of(proposal)).order_by("-round", "pk")
    own = [vote for vote in last if vote.choice == choice] or list(last)
    return "\n".join(dict.fromkeys(vote.reason for vote in own))


def last_day_to_defer_to() -> date:
    """Return the last day that the board may name to look at a proposal again: three months from today."""
    return months_before(clock.today(), -DEFER_MONTHS)


@act
def defer(proposal: Proposal, *, by: User, note: str = "", until: date) -> Proposal:
    """Close a first round without a majority; a second one follows, not before the day `until`."""
    if not clock.today() < until <= last_day_to_defer_to():
        raise NotPossible(f"Name a day after today, and not after {in_words(last_day_to_defer_to())}.")
    excluding.look_again(proposal)
    with changing(proposal, "defer") as fresh:
        number = round_of(fresh)
        fresh = perform(fresh, "defer", by=by, note=note, until=until)
        refuse_conflicted(fresh, by, Part.BOARD, acting=True)
        excluding.refuse_tied(fresh)
        involve(case=fresh.case, person=by, part=Part.BOARD)
        write_down(fresh, Choice.DEFER, by=by, number=number)
        return fresh
