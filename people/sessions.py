"""When a session ends, so that a page can say so before it happens."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from lifecycle import clock


def ends_at(request: HttpRequest) -> datetime:
    """Return the moment at which the visitor is signed out if nothing is done until then."""
    seen = request.session.get("seen")
    last: datetime = datetime.fromisoformat(seen) if seen else clock.now()
    return last + settings.SESSION_IDLE
