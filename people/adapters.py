"""How allauth behaves here: closed sign-up, and limits that lock nobody else out."""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

FREE_TRIES = 5
FIRST_DELAY = 15  # seconds; doubles with each further failure
LONGEST_DELAY = 900  # seconds


class AccountAdapter(DefaultAccountAdapter):
    """Failures count per (account, address), so that a stranger elsewhere cannot lock an owner out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from the register, never from a form."""
        return False

    def _keys(self, request: HttpRequest, credentials: dict[str, Any]) -> tuple[str, str]:
        who = f"{credentials.get('email', '').lower()}|{self.get_client_ip(request)}"
        return f"tries:{hash_key(who)}", f"wait:{hash_key(who)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse while the delay of this account at this address runs."""
        super().pre_authenticate(request, **credentials)
        if cache.get(self._keys(request, credentials)[1]):
            raise ValidationError("Too many tries. Wait a little and try again, or reset your password.")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the failure; after FREE_TRIES each one doubles the delay."""
        super().authentication_failed(request, **credentials)
        tries_key, wait_key = self._keys(request, credentials)
        tries = cache.get(tries_key, 0) + 1
        cache.set(tries_key, tries, 3600)
        if tries >= FREE_TRIES:
            cache.set(wait_key, True, min(LONGEST_DELAY, FIRST_DELAY * 2 ** (tries - FREE_TRIES)))


def hash_key(text: str) -> str:
    """Return a cache-safe digest of an account and address."""
    return hashlib.sha256(text.encode()).hexdigest()
