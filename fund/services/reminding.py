"""Reminders of milestones and reports: 7 and 2 days before, 1 day after; 3 business days after, to the offices."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from lifecycle import clock
from people.enums import Role
from people.models import RoleGrant, User
from people.policies import in_force
from people.services.calendar import add_business_days

from ..enums import OPEN_MILESTONES, OPEN_REPORTS, GrantState
from ..limits import ESCALATE_BUSINESS_DAYS, REMIND_AFTER_DAYS, REMIND_DAYS_BEFORE
from ..models import Milestone, Report
from .telling import tell, tell_team


def steps_due(due_on: date, today: date) -> Iterator[str]:
    """Yield the newest step reached for the team, and the escalation once its day has come."""
    days = [(due_on - timedelta(days=before), f"-{before}") for before in REMIND_DAYS_BEFORE]
    days.append((due_on + timedelta(days=REMIND_AFTER_DAYS), f"+{REMIND_AFTER_DAYS}"))
    reached = [step for day, step in days if day <= today]
    if reached:
        yield reached[-1]
    if add_business_days(due_on, ESCALATE_BUSINESS_DAYS) <= today:
        yield "late"


def remind() -> int:
    """Remind of everything that comes due or is late on running grants; returns how many steps were taken or stood."""
    today = clock.today()
    soon = Q(grant__state=GrantState.ACTIVE, due_on__lte=today + timedelta(days=max(REMIND_DAYS_BEFORE)))
    parts: list[Any] = [
        *Milestone.objects.filter(soon, state__in=OPEN_MILESTONES).select_related("grant__sponsor").order_by("pk"),
        *Report.objects.filter(soon, state__in=OPEN_REPORTS).select_related("grant__sponsor", "milestone"),
    ]
    count = 0
    for part in parts:
        for step in steps_due(part.due_on, today):
            _tell(part, step)
            count += 1
    return count


def _tell(part: Any, step: str) -> None:
    grant = part.grant
    key = f"due:{part._meta.model_name}:{part.pk}:{part.due_on:%Y%m%d}:{step}"
    day = f"{part.due_on:%-d %B %Y}"
    if step == "late":
        words = f"{part} of “{grant.title}” was due on {day} and is not handed in."
        for person in [grant.sponsor, *_officers()]:
            tell(grant, person, key, "A grant is late", words)
        return
    words = f"was due on {day}. Hand it in: payments wait for it." if step[0] == "+" else f"is due on {day}."
    tell_team(grant, key, f"{part}: {'late' if step[0] == '+' else 'due soon'}", f"“{grant.title}”: {part} {words}")


def _officers() -> list[User]:
    rows = RoleGrant.objects.filter(in_force(), role=Role.SECRETARIAT)
    return list(User.objects.filter(pk__in=rows.values("person"), is_active=True).order_by("pk"))
