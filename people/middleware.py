"""Sessions end after a time without use; nothing typed is lost, because pages save as one goes."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from lifecycle import clock

TOUCH = timedelta(minutes=5)  # the session row is written at most this often
Respond = Callable[[HttpRequest], HttpResponse]


def idle_sessions_end(respond: Respond) -> Respond:
    """Sign out a session that was idle longer than `settings.SESSION_IDLE`; no cache keeps a private page."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            seen = request.session.get("seen")
            last = datetime.fromisoformat(seen) if seen else None
            if last and clock.now() - last > settings.SESSION_IDLE:
                logout(request)
            elif last is None or clock.now() - last > TOUCH:
                request.session["seen"] = clock.now().isoformat()
        response = respond(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return handle
