"""Probes for the operator: whether the process answers, and whether all behind it is there."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from lifecycle import clock

CLOCK_TOLERANCE = 1.0  # seconds; deadlines are judged by this clock, so it must agree with the database's


@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"live": True})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether database, clock and cache are right; 503 names the part that is not."""
    state = {name: _holds(probe) for name, probe in PROBES.items()}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


def database_answers() -> bool:
    """Ask the database for anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def clock_agrees() -> bool:
    """Compare this machine's clock with the database server's; SQLite has none of its own."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        offset = abs(float(cursor.fetchone()[0]) - clock.now().timestamp())
    return offset <= CLOCK_TOLERANCE


def cache_answers() -> bool:
    """Read from the cache."""
    cache.get("ready")
    return True


PROBES: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "clock": clock_agrees,
    "cache": cache_answers,
}


def _holds(probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except (DatabaseError, OSError):
        return False
