"""Accounts, agencies and holidays for the administrator; nothing that is judged."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from lifecycle import trail

from .enums import Role
from .models import Agency, Holiday, RoleGrant, User
from .queries import lasting


class AccountForm(forms.ModelForm[User]):
    """An account; who holds a role is no administrator."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["email", "full_name", "is_active", "is_staff"]

    def clean_is_staff(self) -> bool:
        """Refuse an administrator who holds another role."""
        wanted: bool = self.cleaned_data["is_staff"]
        others = lasting(self.instance).exclude(role=Role.ADMINISTRATOR) if self.instance.pk else []
        if wanted and others:
            held = ", ".join(grant.get_role_display() for grant in others)
            raise forms.ValidationError(f"This person holds: {held}. An administrator holds no other role.")
        return wanted


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Accounts: name, contact and whether active. Roles are granted with a reason, elsewhere."""

    list_display = ("full_name", "employee_number", "email", "is_active")
    search_fields = ("full_name", "employee_number", "email")
    fields = ("email", "full_name", "employee_number", "is_active", "is_staff", "last_login")
    readonly_fields = ("employee_number", "last_login")
    form = AccountForm

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, write the trail, and name the roles that a closed account still holds."""
        before = trail.picture(User.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        action = "account_changed" if change else "account_added"
        trail.record(obj, action=action, by=request.user, changes=trail.difference(before, trail.picture(obj)))
        held = [grant.get_role_display() for grant in lasting(obj)]
        if held and not obj.is_active:
            words = f"{obj.full_name} is signed out and still holds: {', '.join(held)}. End these under “Roles”."
            messages.warning(request, words)


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
