"""The consensus step: a score changed by the panel keeps old, new, reason, who and when."""

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.enums import Part
from people.models import User
from people.services.involvement import involve
from proposals.enums import ProposalState
from proposals.models import Proposal

from ..guards import sitting_of
from ..models import ConsensusScore
from ..models.review import NOT_APPLICABLE
from ..policies import may_compare
from ..queries import agreeable, item_of, points, weights_of
from ..scoring import means_of
from .conflicts import ONLY_A_CHAIR, refuse_conflicted


def settle(proposal: Proposal, *, by: User, criterion: int, halves: int, reason: str) -> ConsensusScore:
    """Record what the panel agreed on one criterion (half points), between the reviewers' lowest and highest score.

    Refused on a criterion on which the reviewers do not differ.
    """
    with locked([proposal]):
        proposal = Proposal.objects.get(pk=proposal.pk)
        if not may_compare(proposal, by):
            raise NotPossible(ONLY_A_CHAIR, forbidden=True)
        refuse_conflicted(proposal, by, Part.CHAIR, acting=True)
        if proposal.state != ProposalState.IN_MODERATION:
            raise NotPossible("Open “Talk it over” first.")
        involve(case=proposal.case, person=by, part=Part.CHAIR)
        weights = weights_of(proposal.call)  # type: ignore[arg-type]
        if criterion not in weights:
            raise NotPossible("There is no such criterion in this call.")
        if not reason.strip():
            raise NotPossible("Say why the panel agreed on this.")
        _refuse_beyond(agreeable(proposal).get(criterion), halves)
        means = means_of(weights, item_of(proposal))
        before = points(means[criterion]) if criterion in means else NOT_APPLICABLE.lower()
        row = ConsensusScore.objects.create(
            proposal=proposal, criterion_id=criterion, sitting=sitting_of(proposal), before=before, halves=halves,
            reason=reason, by=by, at=clock.now(),
        )  # fmt: skip
        changes = {f"criterion {criterion}": [before, points(halves)]}
        trail.record(proposal, action="consensus", by=by, note=reason, changes=changes)
        return row


def _refuse_beyond(ends: tuple[int, int] | None, halves: int) -> None:
    """Refuse what no reviewer's score leads to: `ends` are the lowest and the highest, None where nobody differs."""
    if ends is None:
        raise NotPossible("The reviewers do not differ on this criterion: their mean stands.")
    if not ends[0] <= halves <= ends[1]:
        raise NotPossible(f"The reviewers gave from {ends[0] / 2:g} to {ends[1] / 2:g}: agree on a score between them.")
