"""Starting from an earlier proposal, and what was typed, exactly as it was typed."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from people.fields import shows_nothing

from .forms import SectionForm, StartForm
from .models import Proposal


class StartFromForm(StartForm):
    """The title, and an earlier proposal of one's own team to carry the answers over from."""

    source = forms.ModelChoiceField(
        Proposal.objects.none(), label="Carry over the answers of an earlier proposal?", required=False,
        empty_label="No, start with an empty form", to_field_name="case",
        help_text="Its answers, partners, data needs and files are copied; the earlier proposal stays as it is.",
    )  # fmt: skip

    def __init__(self, *args: Any, sources: QuerySet[Proposal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]
        if not sources:
            self.fields.pop("source")


def as_typed(form: SectionForm) -> dict[str, str]:
    """Return every answer for storage: cleaned where it is valid, and otherwise as and where it was typed."""
    if form.is_valid():
        return form.answers()
    said = {name: str(form[name].value() or "").replace("\x00", "") for name in form.fields}
    typed = {name: "" if shows_nothing(text) else text for name, text in said.items()}
    return typed | form.written()
