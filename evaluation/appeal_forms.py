"""Forms of appeals."""

from typing import Any

from django import forms

from documents.kinds import ACCEPTED

from .enums import AppealState, Ground


def long_text(label: str, hint: str = "", missing: str = "Write a few sentences.") -> forms.CharField:
    """Return a text of up to two pages with a visible limit."""
    widget = forms.Textarea(attrs={"rows": 8, "data-maxlength": 5000})
    return forms.CharField(
        label=label, help_text=hint, max_length=5000, widget=widget, error_messages={"required": missing}
    )


class LodgeForm(forms.Form):
    """The ground, what was wrong, and a file where one helps."""

    ground = forms.ChoiceField(
        label="What is your appeal about?", choices=[("", "Choose"), *Ground.choices],
        error_messages={"required": "Choose what your appeal is about."},
    )  # fmt: skip
    words = long_text(
        "What was wrong?", "Say where: which rule, which sentence, which person, or what the new evidence shows.",
        "Say in your own words what was wrong.",
    )  # fmt: skip
    file = forms.FileField(
        label="A file that shows it (optional)", required=False, allow_empty_file=True,
        help_text="PDF, Word, Excel, PowerPoint, PNG, JPEG, text or CSV; at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip


class AssignForm(forms.Form):
    """Who looks into it."""

    officer = forms.ChoiceField(
        label="Officer", error_messages={"required": "Choose an officer.", "invalid_choice": "Choose an officer."}
    )

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].choices = [("", "Choose"), *officers]  # type: ignore[attr-defined]


OUTCOMES = (
    ("", "Choose"),
    (AppealState.UPHELD, "Uphold it: it is judged again"),
    (AppealState.PARTLY, "Right in part: say what was wrong; the decision stands"),
    (AppealState.DISMISSED, "Do not uphold it: the decision stands"),
)


class OutcomeForm(forms.Form):
    """What the officer found, with the reasons that the team reads."""

    outcome = forms.ChoiceField(
        label="What do you find?", choices=OUTCOMES, error_messages={"required": "Choose what you find."}
    )
    reason = long_text("Your reasons", "The team reads them in its letter. Name nobody.", "Give your reasons.")
    sure = forms.BooleanField(
        label="I did nothing in this case before, and have no interest in it",
        error_messages={"required": "Say that you did nothing in this case before, or hand it to somebody else."},
    )
