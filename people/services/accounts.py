"""Accounts."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from lifecycle import trail

from ..models import User


def system_user() -> User:
    """Return the account that jobs act as, creating it on first use."""
    user, _ = User.objects.get_or_create(
        is_system=True,
        defaults={"email": "system@fund.invalid", "full_name": "The system", "password": UNUSABLE_PASSWORD_PREFIX},
    )
    return user


def add_user(
    *, by: User, email: str, full_name: str, employee_number: str | None = None, is_demo: bool = False
) -> User:
    """Create an account without a usable password; the person sets one by the reset link."""
    user = User.objects.create_user(email, full_name, employee_number=employee_number, is_demo=is_demo)
    trail.record(user, action="account_added", by=by)
    return user
