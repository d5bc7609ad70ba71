"""Forms of the chair: returning a review, notes, and the feedback for the applicants."""

from typing import Any

from django import forms

from .enums import Fault, Handling
from .forms import short_text
from .moderation_queries import Source
from .services.moderating import Words


class ReturnForm(forms.Form):
    """What is wrong with the words of a review."""

    fault = forms.ChoiceField(
        label="What is wrong?", choices=[("", "Choose"), *Fault.choices],
        error_messages={"required": "Choose what is wrong."},
    )  # fmt: skip
    note = short_text("What should the reviewer do? (the reviewer reads it)")
    note.error_messages["required"] = "Say what the reviewer should do."


class ModerationNoteForm(forms.Form):
    """One note."""

    text = forms.CharField(
        label="Your note", max_length=2000, widget=forms.Textarea(attrs={"rows": 5, "data-maxlength": 2000}),
        error_messages={"required": "Write the note."},
    )  # fmt: skip


class FeedbackForm(forms.Form):
    """What becomes of each reason, and the whole in three texts."""

    strength = short_text("One strength", False)
    weakness = short_text("One weakness", False)
    change = short_text("One thing to change", False)

    def __init__(self, *args: Any, sources: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = sources
        for source in sources:
            key, about = self._key(source), f"{source.letter}, {source.criterion.name}"
            self.fields[f"how_{key}"] = forms.ChoiceField(
                label=f"What becomes of this reason? ({about})", choices=Handling.choices, initial=Handling.AS_IS
            )
            self.fields[f"text_{key}"] = short_text(f"Other words ({about})", False)
        self.order_fields([f"{part}_{self._key(source)}" for source in sources for part in ("how", "text")])

    @staticmethod
    def _key(source: Source) -> str:
        return f"{source.criterion.pk}_{source.review.pk}"

    @property
    def rows(self) -> list[tuple[Source, forms.BoundField, forms.BoundField]]:
        """Return each reason with its two fields, for the page."""
        return [(s, self[f"how_{self._key(s)}"], self[f"text_{self._key(s)}"]) for s in self.sources]

    @property
    def whole(self) -> list[forms.BoundField]:
        """Return the three texts."""
        return [self["strength"], self["weakness"], self["change"]]

    def clean(self) -> dict[str, Any]:
        """Ask for the words where a reason is released in others."""
        cleaned = super().clean() or self.cleaned_data
        for source in self.sources:
            key = self._key(source)
            if cleaned.get(f"how_{key}") == Handling.REWORDED and not cleaned.get(f"text_{key}", "").strip():
                self.add_error(f"text_{key}", f"Write the other words ({source.letter}, {source.criterion.name}).")
        return cleaned

    def add_missing(self) -> None:
        """Mark what certifying still needs."""
        for name, text in (("strength", "one strength"), ("weakness", "one weakness"), ("change", "one change")):
            if not self.cleaned_data.get(name):
                self.add_error(name, f"Write {text}.")

    def words(self) -> Words:
        """Return the cleaned answers."""
        said = self.cleaned_data
        reasons = {
            source.key: (Handling(said[f"how_{self._key(source)}"]), said[f"text_{self._key(source)}"])
            for source in self.sources
        }
        return Words(reasons, said["strength"], said["weakness"], said["change"])
