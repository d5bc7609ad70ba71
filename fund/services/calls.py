"""Preparing calls, and their way from the draft to the approval."""

import hashlib
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.acts import act
from lifecycle.errors import NotPossible
from lifecycle.performing import changing, perform
from people.enums import Role
from people.models import RoleGrant, User
from people.policies import in_force
from people.services.accounts import system_user
from people.services.notify import notify

from .. import set_up
from ..enums import CallKind, CallTask, Stage
from ..models import Call, CallSector, CallVersion, Criterion, Question
from ..people_check import shortages_of
from ..policies import may_set_up
from ..stage_defaults import STAGES, STANDARD_ANCHORS, URGENT_ANSWER_DAYS, URGENT_REVIEWS, WORDING

NOTICE_DAYS = 14  # between closing a rolling call and its end, so that nobody loses a draft overnight
COPIED = (
    "purpose", "who_can_apply", "leads_regular", "leads_contract", "leads_deputed", "have_ready", "minutes_needed",
    "ceiling", "length_weeks", "reviews_needed", "least_halves", "least_total", "answer_days", "names_hidden",
    "expected", "funding_rule", "lots_rule", "quorum", "reserve_months",
)  # fmt: skip
QUESTION = ("position", "kind", "text", "help_text", "required", "hidden", "limit", "choices", "columns", "shown_value")


def _refuse_others(by: User) -> None:
    if not may_set_up(None, by):
        raise NotPossible("Only the secretariat prepares calls.", forbidden=True)


def night_of(days: int) -> datetime:
    """Return the midnight in the country's time that ends the day `days` from today."""
    day = clock.today() + timedelta(days=days + 1)
    return datetime.combine(day, time(0), timezone.get_default_timezone())


def add_call(*, by: User, opens_at: datetime, closes_at: datetime | None, stage: str, **fields: Any) -> Call:
    """Prepare a whole call from values: what is not given comes from the stage, with its standard criteria.

    Every task counts as completed; `hand_over` still checks. NotPossible unless `by` is of the secretariat.
    """
    _refuse_others(by)
    defaults = STAGES[Stage(stage)]
    values = (
        defaults.columns() | WORDING | _urgent(fields.get("kind", "")) | fields | {"tasks_done": list(CallTask.values)}
    )
    with transaction.atomic():
        call = Call.objects.create(created_by=by, opens_at=opens_at, closes_at=closes_at, stage=stage, **values)
        for place, (name, weight) in enumerate(defaults.criteria, start=1):
            Criterion.objects.create(
                call=call, position=place, name=name, weight=weight, anchors=list(STANDARD_ANCHORS)
            )
        trail.record(call, action="call_added", by=by)
    return call


def _urgent(kind: str) -> dict[str, Any]:
    if kind != CallKind.URGENT:
        return {}
    return {"reviews_needed": URGENT_REVIEWS, "answer_days": URGENT_ANSWER_DAYS}


def begin_once(mark: UUID | None, *, by: User, begin: Callable[[], Call]) -> Call:
    """Return the call that the opened page `mark` has begun already, else begin it; also at two presses at once."""
    before = Call.objects.filter(created_by=by, begun_as=mark).exclude(begun_as=None)
    try:
        return before.first() or begin()
    except NotPossible:
        found = before.first()
        if found is None:
            raise
        return found


def start_call(*, by: User, reference: str, title: str, stage: str, kind: str, mark: UUID | None = None) -> Call:
    """Begin a set-up with the stage's defaults, to open in two weeks; no task is completed yet.

    `mark` names the opened page: NotPossible when it has begun a call, or the reference is taken.
    """
    ends = None if kind == CallKind.ROLLING else night_of(44)
    try:
        with transaction.atomic():
            call = add_call(
                by=by, reference=reference, title=title, stage=stage, kind=kind, opens_at=night_of(13), closes_at=ends,
                begun_as=mark,
            )  # fmt: skip
            Call.objects.filter(pk=call.pk).update(tasks_done=[])
    except IntegrityError:
        raise NotPossible(f"There is already a call with the reference “{reference}”.") from None
    return Call.objects.get(pk=call.pk)


def copy_call(past: Call, *, by: User, reference: str, title: str, mark: UUID | None = None) -> Call:
    """Begin a set-up with all of a past call but its dates, its budget line and who decided; nothing is completed."""
    with transaction.atomic():
        call = start_call(by=by, reference=reference, title=title, stage=past.stage, kind=past.kind, mark=mark)
        Call.objects.filter(pk=call.pk).update(**{name: getattr(past, name) for name in COPIED})
        call.criteria.all().delete()
        _copy_parts(past, call)
        trail.record(call, action="call_copied", by=by, changes={"from": [None, past.reference]})
    return Call.objects.get(pk=call.pk)


def _copy_parts(past: Call, call: Call) -> None:
    """Copy criteria, questions and sectors into a call that has none."""
    for row in past.criteria.all():
        values = {"position": row.position, "name": row.name, "weight": row.weight, "anchors": row.anchors}
        Criterion.objects.create(call=call, **values)
    made: dict[int, Question] = {}
    for question in past.questions.all():
        before = made.get(question.shown_if_id or 0)
        values = {name: getattr(question, name) for name in QUESTION}
        made[question.pk] = Question.objects.create(call=call, shown_if=before, **values)
    for sector in past.sectors.values_list("sector", flat=True):
        CallSector.objects.create(call=call, sector=sector)


def practise(call: Call, *, by: User) -> Call:
    """Make a practice call with the same criteria, questions and rules, in which the judging can begin at once.

    It is closed for applicants and has no proposals yet. NotPossible unless `by` is of the secretariat, for a call
    without whole criteria or budget line, and for a practice call.
    """
    _refuse_others(by)
    if call.is_practice:
        raise NotPossible("This is a practice call itself. Make another from the call that it practises.")
    missing = set_up.problems_in(call, CallTask.CRITERIA)
    if call.budget_line is None or missing:
        raise NotPossible(set_up.NO_LINE if call.budget_line is None else missing[0])
    number = Call.objects.exclude(practice_of=None).count() + 1
    rolling = call.kind == CallKind.ROLLING
    try:
        with transaction.atomic():
            made = Call.objects.create(
                **{name: getattr(call, name) for name in COPIED}, reference=f"practice-{number}", stage=call.stage,
                title=f"Practice: {call.title}"[:150], kind=CallKind.ROLLING if rolling else CallKind.DATED,
                opens_at=night_of(-3), closes_at=None if rolling else night_of(-2), budget_line=call.budget_line,
                practice_of=call, created_by=system_user(), approved_by=by,
            )  # fmt: skip
    except IntegrityError:
        raise NotPossible("Somebody is making a practice call at this moment. Try again.") from None
    _copy_parts(call, made)
    return perform(made, "begin_practice", by=by)


@act
def hand_over(call: Call, *, by: User, note: str = "") -> Call:
    """Freeze a version and ask the heads to approve it. Side effects: a version, a message to each head."""
    with changing(call, "hand_over") as fresh:
        for task in CallTask:
            missing = set_up.problems_in(fresh, task)
            if missing:
                raise NotPossible(missing[0])
        fresh = perform(fresh, "hand_over", by=by, note=note)
        version = _freeze(fresh, by)
        body = f"{by.full_name} hands over the call “{fresh.title}”, version {version.number}."
        roles = (Role.HEAD, Role.BOARD) if fresh.kind == CallKind.URGENT else (Role.HEAD,)
        _tell(fresh, roles, f"v{version.number}:{clock.now().timestamp()}", "A call waits for your approval", body)
        return fresh


def _freeze(call: Call, by: User) -> CallVersion:
    content = trail.canonical(set_up.facts_of(call))
    digest = hashlib.sha256(content.encode()).hexdigest()
    newest = call.versions.last()
    if newest is not None and newest.sha256 == digest:
        return newest
    return CallVersion.objects.create(
        call=call, number=(newest.number if newest else 0) + 1, content=content, sha256=digest, frozen_by=by,
        frozen_at=clock.now(),
    )  # fmt: skip


def _tell(call: Call, roles: tuple[Role, ...], key: str, subject: str, body: str) -> None:
    grants = RoleGrant.objects.filter(in_force(), role__in=roles).exclude(person=call.created_by_id)
    people = User.objects.filter(pk__in=grants.values("person"))
    for person in people:
        notify(
            person=person, key=f"call:{call.pk}:{key}:{person.pk}", subject=subject, body=body,
            path=f"/calls/{call.reference}/",
        )  # fmt: skip


@act
def give_back(call: Call, *, by: User, note: str = "") -> Call:
    """Return it to the secretariat with the reason in `note`, which its author is told."""
    with changing(call, "give_back") as fresh:
        fresh = perform(fresh, "give_back", by=by, note=note)
        notify(
            person=fresh.created_by, key=f"call:{fresh.pk}:returned:{clock.now().timestamp()}",
            subject=f"Returned to you: the call “{fresh.title}”", path=f"/calls/{fresh.reference}/set-up/",
            body=f"{by.full_name} returned the call “{fresh.title}” with this reason: {note}",
        )  # fmt: skip
        return fresh


@act
def declare_urgent(call: Call, *, by: User, note: str = "") -> Call:
    """Stand, as one board member, for the reason why the call is urgent."""
    with changing(call, "declare_urgent") as fresh:
        return perform(fresh, "declare_urgent", by=by, note=note, member=by)


@act
def approve(call: Call, *, by: User, note: str = "") -> Call:
    """Approve it; with too few people only with a reason in `note`, which stays with the call."""
    with changing(call, "approve") as fresh:
        short = shortages_of(fresh)
        if short and not note.strip():
            raise NotPossible(f"{short[0]} Say why the call opens anyway.")
        return perform(fresh, "approve", by=by, note=note, approver=by, shortage=note if short else "")


@act
def close(call: Call, *, by: User, note: str = "") -> Call:
    """Give a rolling call its end, two weeks from today at midnight."""
    with changing(call, "set_end") as fresh:
        return perform(fresh, "set_end", by=by, note=note, at=night_of(NOTICE_DAYS))
