"""What follows here when a reviewer says no, and the steps of a small idea that no hand is needed for."""

from typing import Any

from fund.enums import Stage
from fund.models import Call
from lifecycle.performing import explain, perform
from lifecycle.reactions import reacts_to
from people.enums import Part
from people.services.accounts import system_user
from people.services.involvement import involve, release
from people.services.notify import notify
from proposals.enums import ProposalState
from proposals.lane import is_practice, is_spark
from proposals.models import Proposal
from proposals.policies import may_begin

from .locks import proposal_of
from .models import Review
from .services import departing, lots
from .services.conflicts import refuse_conflicted, write_down
from .services.naming import tell_leads


@reacts_to("fund.Call", "approve")
def commit_to_lots(call: Call, *, by: Any, data: dict[str, Any]) -> None:
    """Publish, before anybody applies, what will make a draw of lots provable; small ideas have none."""
    if call.stage != Stage.SPARK:
        lots.commit(call)


@reacts_to("proposals.Proposal", "recommend")
def note_a_recommendation(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Record a recommendation that does not follow the ranking, with its reason."""
    departing.note(proposal, "recommend", by=by, reason=data["note"])


@reacts_to("proposals.Proposal", "not_recommend")
def note_no_recommendation(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Record that the chair advises against what the ranking puts inside the money, with the reason."""
    departing.note(proposal, "not_recommend", by=by, reason=data["note"])


@reacts_to("proposals.Proposal", "moderate")
@reacts_to("proposals.Proposal", "recommend")
@reacts_to("proposals.Proposal", "not_recommend")
def note_the_chair(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Look at the chair's conflicts again; put on record who led the panel: no part that this rules out can follow."""
    refuse_conflicted(proposal, by, Part.CHAIR, acting=True)
    involve(case=proposal.case, person=by, part=Part.CHAIR)


@reacts_to("evaluation.Review", "refuse")
@reacts_to("evaluation.Review", "abstain")
def end_the_part(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """End the part, so that who refused or withdrew no longer reads the proposal."""
    release(case=review.case, person=review.reviewer, part=Part.REVIEWER)


@reacts_to("evaluation.Review", "abstain")
def ask_for_another(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """Tell who asked that somebody else is needed; a practice sends nothing."""
    proposal = review.proposal
    if not is_practice(proposal):
        notify(
            person=review.assigned_by, key=f"abstained:{review.pk}",
            subject=f"A reviewer withdrew: {proposal.reference}",
            body=f"{review.reviewer.full_name} cannot judge “{proposal.title}”. Ask somebody else.",
            path=f"{proposal.get_absolute_url()}reviewers/", case=review.case,
        )  # fmt: skip


def _go_on(review: Review, state: str, name: str) -> None:
    """Take the step of a small idea as the system, once its facts hold."""
    proposal = Proposal.objects.select_related("call").get(pk=review.proposal_id)
    if is_spark(proposal) and proposal.state == state and not explain(proposal, name):
        perform(proposal, name, by=system_user())


@reacts_to("evaluation.Review", "accept", locks=proposal_of)
def begin_when_both_accepted(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """Begin the reviews of a small idea."""
    _go_on(review, ProposalState.ELIGIBLE, "begin_review")


@reacts_to("evaluation.Review", "submit", locks=proposal_of)
def close_when_both_are_in(review: Review, *, by: Any, data: dict[str, Any]) -> None:
    """Close the reviews of a small idea."""
    _go_on(review, ProposalState.IN_REVIEW, "close_review")


@reacts_to("proposals.Proposal", "find_eligible")
def write_conflicts_down(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Keep out, before anybody is asked, whom a conflict keeps out."""
    if not is_practice(proposal):
        write_down(proposal, by=system_user())
        tell_leads(proposal, "passed")


@reacts_to("proposals.Proposal", "close_review")
def look_at_who_closes(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Refuse a chair with a conflict; the secretariat and the system close as well, and judge nothing."""
    if not may_begin(proposal, by):
        refuse_conflicted(proposal, by, Part.CHAIR, acting=True)


@reacts_to("proposals.Proposal", "close_review")
def bring_to_its_decision(proposal: Proposal, *, by: Any, data: dict[str, Any]) -> None:
    """Hand a small idea on: no ranking, no moderation."""
    if is_spark(proposal):
        perform(proposal, "await_decision", by=system_user())
