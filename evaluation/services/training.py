"""Scoring the invented example before the first review of a year: kept once, compared, and it moves nothing."""

from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import User

from ..example import CRITERIA
from ..models import ExampleScored
from .knowing import is_reviewer


def scored_by(person: User) -> ExampleScored | None:
    """Return this year's scores of the person, or None."""
    return ExampleScored.objects.filter(person=person, year=clock.today().year).first()


def score(*, by: User, scores: dict[str, int]) -> ExampleScored:
    """Keep the scores of the example in half points. NotPossible for who reviews nothing, or a second time."""
    if not is_reviewer(None, by):
        raise NotPossible("Only reviewers score the example.", forbidden=True)
    if set(scores) != {row.key for row in CRITERIA}:
        raise NotPossible("Score every criterion.")
    row, made = ExampleScored.objects.get_or_create(
        person=by, year=clock.today().year, defaults={"scores": scores, "at": clock.now()}
    )
    if not made:
        raise NotPossible("You have scored the example this year.")
    return row
