"""Reading what a ranking is computed from: people as pseudonyms, proposals by their public reference."""

import hashlib
import hmac
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models.functions import Length, Trim

from fund.models import Call
from fund.services.ledger import case_totals
from proposals.models import Proposal, Version

from .models import ConsensusScore, Review, Score
from .queries import in_present_sitting, items_of, shuffled, weights_of
from .scoring import FORMAT


def inputs_of(call: Call, field: list[Proposal]) -> dict[str, Any]:
    """Return the inputs of a ranking of `field`; see `recompute`. In as many queries for many proposals as for few."""
    items = items_of(field, in_present_sitting(ConsensusScore.objects.filter(proposal__in=field)))
    used = [sheet.reviewer for item in items.values() for sheet in item.sheets]
    reviews = {str(row.pk): row for row in Review.objects.filter(pk__in=used)}
    order, lengths, costs = _order(list(reviews.values())), _lengths(used), costs_of(field)
    return {
        "format": FORMAT, "call": call.reference, "stage": call.stage,
        "weights": {str(key): weight for key, weight in weights_of(call).items()},
        "least": {"criterion": call.least_halves, "total": call.least_total},
        "money": {"budget": budget_of(call, field), "rule": call.funding_rule, "lots": call.lots_rule},
        "seed": int.from_bytes(hashlib.sha256(call.reference.encode()).digest()[:4]),
        "proposals": [
            {
                "id": row.reference, "cost": costs[row.pk],
                "consensus": {str(key): halves for key, halves in items[row.pk].consensus.items()},
                "reviews": sorted(
                    (
                        {
                            "id": name_of_review(reviews[sheet.reviewer]), "order": order[sheet.reviewer],
                            "reviewer": name_of_reviewer(call, reviews[sheet.reviewer].reviewer_id),
                            "scores": {str(key): halves for key, halves in sheet.scores.items()},
                            "reasons": lengths[sheet.reviewer],
                        }
                        for sheet in items[row.pk].sheets
                    ), key=lambda review: str(review["id"]),
                ),
            }
            for row in sorted(field, key=lambda row: str(row.reference))
        ],
    }  # fmt: skip


def budget_of(call: Call, field: list[Proposal]) -> int:
    """Return the chhetrum for which the field competes: what is left on the line, and what it holds already."""
    line = call.budget_line
    if line is None:
        return 0
    held = case_totals(line.entries.filter(case__in=[row.case for row in field]))
    own = held["committed"] - held["released"] - held["refunded"]
    return max(0, line.available + own)


def costs_of(field: list[Proposal]) -> dict[int, int]:
    """Return proposal pk -> what its newest version asks for, in chhetrum."""
    versions = Version.objects.filter(proposal__in=field).order_by("number")
    return {version.proposal_id: int(version.facts["requested"]) for version in versions}  # the newest last


def name_of_review(review: Review) -> str:
    """Return the pseudonym of a review."""
    return f"review-{shuffled(review)[:12]}"


def name_of_reviewer(call: Call, reviewer: int) -> str:
    """Return the pseudonym of a reviewer, the same within a call and another in each."""
    return (
        f"reviewer-{hmac.digest(settings.SECRET_KEY.encode(), f'{call.pk}:{reviewer}'.encode(), 'sha256').hex()[:12]}"
    )


def _order(reviews: list[Review]) -> dict[str, int]:
    """Return review pk -> its number among those of its reviewer, in the order of handing in."""
    counts: dict[int, int] = defaultdict(int)
    found = {}
    for row in sorted(reviews, key=lambda row: (row.submitted_at is None, row.submitted_at, row.pk)):
        counts[row.reviewer_id] += 1
        found[str(row.pk)] = counts[row.reviewer_id]
    return found


def _lengths(reviews: list[str]) -> dict[str, dict[str, int]]:
    """Return review pk -> criterion -> characters of the reason."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = Score.objects.filter(review_id__in=map(int, reviews)).annotate(characters=Length(Trim("reason")))
    for review, criterion, characters in rows.values_list("review", "criterion", "characters"):
        found[str(review)][str(criterion)] = characters
    return found
