"""What follows here when a grant moves, or a proposal leaves after its money was set aside."""

from typing import Any

from fund.models import Grant
from fund.services import ledger
from lifecycle.performing import perform
from lifecycle.reactions import reacts_to
from people.services.accounts import system_user

from .locks import line_of
from .models import Proposal


def proposal_of(grant: Grant) -> list[Any]:
    """Return the proposal of the same case."""
    return list(Proposal.objects.filter(case=grant.case))


def _follow(grant: Grant, name: str) -> None:
    for proposal in proposal_of(grant):
        perform(proposal, name, by=system_user())


@reacts_to("fund.Grant", "activate", locks=proposal_of)
def follow_the_signatures(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to funded."""
    _follow(grant, "fund")


@reacts_to("fund.Grant", "decline", locks=proposal_of)
def follow_the_declined_offer(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to offer declined."""
    _follow(grant, "note_declined_offer")


@reacts_to("fund.Grant", "expire", locks=proposal_of)
def follow_the_expired_offer(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to offer expired."""
    _follow(grant, "note_expired_offer")


@reacts_to("fund.Grant", "complete", locks=proposal_of)
def follow_the_completed_grant(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to completed."""
    _follow(grant, "complete")


@reacts_to("fund.Grant", "stop_early", locks=proposal_of)
def follow_the_early_stop(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to stopped early."""
    _follow(grant, "stop_early")


@reacts_to("fund.Grant", "terminate", locks=proposal_of)
def follow_the_termination(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Move to terminated."""
    _follow(grant, "note_termination")


@reacts_to("proposals.Proposal", "refuse_for_agency", locks=line_of)
@reacts_to("proposals.Proposal", "withdraw", locks=line_of)
def set_the_money_free(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Release what an approval that nobody outside knows of had set aside."""
    line = proposal.call.budget_line if proposal.call else None
    if line is None:
        return
    totals = ledger.case_totals(line.entries.filter(case=proposal.case))
    rest = totals["committed"] - totals["released"]
    if rest:
        source = f"{proposal.case}:withdraw:1"
        ledger.release_commitment(line=line, amount=rest, source=source, case=proposal.case, by=by)
