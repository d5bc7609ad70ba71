"""The close-out checklist and the hand-over of what was bought."""

from datetime import date
from typing import Any
from uuid import UUID

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import changing, perform
from people.models import Agency, User

from ..enums import CloseOutState
from ..models import Asset, CloseOut
from ..policies import may_lead_grant
from .once import key_of, recorded
from .payments import open_payments
from .telling import tell_team


@act
def hand_in(
    close_out: CloseOut, *, by: User, note: str = "", receipts_at: str = "", carried_on_by: str = "",
    personal_data: str = "",
) -> CloseOut:  # fmt: skip
    """Hand in the checklist; every point needs an answer. The last of several payments opens."""
    said = {"receipts_at": receipts_at, "carried_on_by": carried_on_by, "personal_data": personal_data}
    if not all(text.strip() for text in said.values()):
        raise NotPossible("Answer every point: use “Hand in the checklist” on the page of the closing.")
    with changing(close_out, "submit") as fresh:
        fresh = perform(fresh, "submit", by=by, note=note, **said)
        open_payments(fresh.grant)
        return fresh


@act
def return_checklist(close_out: CloseOut, *, by: User, note: str = "") -> CloseOut:
    """Ask for more, with a reason that the team is sent."""
    with changing(close_out, "send_back") as fresh:
        fresh = perform(fresh, "send_back", by=by, note=note)
        entry = trail.entries_of(fresh).values_list("seq", flat=True)[0]
        words = f"“{fresh.grant.title}”: finance asks for more before the accounts are closed: {note}"
        tell_team(fresh.grant, f"checklist:{entry}", "The close-out checklist was returned", words)
        return fresh


def hand_over(
    close_out: CloseOut, *, by: User, what: str, value: int, receiver: Agency, handed_over_on: date,
    key: UUID | None = None,
) -> Asset:  # fmt: skip
    """Record which agency has now what the money bought. NotPossible for others than the lead, or once handed in.

    The same `key` (of one opened page) again records nothing and answers like the first.
    """
    with locked([close_out]):
        fresh = CloseOut.objects.select_related("grant").get(pk=close_out.pk)
        if not may_lead_grant(fresh, by):
            raise NotPossible("The lead or the deputy lead hands over what was bought.", forbidden=True)
        said: dict[str, Any] = {
            "what": what,
            "value": value,
            "receiver": receiver,
            "handed_over_on": handed_over_on,
            "by": by,
        }
        first: Asset | None = recorded(Asset, key, grant=fresh.grant, **said)
        if first is not None:
            return first
        if fresh.state != CloseOutState.TO_DO:
            raise NotPossible("The checklist is handed in already.")
        if handed_over_on > clock.today():
            raise NotPossible("The day cannot lie in the future.")
        asset = Asset.objects.create(grant=fresh.grant, at=clock.now(), **said, **key_of(key))
        trail.record(fresh, action="handed_over", by=by, note=f"{what}: {receiver.name}")
        return asset
