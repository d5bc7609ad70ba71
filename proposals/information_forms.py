"""Forms of a request for information."""

from typing import Any

from django import forms

from people.fields import WholeField

from .form_base import as_text, text
from .services.information import MOST_DAYS


class AskForm(forms.Form):
    """What is asked, what may change, and how many business days there are."""

    question = text("What do you ask the team?", "They read exactly this.", 4, 2000)
    opened = forms.MultipleChoiceField(
        label="Which answers may they change?", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose which answers the team may change."},
    )  # fmt: skip
    days = WholeField(
        label="How many business days do they have?", min_value=1, max_value=MOST_DAYS, initial=5,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "Say how many business days they have."},
    )  # fmt: skip

    def __init__(self, *args: Any, fields: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened"].choices = list(fields.items())  # type: ignore[attr-defined]
        self.fields["question"].error_messages["required"] = "Write what you ask the team."


class AnswerForm(forms.Form):
    """The opened answers, each by the rules of its section, and an explanation."""

    def __init__(self, *args: Any, opened: dict[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened = opened
        self.fields.update(opened)
        self.fields["explanation"] = text("Do you want to explain something? (you may leave this empty)", "", 4, 2000)
        self.fields["explanation"].required = False

    def answers(self) -> dict[str, str]:
        """Return the opened answers as text, for storage."""
        return {place: as_text(self.cleaned_data[place]) for place in self.opened}
