"""Who is signed in, loaded with what the frame of every request asks about them."""

from allauth.account.auth_backends import AuthenticationBackend

from .models import User
from .queries import in_frame


class SignIn(AuthenticationBackend):
    """Signs in by e-mail address and password."""

    def get_user(self, user_id: int) -> User | None:
        """Return the active account with what every page's frame asks, or None, which ends the session; one query."""
        person = in_frame(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
