"""Evaluations: inputs gathered with source and date, the answer stored so that it re-runs to the same bytes."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from people.models import User

from ..models import EligibilityRun, RecordHolder
from ..policies import may_evaluate
from ..rules import facts as inputs
from ..rules.eligibility import Evaluation, evaluate, to_json, without_numbers
from .facts import facts_for, facts_of
from .points_policy import PolicyOn, policy_for_checking, policy_on

BATCH = 500  # people evaluated in one transaction


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
    return evaluate_many([person], by=by, day=day, version=policy_for_checking(day))[0]


def evaluate_many(people: Sequence[User], *, by: User, day: date, version: PolicyOn) -> list[EligibilityRun]:
    """Evaluate people in one transaction; the same number of queries for any number. Whoever calls checks who may."""
    known, now = facts_for(people, day), clock.now()
    found = [evaluate(version.rules, known[person.pk], day) for person in people]
    results = list(map(to_json, found))
    with transaction.atomic():
        rows = EligibilityRun.objects.bulk_create(
            EligibilityRun(
                person=person, day=day, policy=version.row, inputs=inputs.to_json(known[person.pk]), result=result,
                sha256=digest(result), by=by, at=now,
            )
            for person, result in zip(people, results, strict=True)
        )  # fmt: skip
        trail.record_many([(row, {}) for row in rows], action="eligibility_run", by=by)
        _note(people, rows, found)
    return rows


def _note(people: Sequence[User], rows: Sequence[EligibilityRun], found: Sequence[Evaluation]) -> None:
    """Show the newest answers on HR's lists."""
    held = RecordHolder.objects.in_bulk([person.pk for person in people])
    changed = []
    for row, evaluation in zip(rows, found, strict=True):
        holder = held.get(row.person_id)
        if holder is not None:
            holder.run, holder.answer = row, evaluation.result
            holder.marks = [[rule.label, rule.mark] for rule in without_numbers(evaluation).rules]
            changed.append(holder)
    RecordHolder.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["person"], update_fields=["run", "answer", "marks"]
    )


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
