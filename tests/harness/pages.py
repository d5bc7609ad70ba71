"""Every route with the objects to open it, and the relations that open it."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Django's own admin is not ours: it is one row, checked by itself.
SIGNED_IN = "signed in"
PUBLIC = "public"


@dataclass(frozen=True)
class Access:
    """Who gets 200 or a redirect by GET; `others` is what everybody else signed in gets."""

    args: Any = ()
    who: Any = SIGNED_IN
    others: int = 404
    forbidden: tuple[str, ...] = ()  # they see the object and may not do this: 403
    get: bool = True
    post: dict[str, str] = field(default_factory=dict)


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
