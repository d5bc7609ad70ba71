"""Evaluations: inputs gathered with source and date, the answer stored so that it re-runs to the same bytes."""

import hashlib
import json
from datetime import date

from lifecycle import clock, trail
from people.models import User
from people.queries import snapshot_of

from ..enums import NominationState
from ..models import EligibilityRun, Nomination, Outcome, PointEvent
from ..rules import facts as inputs
from ..rules.eligibility import Evaluation, evaluate, to_json
from ..rules.facts import Fact, Facts
from .points import events_of
from .points_policy import policy_on

OWN_RECORD = "Innovation Fund"
STANDS = (
    NominationState.SUBMITTED, NominationState.HRC_REVIEW, NominationState.ENDORSED, NominationState.DEFERRED,
    NominationState.FORWARDED,
)  # fmt: skip


def facts_of(person: User, day: date) -> Facts:
    """Return what is known. Ratings, integrity cases, sanctions and clearances have no source yet: not known."""
    post = snapshot_of(person)
    cases = PointEvent.objects.filter(person=person).values("case")
    adopted = Outcome.objects.filter(case__in=cases, use_confirmed_at__isnull=False).count()
    nominated = Nomination.objects.filter(person=person, state__in=STANDS).exists()
    own = {
        "adopted_elsewhere": Fact(adopted, OWN_RECORD, day),
        "nominated": Fact(nominated, OWN_RECORD, day),
        "events": events_of(person),
    }
    if post is None:
        return Facts(**own)  # type: ignore[arg-type]
    return Facts(
        employment_type=Fact(post.employment_type, post.source, post.as_of),
        in_service=Fact(person.is_active, post.source, post.as_of),
        level=Fact(post.level, post.source, post.as_of),
        level_since=Fact(post.level_since, post.source, post.as_of),
        **own,  # type: ignore[arg-type]
    )


def look(person: User, day: date) -> Evaluation:
    """Return the evaluation of a day without storing it, for the person's own page."""
    return evaluate(policy_on(day).rules, facts_of(person, day), day)


def run(*, by: User, person: User, day: date | None = None) -> EligibilityRun:
    """Evaluate under the policy in force on `day` (default today) and store inputs and answer."""
    day = day or clock.today()
    version, facts = policy_on(day), facts_of(person, day)
    result = to_json(evaluate(version.rules, facts, day))
    row = EligibilityRun.objects.create(
        person=person, day=day, policy=version.row, inputs=inputs.to_json(facts), result=result,
        sha256=hashlib.sha256(result.encode()).hexdigest(), by=by, at=clock.now(),
    )  # fmt: skip
    trail.record(row, action="eligibility_run", by=by)
    return row


def again(row: EligibilityRun) -> str:
    """Return the result of a stored evaluation run again from its stored inputs and policy."""
    return to_json(evaluate(row.policy.rules, inputs.from_text(json.loads(row.inputs)), row.day))


def evaluation_of(row: EligibilityRun) -> Evaluation:
    """Return a stored evaluation as an object."""
    return evaluate(row.policy.rules, inputs.from_text(json.loads(row.inputs)), row.day)
