"""Evaluations: inputs gathered with source and date, the answer stored so that it re-runs to the same bytes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.models import TrailPayload, TrailStream
from people.models import User

from ..models import EligibilityRun, RecordHolder
from ..policies import may_evaluate
from ..rules import facts as inputs
from ..rules.eligibility import Evaluation, evaluate, to_json, without_numbers
from .facts import facts_for, facts_of
from .points_policy import PolicyOn, policy_for_checking, policy_on

BATCH = 500  # people evaluated in one transaction
RAN, SAID = "eligibility_run", "fingerprint"  # the action in the trail, and what it says


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
        told = [(row, {SAID: ["", fingerprint(row)]}) for row in rows]
        trail.record_many(told, action=RAN, by=by)
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


def fingerprint(row: EligibilityRun) -> str:
    """Return one digest over all that an evaluation says, which the trail keeps."""
    said = [row.person_id, row.day.isoformat(), row.policy.sha256, row.inputs, row.result, row.by_id]
    return digest(json.dumps(said))


def fingerprints(pks: Iterable[int]) -> dict[int, str]:
    """Return evaluation -> what the trail says of it; one query."""
    keys = {f"{EligibilityRun._meta.label}:{pk}": pk for pk in pks}
    rows = TrailPayload.objects.filter(entry__stream__key__in=keys, entry__action=RAN).exclude(text="")
    return {
        keys[key]: json.loads(text)["changes"][SAID][1] for key, text in rows.values_list("entry__stream__key", "text")
    }


def removed() -> list[int]:
    """Return the evaluations of which the trail tells, and which are no longer there."""
    label = f"{EligibilityRun._meta.label}:"
    told = TrailStream.objects.filter(key__startswith=label).values_list("key", flat=True)
    here = set(EligibilityRun.objects.values_list("pk", flat=True))
    return sorted({int(key.removeprefix(label)) for key in told} - here)


def faults_of(row: EligibilityRun, told: str | None = None) -> list[str]:
    """Return what no longer holds of a stored evaluation: its policy's digest, its own, the trail's, the answer."""
    found = []
    if (fingerprints([row.pk]).get(row.pk) if told is None else told) != fingerprint(row):
        found.append("the trail tells another evaluation")
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
