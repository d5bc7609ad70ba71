"""When a session ends, so that a page can say so before it happens; and who was signed in here before."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lifecycle import clock

KNOWN, SALT = "known", "people.sessions.known"  # a signed cookie: the last person signed in by this browser
KNOWN_FOR = timedelta(days=60)
RENEWED = timedelta(days=30)


def ends_at(request: HttpRequest) -> datetime:
    """Return the moment at which the visitor is signed out if nothing is done until then."""
    seen = request.session.get("seen")
    last: datetime = datetime.fromisoformat(seen) if seen else clock.now()
    return last + settings.SESSION_IDLE


def known_person(request: HttpRequest, within: timedelta = KNOWN_FOR) -> str:
    """Return the key of who was signed in last in this browser, or an empty text."""
    return request.get_signed_cookie(KNOWN, default="", salt=SALT, max_age=within) or ""


def know(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser remember who is signed in; it says so after the session, and opens nothing."""
    person = str(request.user.pk)
    if known_person(request, RENEWED) != person:
        response.set_signed_cookie(
            KNOWN, person, salt=SALT, max_age=KNOWN_FOR, httponly=True, samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )  # fmt: skip
