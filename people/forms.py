"""Forms of the room."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms


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
    as_of = forms.DateField(
        label="Which day does it describe?", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class SignInForm(LoginForm):
    """E-mail address and password, nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        self.fields["login"].label = "E-mail address"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
