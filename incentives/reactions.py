"""What follows here when a grant starts or ends, and when a nomination moves."""

from typing import Any

from fund.enums import FindingKind
from fund.models import Finding, Grant
from lifecycle.reactions import reacts_to
from proposals.models import Proposal

from .enums import NominationState, Opened
from .models import Contribution, Nomination, Outcome
from .services.contests import ask_for_points_anew
from .services.grounds import doubt_failure
from .services.learning import open_record
from .services.nominations import begin_days, free_supports, tell_the_person
from .services.outcomes import await_another_check, close_unclaimed, register_promise
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


@reacts_to("fund.Finding", "accept_answer")
@reacts_to("fund.Finding", "close_higher")
def look_at_the_counted_failure(finding: Finding, *, by: Any, data: dict[str, Any]) -> None:
    """Ask the head to look into a failure that counts as one in good faith, where a finding that stands says no."""
    if finding.grant is not None and finding.kind != FindingKind.OTHER:
        doubt_failure(finding.grant)


# where a step led -> the column that keeps who took it, because somebody else takes the next
TAKEN_BY = {
    NominationState.HRC_REVIEW: "brought_by", NominationState.ENDORSED: "answered_by",
    NominationState.NOT_ENDORSED: "answered_by", NominationState.DEFERRED: "answered_by",
    NominationState.FORWARDED: "forwarded_by", NominationState.RESULT_RECORDED: "recorded_by",
}  # fmt: skip


@reacts_to("incentives.Outcome", "reopen")
def ask_for_another_check(outcome: Outcome, *, by: Any, data: dict[str, Any]) -> None:
    """Ask the verifiers who did not check it before, with a day of its own."""
    await_another_check(outcome)


@reacts_to("incentives.Contribution", "verify")
def ask_for_the_right_shares(contribution: Contribution, *, by: Any, data: dict[str, Any]) -> None:
    """Ask the head to give points anew that stand again by shares which a second look found wrong."""
    ask_for_points_anew(contribution.grant.outcome)


def follow_the_nomination(nomination: Nomination, *, by: Any, data: dict[str, Any]) -> None:
    """Keep who took the step of an office, and tell the person."""
    column = TAKEN_BY.get(NominationState(nomination.state))
    if nomination.state == NominationState.FORWARDED and nomination.recorded_by_id is not None:
        Nomination.objects.filter(pk=nomination.pk).update(recorded_by=None)  # a result that was entered wrongly
    elif column is not None:
        Nomination.objects.filter(pk=nomination.pk).update(**{column: by})
    tell_the_person(nomination)


@reacts_to("incentives.Nomination", "bring_to_committee")
def begin_the_days(nomination: Nomination, *, by: Any, data: dict[str, Any]) -> None:
    """Let the days for comments begin anew after a deferral."""
    begin_days(nomination)


@reacts_to("incentives.Nomination", "revoke")
@reacts_to("incentives.Nomination", "correct_result")
def set_the_grounds_free(nomination: Nomination, *, by: Any, data: dict[str, Any]) -> None:
    """Let the contributions support another grant."""
    free_supports(nomination)


@reacts_to("incentives.Nomination", "let_stand")
def tell_that_it_stands(nomination: Nomination, *, by: Any, data: dict[str, Any]) -> None:
    """Tell the person that the RCSC looked at it again."""
    tell_the_person(nomination, "What was granted stands, though a ground of it was taken back.")


_TOLD = (
    "bring_to_committee", "endorse", "turn_down", "defer", "forward", "record_result", "correct_result", "revoke",
)  # fmt: skip
for _step in _TOLD:
    reacts_to("incentives.Nomination", _step)(follow_the_nomination)
