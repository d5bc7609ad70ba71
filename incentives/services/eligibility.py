"""Evaluations: inputs gathered with source and date, the answer stored so that it re-runs to the same bytes."""

import hashlib
import json
from datetime import date

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import EmploymentSnapshot, User

from ..enums import NominationState
from ..models import EligibilityRun, Nomination, Outcome, PointEvent
from ..policies import may_evaluate
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
    """Return what is known on `day`, from the register's entry of that day.

    Ratings, integrity cases, sanctions and clearances have no source yet: not known. A nomination is known as it
    stands today, so that for an earlier day it is not known either.
    """
    post = EmploymentSnapshot.objects.filter(person=person, as_of__lte=day).first()
    cases = PointEvent.objects.filter(person=person).values("case")
    adopted = Outcome.objects.filter(case__in=cases, use_confirmed_at__date__lte=day).count()
    nominated = Nomination.objects.filter(person=person, state__in=STANDS).exists()
    own = {
        "adopted_elsewhere": Fact(adopted, OWN_RECORD, day),
        "nominated": Fact(nominated, OWN_RECORD, clock.today()),
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
    """Evaluate under the policy in force on `day` (default today) and store inputs and answer.

    NotPossible for a day to come, and unless `by` is an HR officer of the person's agency or of the RCSC.
    """
    day = day or clock.today()
    if not may_evaluate(person, by):
        raise NotPossible("Only HR of the person's agency and the RCSC check the rules.", forbidden=True)
    if day > clock.today():
        raise NotPossible("Choose today or an earlier day.")
    version, facts = policy_on(day), facts_of(person, day)
    result = to_json(evaluate(version.rules, facts, day))
    row = EligibilityRun.objects.create(
        person=person, day=day, policy=version.row, inputs=inputs.to_json(facts), result=result,
        sha256=digest(result), by=by, at=clock.now(),
    )  # fmt: skip
    trail.record(row, action="eligibility_run", by=by)
    return row


def faults_of(row: EligibilityRun) -> list[str]:
    """Return what no longer holds of a stored evaluation: its policy's digest, its own, or the answer run again."""
    found = []
    if digest(row.policy.data) != row.policy.sha256:
        found.append("the policy is not the one that was approved")
    if digest(row.result) != row.sha256:
        found.append("the stored answer was altered")
    if again(row) != row.result:
        found.append("gives another answer")
    return found


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def again(row: EligibilityRun) -> str:
    """Return the result of a stored evaluation run again from its stored inputs and policy."""
    return to_json(evaluate(row.policy.rules, inputs.from_text(json.loads(row.inputs)), row.day))


def evaluation_of(row: EligibilityRun) -> Evaluation:
    """Return a stored evaluation as an object."""
    return evaluate(row.policy.rules, inputs.from_text(json.loads(row.inputs)), row.day)
