"""Writing calls."""

from datetime import datetime
from typing import Any

from django.db import transaction

from lifecycle import trail
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds

from ..enums import Stage
from ..models import Call, Criterion

# The five criteria of Explore and above: name and weight in percent.
STANDARD_CRITERIA = (
    ("Public value and user need", 30),
    ("Learning value: hypothesis, measure, stop rules", 20),
    ("Feasibility and team", 20),
    ("Cross-agency reach and replicability", 15),
    ("Co-production and inclusion", 15),
)
SPARK_CRITERIA = (("Is it worth trying?", 34), ("Can it teach us something?", 33), ("Can it be done?", 33))
STANDARD_ANCHORS = (
    "Nothing is said about it.",
    "Claims without evidence.",
    "Some evidence, with large gaps.",
    "Convincing in the main; gaps are named.",
    "Strong evidence; small open points.",
    "As good as could be expected at this stage.",
)


def add_call(*, by: User, opens_at: datetime, closes_at: datetime, **fields: Any) -> Call:
    """Prepare a call with the standard criteria of its stage. NotPossible unless `by` is of the secretariat."""
    if not holds(Role.SECRETARIAT)(None, by):
        raise NotPossible("Only the secretariat prepares calls.", forbidden=True)
    with transaction.atomic():
        criteria = SPARK_CRITERIA if fields.get("stage") == Stage.SPARK else STANDARD_CRITERIA
        call = Call.objects.create(created_by=by, opens_at=opens_at, closes_at=closes_at, **fields)
        Criterion.objects.bulk_create(
            Criterion(call=call, position=place, name=name, weight=weight, anchors=list(STANDARD_ANCHORS))
            for place, (name, weight) in enumerate(criteria, start=1)
        )
        trail.record(call, action="call_added", by=by)
    return call
