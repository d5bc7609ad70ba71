"""Who acts on somebody's nomination says first why, as who looks at it does, and the person reads both."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from people.beforehand import set_beforehand
from people.enums import Role
from people.models import User
from people.policies import holds
from people.services.access import log_look

from .models import Nomination
from .views.purpose import ask_first, purpose_said

handles = holds(Role.HR, Role.HRC, Role.RCSC, Role.AUDITOR)


def looks_as_office(row: Nomination, user: Any) -> bool:
    """Tell whether the user is an office here, and neither the person nor who nominated them."""
    return user.pk not in (row.person_id, row.nominated_by_id) and handles(None, user)


def log_nomination(request: HttpRequest, row: Nomination, label: str = "") -> None:
    """Write down a look at a nomination, or the act with this label."""
    what = f"Nomination, “{label}”" if label else "Nomination"
    log_look(viewer=cast(User, request.user), person=row.person, what=f"{what}: {purpose_said(request)}")


def _ask(request: HttpRequest, row: Nomination) -> HttpResponse | None:
    if not looks_as_office(row, request.user):
        return None
    asked = ask_first(request)
    if asked is None:
        log_nomination(request, row)
    return asked


def _write_down(request: HttpRequest, row: Nomination, label: str) -> None:
    if looks_as_office(row, request.user):
        log_nomination(request, row, label)


set_beforehand("incentives.Nomination", ask=_ask, write_down=_write_down)
