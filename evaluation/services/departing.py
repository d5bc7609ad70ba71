"""Departures from the ranking: each is recorded with its reason, or refused."""

from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import User
from proposals.lane import is_spark
from proposals.models import Proposal

from ..engine.line import FUND
from ..models import Departure
from ..standing import fate_of, newest_run

FOLLOWS = {
    "recommend": True,
    "approve": True,
    "not_recommend": False,
    "decline": False,
    "reserve": False,
}  # act -> inside the money


def note(proposal: Proposal, act: str, *, by: User, reason: str) -> None:
    """Record `act` where it does not follow the newest ranking. NotPossible where it then gives no reason."""
    run, fate = newest_run(proposal.call), fate_of(proposal)
    if run is None or not fate or is_spark(proposal) or (fate == FUND) == FOLLOWS[act]:
        return
    if not reason.strip():
        raise NotPossible("It stands outside the money of this ranking. Say why it is recommended all the same.")
    Departure.objects.create(run=run, proposal=proposal, act=act, reason=reason.strip(), by=by, at=clock.now())
