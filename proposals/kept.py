"""Text that arrived after its writer was signed out waits in the session until they have signed in again.

The form says who writes; whoever else signs in on the same machine is not shown it.
"""

from django.http import HttpRequest, QueryDict

KEY = "kept_text"
LONGEST = 150_000  # characters as sent; the longest section in Dzongkha script takes some 100,000
SECONDS = 3600  # a session that nobody signs in to ends after so long


def keep(request: HttpRequest) -> None:
    """Keep what was posted to this address, unless it is longer than any section could be."""
    said = request.POST.copy()
    said.pop("csrfmiddlewaretoken", None)
    text = said.urlencode()
    if len(text) <= LONGEST:
        request.session[KEY] = {"path": request.path, "text": text}
        request.session.set_expiry(SECONDS)


def kept(request: HttpRequest) -> QueryDict | None:
    """Return what this person wrote and was kept for this address, or None."""
    found = request.session.get(KEY)
    said = QueryDict(found["text"]) if found and found["path"] == request.path else None
    return said if said and said.get("writer") == str(request.user.pk) else None


def forget(request: HttpRequest) -> None:
    """Throw away what was kept for this address: the server has it, or its writer does not want it."""
    if kept(request) is not None:
        del request.session[KEY]
