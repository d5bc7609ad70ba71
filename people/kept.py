"""Text that arrived after its writer was signed out waits in the session until they have signed in again.

Only a browser in which somebody has been signed in may leave text here, and only that person is shown it. A form that
says who writes (`writer`) is believed before the browser is, because its page may be older.
"""

import re
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, QueryDict

from .sessions import known_person

KEY = "kept_text"
LONGEST = 150_000  # characters as sent; the longest section in Dzongkha script takes some 100,000
SECONDS = 3600  # a session that nobody signs in to ends after so long
MOST = 20  # new sessions with text of one person within `SECONDS`
AROUND = ("csrfmiddlewaretoken", "writer", "version", "seen", "again")  # sent by every form, typed by nobody
SECRET = re.compile("password|code|secret|token", re.IGNORECASE)
PLAIN = re.compile(r"[a-z0-9_.:\-]*")  # what a button, a choice or a row's number sends


def keep(request: HttpRequest, *, asks: bool = False) -> None:
    """Keep what was posted to this address, within limits; files and secrets never.

    With `asks` the address has no form of its own that takes the text back: the person is asked on a page between.
    """
    writer, said = known_person(request), worth_keeping(request.POST)
    if not writer or said is None:
        return
    text = said.urlencode()
    if len(text) <= LONGEST and (KEY in request.session or _has_room(writer)):
        request.session[KEY] = {"path": request.path, "text": text, "writer": writer, "asks": asks}
        request.session.set_expiry(SECONDS)


def worth_keeping(sent: QueryDict) -> QueryDict | None:
    """Return what a form sent without its token, or None when nobody typed anything or a part of it is secret."""
    said = sent.copy()
    said.pop("csrfmiddlewaretoken", None)
    values = [value for name, found in said.lists() if name not in AROUND for value in found if value]
    if any(SECRET.search(name) for name in said) or not (len(values) > 1 or any(map(is_typed, values))):
        return None
    return said


def is_typed(value: str) -> bool:
    """Tell whether a person wrote this; one plain word in small letters may as well be a choice."""
    return PLAIN.fullmatch(value) is None


def _has_room(writer: str) -> bool:
    tries = cache.get(f"kept:{writer}", 0) + 1
    cache.set(f"kept:{writer}", tries, SECONDS)
    return bool(tries <= MOST)


def _found(request: HttpRequest) -> dict[str, Any] | None:
    found: dict[str, Any] | None = request.session.get(KEY)
    if not found or found["path"] != request.path or not request.user.is_authenticated:
        return None
    writer = QueryDict(found["text"]).get("writer") or found["writer"]
    return found if writer == str(request.user.pk) else None


def kept(request: HttpRequest) -> QueryDict | None:
    """Return what this person wrote and was kept for this address, or None."""
    found = _found(request)
    return QueryDict(found["text"]) if found else None


def asked(request: HttpRequest) -> QueryDict | None:
    """Return the same where the person has to be asked first."""
    found = _found(request)
    return QueryDict(found["text"]) if found and found["asks"] else None


def forget(request: HttpRequest) -> None:
    """Throw away what was kept for this address: the server has it, or its writer does not want it."""
    if kept(request) is not None:
        del request.session[KEY]
