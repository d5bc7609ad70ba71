"""What follows here when a grant starts or ends, and when a nomination moves."""

from typing import Any

from fund.models import Grant
from lifecycle.reactions import reacts_to
from proposals.models import Proposal

from .enums import Opened
from .models import Nomination, Outcome
from .services.learning import open_record
from .services.nominations import tell_the_person
from .services.outcomes import close_unclaimed, register_promise
from .services.protecting import name_officer


def name_protection(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Name the protection officer of a proposal that was sent; not in a practice call."""
    if proposal.call is not None and proposal.call.practice_of_id is None:
        name_officer(proposal.case)


for _sent in ("submit", "send_small"):
    reacts_to("proposals.Proposal", _sent)(name_protection)


def promise_of(grant: Grant) -> list[Any]:
    """Return the grant's outcome, which ends with it."""
    return list(Outcome.objects.filter(grant=grant))


@reacts_to("fund.Grant", "activate")
def freeze_the_promise(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Register the promised measure and open the contribution."""
    register_promise(grant)


@reacts_to("fund.Grant", "stop_early", locks=promise_of)
def open_the_learning_record(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Close the promise without a claim and ask for what was learned."""
    for outcome in Outcome.objects.filter(grant=grant):
        close_unclaimed(outcome)
    open_record(grant, because=Opened.STOPPED_EARLY)


@reacts_to("fund.Grant", "terminate", locks=promise_of)
def close_the_promise(grant: Grant, *, by: Any, data: dict[str, Any]) -> None:
    """Close the promise without a claim."""
    for outcome in Outcome.objects.filter(grant=grant):
        close_unclaimed(outcome)


def follow_the_nomination(nomination: Nomination, *, by: Any, data: dict[str, Any]) -> None:
    """Tell the person after each step of an office."""
    tell_the_person(nomination)


for _step in ("bring_to_committee", "endorse", "turn_down", "defer", "forward", "record_result", "revoke"):
    reacts_to("incentives.Nomination", _step)(follow_the_nomination)
