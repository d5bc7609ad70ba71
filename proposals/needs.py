"""Facts about the proposals of a call that the call's own steps need."""

from typing import Any

from lifecycle.guards import provides

from .enums import UNDECIDED, ProposalState
from .models import Proposal

# Called up from the reserve list, or led back by an appeal, one can be undecided in a call that is decided.
ON_THE_WAY = (*UNDECIDED, ProposalState.APPROVED, ProposalState.OFFERED, ProposalState.FUNDED)
TOLD_AS_A_BATCH = (ProposalState.DECLINED, ProposalState.RESERVED)


@provides("call_decided", "A proposal of the call has no answer yet, or its answer is not released.")
def call_decided(call: Any) -> bool:
    """Tell whether every submitted proposal has been decided and told."""
    waiting = {*UNDECIDED, ProposalState.APPROVED} - {ProposalState.RESERVED}
    held_back = Proposal.objects.filter(call=call, state__in=TOLD_AS_A_BATCH, released_at=None)
    return not Proposal.objects.filter(call=call, state__in=waiting).exists() and not held_back.exists()


@provides(
    "call_settled", "A grant of the call is still running, an offer is open, or a proposal waits on the reserve list."
)
def call_settled(call: Any) -> bool:
    """Tell whether nothing of the call is on its way."""
    return not Proposal.objects.filter(call=call, state__in=ON_THE_WAY).exists()
