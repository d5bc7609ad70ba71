"""Which rows a change of a review holds besides the review itself."""

from typing import Any

from django.db import models
from django.db.models import QuerySet

from proposals.enums import ProposalState
from proposals.lane import is_spark
from proposals.models import Proposal

READY = (ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION)
FIELD = (
    *READY, ProposalState.RANKED, ProposalState.RECOMMENDED, ProposalState.NOT_RECOMMENDED,
    ProposalState.DECISION_PENDING, ProposalState.DEFERRED, ProposalState.RESERVED, ProposalState.APPROVED,
    ProposalState.DECLINED,
)  # fmt: skip


def field_of(call: Any) -> QuerySet[Proposal]:
    """Return what a ranking of the call compares: all whose reviews are closed and whose result nobody was told."""
    return Proposal.objects.filter(call=call, state__in=FIELD, released_at=None).order_by("pk")


def field_of_review(review: Any) -> list[models.Model | None]:
    """Return the reviewed proposal, and where it competes the call with all that it competes with."""
    proposal = review.proposal
    if proposal.state not in FIELD or is_spark(proposal):
        return [proposal]
    return [proposal, proposal.call, *field_of(proposal.call)]


def proposal_of(review: Any) -> list[models.Model | None]:
    """Return the reviewed proposal: it moves with the last review of a small idea, and closes the others."""
    return [review.proposal]


def proposal_of_appeal(appeal: Any) -> list[models.Model | None]:
    """Return the proposal: it moves, or says on its page how its appeal ended."""
    return [appeal.proposal]
