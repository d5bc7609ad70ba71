"""Facts about the proposals of a call that the call's own steps need."""

from typing import Any

from lifecycle.guards import provides

from .enums import UNDECIDED, ProposalState
from .models import Proposal

ON_THE_WAY = (ProposalState.OFFERED, ProposalState.FUNDED)


@provides("call_decided", "A proposal of the call has no answer yet, or its answer is not released.")
def call_decided(call: Any) -> bool:
    """Tell whether every submitted proposal has been decided and told."""
    waiting = (*UNDECIDED, ProposalState.APPROVED)
    held_back = Proposal.objects.filter(call=call, state=ProposalState.DECLINED, released_at=None)
    return not Proposal.objects.filter(call=call, state__in=waiting).exists() and not held_back.exists()


@provides("call_settled", "A grant of the call is still running, or an offer is open.")
def call_settled(call: Any) -> bool:
    """Tell whether nothing of the call is on its way."""
    return not Proposal.objects.filter(call=call, state__in=ON_THE_WAY).exists()
