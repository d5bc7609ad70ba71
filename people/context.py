"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest

from .models import User
from .queries import frame_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the unread count and whether the data is invented."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_count": 0, "demo_fund": User.objects.filter(is_demo=True).exists()}
    unread, invented = frame_of(user)  # type: ignore[arg-type]
    return {"unread_count": unread, "demo_fund": invented}
