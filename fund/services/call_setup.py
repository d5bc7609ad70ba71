"""Filling a call in preparation, task by task. Everything here needs a draft; the database refuses the rest."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import Max

from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import User

from .. import set_up
from ..enums import CallState, CallTask, QuestionKind, Stage
from ..models import Call, CallSector, Criterion, Question
from ..policies import may_set_up

COLUMNS = {
    CallTask.BASICS: (
        "title", "purpose", "who_can_apply", "leads_regular", "leads_contract", "leads_deputed", "have_ready",
        "minutes_needed",
    ),
    CallTask.MONEY: (
        "ceiling", "length_weeks", "reviews_needed", "least_halves", "least_total", "answer_days", "names_hidden",
        "expected", "budget_line",
    ),
    CallTask.DATES: ("opens_at", "closes_at", "kind", "urgent_reason"),
    CallTask.RULES: ("funding_rule", "lots_rule", "quorum", "reserve_months"),
}  # fmt: skip
HELD = (
    "kind", "text", "help_text", "required", "hidden", "limit", "choices", "columns", "shown_if_id", "shown_value",
)  # fmt: skip


class Clash(Exception):
    """Somebody saved this part of the call after it was opened; nothing was written."""


def print_of(call: Call, task: str) -> str:
    """Return a fingerprint of what one task holds, by which a save knows what its writer saw."""
    held: list[Any] = [[name, str(getattr(call, name))] for name in COLUMNS.get(CallTask(task), ())]
    if task == CallTask.BASICS:
        held.append(["sectors", list(call.sectors.order_by("sector").values_list("sector", flat=True))])
    if task == CallTask.CRITERIA:
        held += list(Criterion.objects.filter(call=call).values_list("position", "name", "weight", "anchors"))
    return hashlib.sha256(trail.canonical(held).encode()).hexdigest()


def print_of_question(question: Question) -> str:
    """Return the fingerprint of one question; its place in the list apart."""
    held = [str(getattr(question, name)) for name in HELD]
    return hashlib.sha256(trail.canonical(held).encode()).hexdigest()


@contextmanager
def _draft(call: Call, by: User) -> Iterator[Call]:
    """Lock the call and yield it fresh; NotPossible unless it is a draft and `by` prepares calls."""
    with locked([call]):
        fresh = Call.objects.get(pk=call.pk)
        if not may_set_up(fresh, by):
            raise NotPossible("Only the secretariat prepares calls.", forbidden=True)
        if fresh.state != CallState.DRAFT:
            raise NotPossible("Only a call that is being prepared can be changed. Take it back first.")
        yield fresh


def save_task(
    call: Call, *, by: User, task: CallTask, values: dict[str, Any], done: bool, seen: str | None = None
) -> Call:
    """Save the columns of one task and, with `done`, mark it as completed.

    NotPossible when the task is to be completed and still misses something: nothing is saved then. Clash when `seen`
    is given and the task holds something else by now.
    """
    with _draft(call, by) as fresh:
        _refuse_clash(seen, print_of(fresh, task))
        before = trail.picture(fresh)
        for name in COLUMNS.get(task, ()):
            setattr(fresh, name, values[name])
        fresh.save()
        changes = trail.difference(before, trail.picture(fresh))
        if task == CallTask.BASICS:
            changes |= _set_sectors(fresh, values.get("sectors", []))
        if changes:
            trail.record(fresh, action=f"set_{task}", by=by, changes=changes)
        return mark(fresh, task, done)


def _refuse_clash(seen: str | None, now: str) -> None:
    if seen is not None and seen != now:
        raise Clash


def _set_sectors(call: Call, wanted: Sequence[str]) -> dict[str, Any]:
    before = list(call.sectors.values_list("sector", flat=True))
    if before == sorted(wanted):
        return {}
    call.sectors.all().delete()
    CallSector.objects.bulk_create(CallSector(call=call, sector=sector) for sector in sorted(wanted))
    return {"sectors": [before, sorted(wanted)]}


def mark(call: Call, task: CallTask, done: bool) -> Call:
    """Mark a task as completed or not; call with the call locked. NotPossible while something is missing."""
    missing = set_up.problems_in(call, task)
    if done and missing:
        raise NotPossible(missing[0])
    others = [key for key in call.tasks_done if key != task]
    call.tasks_done = [*others, task] if done else others
    call.save(update_fields=["tasks_done"])
    return call


def save_criteria(call: Call, *, by: User, rows: Sequence[dict[str, Any]], done: bool, seen: str | None = None) -> Call:
    """Replace the criteria by `rows` (name, weight in percent, six anchors each), in their order; Clash as above."""
    with _draft(call, by) as fresh:
        _refuse_clash(seen, print_of(fresh, CallTask.CRITERIA))
        before = list(fresh.criteria.values_list("name", "weight", "anchors"))
        fresh.criteria.all().delete()
        for place, row in enumerate(rows, start=1):
            Criterion.objects.create(call=fresh, position=place, **row)
        after = list(fresh.criteria.values_list("name", "weight", "anchors"))
        if after != before:
            trail.record(fresh, action="set_criteria", by=by, changes={"criteria": [before, after]})
        return mark(fresh, CallTask.CRITERIA, done)


def save_question(
    call: Call, *, by: User, question: Question | None, values: dict[str, Any], seen: str | None = None
) -> Question:
    """Add a question at the end, or change `question`. NotPossible when it would depend on a later one or itself.

    Clash when `seen` is given and the question is another by now.
    """
    with _draft(call, by) as fresh:
        if question is not None:
            question = fresh.questions.filter(pk=question.pk).first()
            if question is None:
                raise NotPossible("Somebody has taken this question out.")
            _refuse_clash(seen, print_of_question(question))
        if question is None:
            last = fresh.questions.aggregate(last=Max("position"))["last"] or 0
            question = Question(call=fresh, position=last + 1)
        if values.get("kind") == QuestionKind.FILE and fresh.stage == Stage.SPARK:
            raise NotPossible("A small idea takes no files. Ask for a text instead.")
        before = values.get("shown_if")
        if before is not None and (before.call_id != fresh.pk or before.position >= question.position):
            raise NotPossible("A question can depend only on an earlier one of this call.")
        for name, value in values.items():
            setattr(question, name, value)
        question.save()
        _record(fresh, by, "question_saved", question)
        return question


def move_question(call: Call, *, by: User, question: Question) -> None:
    """Move a question up by one place. NotPossible when it depends on the one above."""
    with _draft(call, by) as fresh:
        above = fresh.questions.filter(position__lt=question.position).last()
        if above is None:
            raise NotPossible("It is the first question already.")
        if question.shown_if_id == above.pk:
            raise NotPossible("It depends on the question above and must stay below it.")
        here, there = question.position, above.position
        Question.objects.filter(pk=above.pk).update(position=32_000)  # out of the way: places are unique
        Question.objects.filter(pk=question.pk).update(position=there)
        Question.objects.filter(pk=above.pk).update(position=here)
        _record(fresh, by, "question_moved", question)


def remove_question(call: Call, *, by: User, question: Question) -> None:
    """Take a question out. NotPossible while another depends on it."""
    with _draft(call, by) as fresh:
        if question.dependents.exists():
            raise NotPossible("Another question depends on this one. Change that first.")
        _record(fresh, by, "question_removed", question)
        question.delete()


def _record(call: Call, by: User, action: str, question: Question) -> None:
    trail.record(call, action=action, by=by, changes={"question": [None, question.text]})
    mark(call, CallTask.QUESTIONS, False)
