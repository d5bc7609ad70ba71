"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest

from .models import User
from .queries import with_frame


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the unread count and whether the data is invented, as signing in has loaded them."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_count": 0, "demo_fund": User.objects.filter(is_demo=True).exists()}
    if not hasattr(user, "unread"):  # signed in by this very request
        user = with_frame(User.objects.filter(pk=user.pk)).get()
    return {"unread_count": user.unread, "demo_fund": user.invented}
