"""The account. One full name, never split; people are told apart by employee number and agency."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

models.CharField.register_lookup(Length)
FULL_NAME_LENGTH = 200  # characters


class UserManager(BaseUserManager["User"]):
    """Creates accounts; e-mail addresses are compared without case."""

    def create_user(self, email: str, full_name: str, password: str | None = None, **fields: Any) -> "User":
        """Create and return a user with a hashed (or unusable) password."""
        user = self.model(email=self.normalize_email(email).lower(), full_name=full_name, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, full_name: str, password: str, **fields: Any) -> "User":
        """Create an administrator of accounts and settings (of nothing that is judged)."""
        return self.create_user(email, full_name, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A civil servant, a citizen, or the `system` that jobs act as."""

    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField("full name", max_length=FULL_NAME_LENGTH)
    employee_number = models.CharField(
        "employee number", max_length=20, null=True, blank=True, unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9/-]{3,20}$", "Use 3 to 20 letters, digits, / or -.")],
    )  # fmt: skip
    is_staff = models.BooleanField("administrator", default=False)
    is_active = models.BooleanField("active", default=True)
    is_system = models.BooleanField(default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    # Only on the account of a request: see `queries.with_second_factor`.
    has_second_factor: bool
    lacks_second_factor: bool

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(employee_number=None) | Q(employee_number__length__gte=3),
                name="user_employee_number_length",
            ),
            models.UniqueConstraint(fields=["is_system"], condition=Q(is_system=True), name="user_one_system"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        """Return the name as the person writes it."""
        return self.full_name

    @property
    def is_civil_servant(self) -> bool:
        """Tell whether the person is in the register."""
        return self.employee_number is not None


def user_display(user: User) -> str:
    """Return the name for allauth's messages."""
    return user.full_name
