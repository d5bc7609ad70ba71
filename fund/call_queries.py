"""Reads of calls beyond `.get`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.utils import timezone

from lifecycle import clock, trail
from lifecycle.remembering import remembered
from people.enums import Role
from people.models import User
from people.services.calendar import add_business_days
from people.waiting import Waiting, as_part

from .enums import HIDDEN, CallKind, CallState
from .models import Call, Extension
from .models.call import closing

# What the trail of a call says on a page
WORDS = {
    "call_added": "began the set-up", "call_copied": "copied a past call", "hand_over": "handed it over to the head",
    "give_back": "returned it for changes", "recall": "took it back", "approve": "approved it",
    "declare_urgent": "declared it urgent", "extended": "gave more time", "cancel": "cancelled it",
    "set_end": "closed the rolling call", "judge": "began the judging", "settle_decisions": "said that all is decided",
    "settle": "settled it", "set_basics": "changed what the call is for", "set_money": "changed stage and money",
    "set_dates": "changed the dates", "set_rules": "changed how money is shared out",
    "set_criteria": "changed the criteria", "question_saved": "saved a question",
    "question_moved": "moved a question", "question_removed": "took a question out",
    "set_questions": "changed the call's own questions", "lots_committed": "published the seal of the draw of lots",
    "lots_frozen": "froze the list for the draw of lots", "lots_first_value": "entered the public value of the draw",
    "lots_values_differ": "entered another public value; both were cleared", "lots_drawn": "drew the lots",
    "lots_renewed": "began a new draw of lots, as lots now decide between others",
    "judging_exported": "asked for a file of the judging",
    "begin_practice": "began the practice", "close_practice": "closed the practice",
    "panel_named": "made names of the panel known", "all_asked": "asked the reviewers of the call",
}  # fmt: skip
ENDED = (CallState.SETTLED, CallState.CANCELLED)
STATES = [("open", "Open"), ("later", "Opens later"), ("over", "Closed")]


def own_extension(call: Call, user: Any) -> Extension | None:
    """Return the time that the person was given beyond the end for all, or None."""
    given = call.extensions.filter(person=user).order_by("until").last()
    return given if given is not None and call.ends_at is not None and given.until > call.ends_at else None


def listed(user: Any, *, words: str = "", stage: str = "", state: str = "", sector: str = "") -> QuerySet[Call]:
    """Return visible calls: open ones first by their end, then later ones, then the rest, latest first."""
    found = Call.objects.real().visible_to(user)
    if words:
        found = found.filter(title__icontains=words) | found.filter(purpose__icontains=words)
    if stage:
        found = found.filter(stage=stage)
    if sector:
        found = found.open_to(sector)
    narrowed = {"open": found.open_now, "later": found.opening_later, "over": found.over}
    found = narrowed[state]() if state in narrowed else found
    now = clock.now()
    turn = Case(
        When(state__in=HIDDEN, then=Value(2)),
        When(state=CallState.APPROVED, opens_at__gt=now, then=Value(1)),
        When(state=CallState.APPROVED, ends=None, then=Value(0)),
        When(state=CallState.APPROVED, ends__gt=now, then=Value(0)),
        default=Value(3), output_field=IntegerField(),
    )  # fmt: skip
    rows = found.annotate(ends=closing()).annotate(turn=turn).annotate(soon=Case(When(turn__lt=3, then=F("ends"))))
    return rows.order_by("turn", F("soon").asc(nulls_last=True), F("ends").desc(nulls_last=True), "pk")


@dataclass(frozen=True)
class Saved:
    """Who saved a part of a call, and when."""

    edited_by: User
    edited_at: datetime


def last_save(call: Call, *actions: str) -> Saved:
    """Return the newest save of a part that was saved, by the actions of its trail."""
    entry = trail.entries_of(call).filter(action__in=actions)[0]
    return Saved(User.objects.get(pk=entry.actor_id or 0), entry.at)


def countdown(call: Call) -> str:
    """Return in words how long the call is still open, or when it opens; empty when it is over."""
    if call.opens_later:
        return f"Opens in {_long(call.opens_at - clock.now())}"
    if call.is_open and call.ends_at is not None:
        return f"Still open for {_long(call.ends_at - clock.now())}"
    return ""


def _long(span: timedelta) -> str:
    hours = int(span.total_seconds()) // 3600
    if hours >= 48:
        return f"{hours // 24} days"
    if hours >= 1:
        return f"{hours} {'hour' if hours == 1 else 'hours'}"
    minutes = max(1, int(span.total_seconds()) // 60)
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"


def answer_by(call: Call, arrived: date | None = None) -> date | None:
    """Return the day by which applicants have their answer, given the day on which their proposal arrived.

    A dated call is judged as one, so its business days begin at the end. In a rolling call each proposal counts from
    its own arrival: None without one.
    """
    first = arrived
    if call.kind != CallKind.ROLLING and call.ends_at is not None:
        last = timezone.localtime(call.ends_at - timedelta(seconds=1)).date()
        first = max(last, arrived or last)
    return add_business_days(first, call.answer_days) if first else None


@remembered
def going_on() -> list[Call]:
    """Return every call that is not over, the first to close last, for pages that look at all of them; one query."""
    over = (CallState.CANCELLED, CallState.DECIDED, CallState.SETTLED)
    return list(Call.objects.real().exclude(state__in=over))


def practices_for(user: Any) -> QuerySet[Call]:
    """Return the practice calls that go on and that the user may see, the newest first."""
    found = Call.objects.visible_to(user).filter(practice_of__isnull=False).exclude(state__in=ENDED)
    return found.select_related("practice_of").order_by("-pk")


def waiting_for(user: User, roles: set[str]) -> list[Waiting]:
    """Return what waits for the person, who holds `roles`, in the set-up of calls."""
    rows: list[Waiting] = []
    if Role.SECRETARIAT in roles:
        drafts = [call for call in going_on() if call.state == CallState.DRAFT]
        found = [Waiting(f"Go on preparing “{c.title}”", "", f"/calls/{c.reference}/set-up/", _day(c)) for c in drafts]
        rows += as_part(Role.SECRETARIAT.label, found)
    if Role.HEAD in roles:
        handed = [c for c in going_on() if c.state == CallState.HANDED_OVER and c.created_by_id != user.pk]
        rows += [
            Waiting(f"Approve the call “{c.title}”?", "", f"/calls/{c.reference}/people/", _day(c), Role.HEAD.label)
            for c in handed
        ]
    if Role.BOARD in roles:
        waiting = [c for c in going_on() if c.state == CallState.HANDED_OVER and c.declared_by_id is None]
        urgent = [call for call in waiting if call.kind == CallKind.URGENT]
        rows += [Waiting(f"Is the call “{c.title}” urgent?", "", c.get_absolute_url(), part=Role.BOARD.label)
                 for c in urgent]  # fmt: skip
    return rows


def _day(call: Call) -> date:
    return timezone.localtime(call.opens_at).date()
