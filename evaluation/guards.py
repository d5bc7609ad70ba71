"""Facts about reviews and panels, and what this room provides for a proposal's steps."""

from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from lifecycle.guards import guard, provides
from lifecycle.remembering import remembered
from people.enums import Grade, Role
from people.models import Block, RoleGrant
from people.policies import in_force
from proposals.enums import ProposalState

from .enums import LIVE, VALID, AppealState, Choice, ReviewState
from .majority import carried
from .scoring import HIGH, LOW


@guard("Score every criterion or say why it does not apply; give a reason for each score below 3 or from 4.5 up (for a "
       "small idea: for each), one strength, one weakness, one change and the chance.")  # fmt: skip
def review_is_whole(review: Any) -> bool:
    """Tell whether the review can be handed in; a criterion that does not apply needs its reason, and one applies."""
    scores = {score.criterion_id: score for score in review.scores.all()}
    if set(scores) != set(review.proposal.call.criteria.values_list("pk", flat=True)):
        return False
    given = [score.halves for score in scores.values() if score.halves is not None]
    bare = [score.halves for score in scores.values() if not score.reason.strip()]
    if review.short:
        return len(given) == len(scores) and not bare
    texts = (review.strength, review.weakness, review.change, review.chance)
    return bool(given) and not any(needs_reason(halves) for halves in bare) and all(text.strip() for text in texts)


def needs_reason(halves: int | None) -> bool:
    """Tell whether a score (None: the criterion does not apply) cannot stand without a reason."""
    return halves is None or not LOW < halves < HIGH


@guard("The reviews of this proposal are closed.")
def reviews_are_open(review: Any) -> bool:
    """Tell whether reviews can still change."""
    return bool(review.proposal.state in (ProposalState.ELIGIBLE, ProposalState.IN_REVIEW))


@guard("The board has already decided.")
def not_decided_yet(review: Any) -> bool:
    """Tell whether the decision is still open; one that an appeal overturned no longer counts."""
    proposal = review.proposal
    standing = proposal.decisions.filter(round__gt=overturned_round(proposal)).exclude(choice=Choice.DEFER)
    if proposal.state not in (ProposalState.RESERVED, ProposalState.DECLINED):  # called up from the reserve list
        standing = standing.exclude(choice=Choice.RESERVE)
    return not standing.exists()


def needed(call: Any) -> int:
    """Return how many reviews the call asks for."""
    return int(call.reviews_needed)


def unblocked(proposal: Any) -> Any:
    """Return the live reviews whose reviewers no conflict keeps out."""
    blocked = Block.objects.filter(case=proposal.case, grade=Grade.BLOCK).values("person")
    return proposal.reviews.filter(state__in=LIVE).exclude(reviewer__in=blocked)


def counted(proposal: Any) -> Any:
    """Return the live reviews that count: of people tied to it by no more than a note, permitted or not."""
    tied = Block.objects.filter(case=proposal.case, grade__in=(Grade.BLOCK, Grade.MITIGATE)).values("person")
    return proposal.reviews.filter(state__in=LIVE).exclude(Q(reviewer__in=tied) | Q(reviewer__in=permitted(proposal)))


def permitted(proposal: Any) -> Any:
    """Return the ids of those whom the chair permitted to review: they are heard, their scores decide nothing."""
    return proposal.permissions.filter(given=True).values("person")


@provides("reviewers_accepted", "Not enough reviewers have accepted yet.")
def reviewers_accepted(proposal: Any) -> bool:
    """Tell whether the stage's number of reviewers without conflict accepted."""
    return bool(counted(proposal).exclude(state=ReviewState.ASSIGNED).count() >= needed(proposal.call))


@provides("enough_reviews", "Not enough reviews are in yet.")
def enough_reviews(proposal: Any) -> bool:
    """Tell whether the stage's number of valid reviews is in."""
    return bool(counted(proposal).filter(state__in=VALID).count() >= needed(proposal.call))


def of_who_may(votes: Any) -> Any:
    """Return those votes whose members still may vote: on the board, and without conflict."""
    tied_to_it = Block.objects.filter(case=OuterRef("proposal__case"), person=OuterRef("member"))
    blocked = tied_to_it.filter(grade__in=(Grade.BLOCK, Grade.MITIGATE))
    board = RoleGrant.objects.filter(in_force(), role=Role.BOARD).values("person")
    return votes.filter(~Exists(blocked), member__in=board)


@remembered
def votes_of(proposal: Any) -> list[str]:
    """Return the choices of this round by members who still may vote."""
    return list(counting_votes(proposal).values_list("choice", flat=True))


def counting_votes(proposal: Any) -> Any:
    """Return the votes of this round and sitting by members who still may vote."""
    return of_who_may(proposal.votes.filter(round=round_of(proposal), sitting=sitting_of(proposal)))


@remembered
def round_of(proposal: Any) -> int:
    """Return the number of the present round of votes."""
    return int(proposal.decisions.count()) + 1


@remembered
def overturned_round(proposal: Any) -> int:
    """Return the round of the newest decision that an appeal overturned, or 0."""
    upheld = proposal.appeals.filter(state=AppealState.UPHELD, decision__isnull=False)
    return int(upheld.aggregate(last=Max("decision__round"))["last"] or 0)


def try_of(proposal: Any) -> int:
    """Return which try of the board this is: the second after a deferral, the first again after an upheld appeal.

    An upheld appeal needs no new sitting: votes carry their round, and the round of an overturned decision is over, so
    none of its votes counts again. What the panel agreed stands, unless a review is excluded because of the appeal.
    Nor is a round that ended on the reserve list a try that failed.
    """
    return int(proposal.decisions.filter(choice=Choice.DEFER, round__gt=overturned_round(proposal)).count()) + 1


@remembered
def sitting_of(proposal: Any) -> int:
    """Return the number of the present sitting: one more than the handed-in reviews that were excluded.

    What the panel agreed and the board voted in an earlier sitting leaned on such a review, so it no longer counts.
    """
    return int(proposal.reviews.filter(state=ReviewState.INVALIDATED, submitted_at__isnull=False).count()) + 1


def _majority(proposal: Any, choice: Choice) -> bool:
    votes = votes_of(proposal)
    return len(votes) >= proposal.call.quorum and carried(votes) == choice


@provides("majority_approves", "Too few votes without a conflict, or not more than half to approve.")
def majority_approves(proposal: Any) -> bool:
    """Tell whether a quorum voted and more than half approve."""
    return _majority(proposal, Choice.APPROVE)


@provides("majority_declines", "Too few votes without a conflict, or not more than half to decline.")
def majority_declines(proposal: Any) -> bool:
    """Tell whether a quorum voted and more than half decline, or a second try is tied."""
    return _majority(proposal, Choice.DECLINE) or (try_of(proposal) > 1 and tied(proposal))


def tied(proposal: Any) -> bool:
    """Tell whether a quorum voted and nothing but a deferral has more than half."""
    votes = votes_of(proposal)
    return len(votes) >= proposal.call.quorum and not carried(votes)


@provides("no_majority_or_defer", "Too few votes without a conflict, or more than half agree.")
def no_majority_or_defer(proposal: Any) -> bool:
    """Tell whether a first quorum is tied, or asks to defer."""
    return try_of(proposal) == 1 and tied(proposal)


@provides("appeal_upheld", "Only an appeal that was upheld leads back from here.")
def appeal_upheld(proposal: Any) -> bool:
    """Tell whether an appeal against exactly what the team was told last was upheld."""
    return bool(proposal.appeals.filter(state=AppealState.UPHELD, told_at=proposal.released_at).exists())
