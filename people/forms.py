"""Forms of the room."""

from datetime import date
from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.db.models import QuerySet

from lifecycle import clock

from .enums import AGENCY_ROLES, Role
from .fields import DayField
from .models import Agency, User
from .queries import find_civil_servant


class NoteForm(forms.Form):
    """A reason that goes into the trail; some actions require it."""

    note = forms.CharField(
        label="Why? (you may leave this empty)", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "data-maxlength": 1000}),
    )  # fmt: skip

    def __init__(self, *args: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.required = required
        if required:
            note.label = "Why?"
            note.error_messages["required"] = "Give a reason."


class RegisterForm(forms.Form):
    """The register file and the day it describes."""

    file = forms.FileField(label="Register file", help_text="Excel (.xlsx) or CSV, at most 10 MB.")
    as_of = DayField(label="Which day does it describe?", help_text="Not later than today.")

    def clean_as_of(self) -> date:
        """Refuse a day to come: until it is there, every later file would count as older."""
        day: date = self.cleaned_data["as_of"]
        if day > clock.today():
            raise forms.ValidationError(
                "“Which day does it describe?”: this day is still to come. Enter today or earlier."
            )
        return day


class GrantForm(forms.Form):
    """Who gets which role, for which agency, from when to when, and why."""

    who = forms.CharField(
        label="Who?", max_length=254, help_text="E-mail address or employee number, never a name: names repeat.",
        error_messages={"required": "Write an e-mail address or an employee number."},
    )  # fmt: skip
    role = forms.ChoiceField(
        label="Which role?", choices=[("", "Choose a role"), *Role.choices],
        error_messages={"required": "Choose a role."},
    )  # fmt: skip
    agency = forms.ModelChoiceField(
        Agency.objects.filter(until=None), required=False, label="For which agency?", empty_label="The whole fund",
        help_text=f"Only for: {', '.join(role.label for role in AGENCY_ROLES)}.",
    )  # fmt: skip
    since = DayField(
        label="First day", required=False, help_text="Empty: from now on.",
        error_messages={"invalid": "Write the first day as 2026-07-01."},
    )  # fmt: skip
    until = DayField(
        label="Last day", required=False, help_text="Empty: until somebody ends it. A delegate has a last day.",
        error_messages={"invalid": "Write the last day as 2026-07-01."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why?", max_length=300, help_text="For example: the letter of appointment, with its number and date.",
        widget=forms.Textarea(attrs={"rows": 3, "data-maxlength": 300}),
        error_messages={"required": "Give a reason."},
    )  # fmt: skip

    def clean_who(self) -> User:
        """Return the person."""
        person = find_civil_servant(self.cleaned_data["who"])
        if person is None:
            raise forms.ValidationError("Nobody in the register with an open account has this address or number.")
        return person

    def clean_since(self) -> date | None:
        """Refuse a first day that is past: a grant begins when it is made, not before."""
        day: date | None = self.cleaned_data["since"]
        if day is not None and day < clock.today():
            raise forms.ValidationError("The first day is past. Leave it empty to begin now.")
        return day

    def clean(self) -> dict[str, Any]:
        """Hold agency and days to the role."""
        data: dict[str, Any] = super().clean() or {}
        needs = data.get("role") in AGENCY_ROLES
        if "agency" in data and data.get("role") and needs != (data["agency"] is not None):
            self.add_error("agency", "Choose the agency." if needs else "This role is for the whole fund.")
        first = data.get("since") or clock.today()
        if data.get("until") and data["until"] < first:
            self.add_error("until", "The last day is before the first.")
        return data


class DelegateForm(forms.Form):
    """Who answers for one's agency, from which day to which."""

    who = forms.CharField(
        label="Who?", max_length=254, help_text="A colleague of your agency: e-mail address or employee number.",
        error_messages={"required": "Write an e-mail address or an employee number."},
    )  # fmt: skip
    agency = forms.ModelChoiceField(Agency.objects.none(), label="For which agency?", empty_label=None)
    since = DayField(label="First day", required=False, help_text="Empty: from now on.")
    until = DayField(label="Last day", error_messages={"required": "Say until which day."})
    reason = forms.CharField(label="Why? (you may leave this empty)", required=False, max_length=300)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    clean_who = GrantForm.clean_who
    clean_since = GrantForm.clean_since

    def clean(self) -> dict[str, Any]:
        """Hold the last day to the first."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("until") and data["until"] < (data.get("since") or clock.today()):
            self.add_error("until", "The last day is before the first.")
        return data


class EndGrantForm(forms.Form):
    """Why a role ends."""

    reason = forms.CharField(
        label="Why?", max_length=300, widget=forms.Textarea(attrs={"rows": 3, "data-maxlength": 300}),
        error_messages={"required": "Give a reason."},
    )  # fmt: skip


class SignInForm(LoginForm):
    """E-mail address and password, nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        self.fields["login"].label = "E-mail address"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


def _ask_for_code(form: forms.Form, help_text: str) -> None:
    code = form.fields["code"]
    code.label, code.help_text = "Code", help_text
    code.widget.attrs.pop("placeholder", None)
    code.error_messages["required"] = "Type the code."


class CodeForm(AuthenticateForm):
    """The second factor when signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "The six digits that your app shows now, or one of your recovery codes.")


class ConfirmCodeForm(ReauthenticateForm):
    """The second factor once more, before one's own security is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "The six digits that your app shows now, or one of your recovery codes.")


class FirstCodeForm(ActivateTOTPForm):
    """The first code, which shows that the app holds the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "The six digits that your app shows now.")
