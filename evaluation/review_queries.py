"""What a reviewer sees of the own reviews: which is next, how one scored elsewhere, and what was handed in before."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When

from proposals.history import Piece, compare
from proposals.lane import is_practice

from .enums import OPEN, VALID, WRITING, ReviewState
from .models import Review, Score
from .queries import STILL_OPEN, criteria_of

LEFT_OUT = "na"  # how a form says that a criterion does not apply


def next_for(review: Review) -> Review | None:
    """Return the reviewer's own open review of the least-reviewed proposal; those not begun come first among equals."""
    own = Review.objects.visible_to(review.reviewer).of_practice(is_practice(review.proposal))
    found = own.filter(reviewer=review.reviewer, state__in=OPEN, proposal__state__in=STILL_OPEN).exclude(pk=review.pk)
    begun = Case(When(state=ReviewState.IN_PROGRESS, then=Value(1)), default=Value(0), output_field=IntegerField())
    so_far = Count("proposal__reviews", filter=Q(proposal__reviews__state__in=VALID))
    return found.annotate(so_far=so_far, begun=begun).order_by("so_far", "begun", "pk").first()


@dataclass(frozen=True)
class OwnRow:
    """One's own scores on another proposal, in the order of the criteria; an empty text where none stands yet."""

    subject: str
    done: bool
    scores: list[str]


def own_elsewhere(review: Review) -> list[OwnRow]:
    """Return how the reviewer scored the other proposals of the call; own scores only."""
    own = Review.objects.visible_to(review.reviewer).filter(reviewer=review.reviewer, state__in=(*WRITING, *VALID))
    rows = own.filter(proposal__call=review.proposal.call_id, scores__isnull=False).exclude(pk=review.pk).distinct()
    found = rows.select_related("proposal__call").prefetch_related("scores").order_by("pk")
    keys = [criterion.pk for criterion in criteria_of(review.proposal.call)]  # type: ignore[arg-type]
    return [OwnRow(row.subject, row.state in VALID, _in_order(keys, row)) for row in found]


def _in_order(keys: list[int], review: Review) -> list[str]:
    given = {score.criterion_id: score.points.removesuffix(" of 5").lower() for score in review.scores.all()}
    return [given.get(key, "") for key in keys]


def answers_of(review: Review) -> dict[str, str]:
    """Return what is stored, as the form's fields name it."""
    said = {"strength": review.strength, "weakness": review.weakness, "change": review.change, "chance": review.chance}
    said |= {f"reason_{key}": reason for key, reason in review.unscored.items()}
    for score in review.scores.all():
        said |= {f"score_{score.criterion_id}": _choice(score), f"reason_{score.criterion_id}": score.reason}
    return said


def _choice(score: Score) -> str:
    return LEFT_OUT if score.not_applicable else str(score.halves)


@dataclass(frozen=True)
class HandedIn:
    """One version of a review: the whole of the first, and what each later one changed."""

    number: int
    at: Any
    rows: list[list[str]]
    changed: list["Changed"]


@dataclass(frozen=True)
class Changed:
    """One answer that changed, word by word."""

    label: str
    pieces: list[Piece]


def handed_in(review: Review) -> list[HandedIn]:
    """Return every version that was handed in, oldest first."""
    versions = list(review.versions.all())
    before = [versions[0], *versions] if versions else []
    return [
        HandedIn(new.number, new.at, new.content, _changed(old.content, new.content))
        for old, new in zip(before, versions, strict=False)
    ]


def _changed(old: list[list[str]], new: list[list[str]]) -> list[Changed]:
    """Compare line by line: the criteria of a call never change once it is open."""
    pairs = zip(old, new, strict=True)
    return [Changed(label, compare(was, now)) for (_, was), (label, now) in pairs if was != now]
