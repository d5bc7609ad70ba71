"""Accounts, agencies and holidays for the administrator; nothing that is judged."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Agency, Holiday, RoleGrant, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Accounts: name, contact and whether active. Roles are granted with a reason, elsewhere."""

    list_display = ("full_name", "employee_number", "email", "is_active")
    search_fields = ("full_name", "employee_number", "email")
    fields = ("email", "full_name", "employee_number", "is_active", "is_staff", "last_login")
    readonly_fields = ("employee_number", "last_login")


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin[Agency]):
    """The tree of agencies."""

    list_display = ("name", "code", "kind", "sector", "parent")
    search_fields = ("name", "code")


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin[Holiday]):
    """Public holidays."""


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin[RoleGrant]):
    """Read only: a grant is a fact with a date."""

    list_display = ("person", "role", "agency", "since", "until", "granted_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Grants are made by the service alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Grants are never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Grants are never deleted."""
        return False
