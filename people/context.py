"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest

from .models import User
from .queries import unread_count


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the unread count and whether the data is invented."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "unread_count": unread_count(user) if signed_in else 0,  # type: ignore[arg-type]
        "demo_fund": User.objects.filter(is_demo=True).exists(),
    }
