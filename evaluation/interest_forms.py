"""Forms in which a reviewer declares interests."""

from typing import Any

from django import forms

from .enums import READING_ON, Interest

STEPS_ASIDE = [("", "Choose"), *(pair for pair in Interest.choices if pair[0] not in READING_ON)]
INTEREST_NOTE = "In a few words. The secretariat reads it."


class InterestForm(forms.Form):
    """What the reviewer declares before reading."""

    interest = forms.ChoiceField(label="Do you have an interest in it?", choices=[("", "Choose"), *Interest.choices])
    note = forms.CharField(label="In a few words (if you have one)", max_length=200, required=False)


class RecuseForm(forms.Form):
    """Why one steps aside after accepting."""

    interest = forms.ChoiceField(
        label="Which interest do you have?", choices=STEPS_ASIDE,
        error_messages={"required": "Choose which interest you have."},
    )  # fmt: skip
    note = forms.CharField(
        label=INTEREST_NOTE, max_length=200, error_messages={"required": "Say in a few words what it is."}
    )


class NamesInterestForm(forms.Form):
    """Interests against the mixed list of all names of a call; declared once for all of it."""

    tied = forms.MultipleChoiceField(
        label="In whose work do you have an interest?", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Tick every name, or none. You review nothing in which they take part.",
    )  # fmt: skip
    interest = forms.ChoiceField(label="Which interest? (if you ticked a name)", choices=STEPS_ASIDE, required=False)
    note = forms.CharField(label="In a few words (if you ticked a name)", max_length=200, required=False)
    known = forms.MultipleChoiceField(
        label="Whom else do you know, without being swayed?", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="This is noted, and you read on.",
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, names: list[dict[str, str]], before: dict[str, Any]) -> None:
        self.list = ",".join(sorted(row["pk"] for row in names))
        super().__init__(data, initial={**before, "seen": self.list})
        choices = [(row["pk"], f"{row['name']} · {row['number']} · {row['agency']}") for row in names]
        for name in ("tied", "known"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the kind of interest, and for another look when the list has changed."""
        said = super().clean() or self.cleaned_data
        if said.get("tied") and not said.get("interest"):
            self.add_error("interest", "Choose which interest it is.")
        if said.get("interest") and not said.get("tied"):
            self.add_error("tied", "Tick the name in whose work you have the interest.")
        if said.get("seen") != self.list:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data["seen"] = self.list
            self.data = data
            self.add_error(None, "The list of names has changed. Look at it, then declare again.")
        return said
