"""What the applicants may read of the reviews: only words that the chair has certified, and no reviewer's name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from fund.models import Criterion
from people.models import User
from proposals.models import Proposal

from .guards import sitting_of
from .models import Feedback
from .queries import criteria_of, in_present_sitting


@dataclass(frozen=True)
class Released:
    """The certified feedback: each criterion of the call with the released reasons, then three texts for the whole."""

    criteria: list[tuple[Criterion, list[str]]]
    strength: str
    weakness: str
    change: str
    certified_by: User
    certified_at: datetime


def released_feedback(proposal: Proposal) -> Released | None:
    """Return what the chair certified last in the present sitting, or None.

    It does not ask who reads or whether the batch is out: whoever shows it to the team asks that first.
    """
    rows = proposal.feedback.filter(certified=True, sitting=sitting_of(proposal))
    newest = rows.select_related("by").prefetch_related("reasons").order_by("number").last()
    return None if newest is None or proposal.call is None else as_read(newest, criteria_of(proposal.call))


def as_read(row: Feedback, criteria: list[Criterion]) -> Released:
    """Return a row as the applicants read it; what is left out is not there at all."""
    said = [(reason.criterion_id, reason.text) for reason in row.reasons.all() if reason.text]
    reasons = [(criterion, [text for key, text in said if key == criterion.pk]) for criterion in criteria]
    return Released(reasons, row.strength, row.weakness, row.change, row.by, row.at)


def certified_for() -> Any:
    """Return the condition, in a query of proposals, that certified feedback of the present sitting is there."""
    rows: QuerySet[Feedback] = in_present_sitting(Feedback.objects.filter(proposal=OuterRef("pk"), certified=True))
    return Exists(rows)
