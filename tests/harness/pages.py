"""Every route with the objects to open it, and the relations that open it."""

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Django's own admin is not ours: it is one row, checked by itself.
SIGNED_IN = "signed in"
PUBLIC = "public"


@dataclass(frozen=True)
class Access:
    """Who gets 200 or a redirect by GET; `forbidden` sees the object and gets 403; all others 404."""

    args: Any = ()
    who: Any = SIGNED_IN
    forbidden: Any = ()
    get: bool = True
    posters: Any = None  # who may POST, where not all who may look

    @property
    def may_post(self) -> Any:
        """Return who may POST."""
        return self.who if self.posters is None else self.posters


def route_names(resolver=None, skip=("admin",)):
    """Return the name of every address of the product, `admin` apart."""
    found = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace not in skip:
                found |= route_names(entry)
        elif isinstance(entry, URLPattern):
            found.add(entry.name)
    return found
