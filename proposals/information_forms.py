"""Forms of a request for information."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from people.fields import WholeField

from .form_base import as_text, text
from .sections import Written
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
    """The opened answers, each by the rules of its whole section, and an explanation."""

    def __init__(
        self, *args: Any, opened: dict[str, forms.Field], sections: Iterable[Written] = (),
        stored: Mapping[str, dict[str, str]] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.opened, self.sections, self.stored = opened, sections, stored or {}
        self.fields.update(opened)
        self.fields["explanation"] = text("Do you want to explain something? (you may leave this empty)", "", 4, 2000)
        self.fields["explanation"].required = False

    def clean(self) -> dict[str, Any]:
        """Hold the answers to the rest of their section, as a target to today's figure."""
        cleaned = super().clean() or self.cleaned_data
        for section in self.sections:
            said = {place.partition(".")[2]: place for place in self.opened if place.startswith(f"{section.key}.")}
            if said and not any(place in self.errors for place in said.values()):
                new = {name: as_text(cleaned.get(place)) for name, place in said.items()}
                self._take_over(section.form(self.stored.get(section.key, {}) | new, complete=True), said)
        return cleaned

    def _take_over(self, whole: forms.Form, said: dict[str, str]) -> None:
        """Put the words of the whole section beside the opened answer; of a closed one, above the form."""
        for name, errors in whole.errors.items():
            for words in errors:
                if name in said:
                    self.add_error(said[name], str(words))
                else:
                    hint = "This answer is not opened. Change the opened ones so that it fits, or tell the secretariat."
                    self.add_error(None, f"{words} {hint}")

    def answers(self) -> dict[str, str]:
        """Return the opened answers as text, for storage."""
        return {place: as_text(self.cleaned_data[place]) for place in self.opened}
