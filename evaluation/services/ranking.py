"""Ranking a call: arithmetic mean, immutable, with inputs and hash, so that a stranger can recompute it."""

import hashlib
from fractions import Fraction
from typing import Any

from fund.models import Call
from lifecycle import clock
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from lifecycle.performing import perform
from lifecycle.trail import canonical
from people.models import User
from people.services.accounts import system_user
from proposals.enums import ProposalState
from proposals.models import Proposal

from ..enums import ReviewState
from ..models import Place, RankingRun, Review
from ..queries import item_of, weights_of
from ..scoring import Item, Threshold, rank, rounded

CODE_VERSION = "mean-1"  # raised whenever `scoring` computes something else
READY = (ProposalState.REVIEW_CLOSED, ProposalState.IN_MODERATION)


@act
def run(proposal: Proposal, *, by: User, note: str = "") -> Proposal:
    """Rank every proposal of the call whose reviews are closed. NotPossible while one is still with reviewers."""
    call = proposal.call
    if call is None:
        raise NotPossible("An idea without a call is not ranked.")
    ready = list(Proposal.objects.filter(call=call, state__in=READY).order_by("pk"))
    reviews = list(Review.objects.filter(proposal__in=ready, state=ReviewState.SUBMITTED).order_by("pk"))
    with locked([call, call.budget_line, *ready, *reviews]):
        waiting = Proposal.objects.filter(call=call, state__in=(ProposalState.ELIGIBLE, ProposalState.IN_REVIEW))
        if waiting.exists():
            raise NotPossible(f"{waiting.count()} proposals of the call are still with the reviewers.")
        weights, items = weights_of(call), [item_of(row) for row in ready]
        results = rank(weights, items, threshold_of(call))
        text = canonical(inputs_of(call.reference, call.stage, weights, items))
        row = RankingRun.objects.create(
            call=call, by=by, at=clock.now(), code_version=CODE_VERSION, inputs=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        )  # fmt: skip
        by_case = {str(p.case): p for p in ready}
        for result in results:
            Place.objects.create(
                run=row, proposal=by_case[result.key], place=result.place, total=rounded(result.total),
                meets=result.meets,
            )  # fmt: skip
            perform(by_case[result.key], "rank", by=by, note=note)
        for review in reviews:
            perform(review, "lock", by=system_user())
        return Proposal.objects.get(pk=proposal.pk)


def threshold_of(call: Call) -> Threshold:
    """Return what the call asks for; frozen since its approval."""
    return Threshold(Fraction(call.least_halves), Fraction(call.least_total))


def inputs_of(reference: str, stage: str, weights: dict[int, int], items: list[Item]) -> dict[str, Any]:
    """Return what the ranking was computed from, without names: reviewers are ids of reviews."""
    return {
        "call": reference, "stage": stage, "weights": {str(key): weight for key, weight in weights.items()},
        "proposals": [
            {
                "case": item.key, "consensus": {str(k): v for k, v in item.consensus.items()},
                "reviews": {s.reviewer: {str(k): v for k, v in s.scores.items()} for s in item.sheets},
            }
            for item in sorted(items, key=lambda item: item.key)
        ],
    }  # fmt: skip
