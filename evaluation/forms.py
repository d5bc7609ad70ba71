"""Forms of the room."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.html import escape

from fund.forms import AmountField
from fund.models import Criterion
from people.fields import DayField

from .enums import Chance, Choice, Interest
from .services.reviewing import Draft

HALVES = [("", "Not scored yet"), *((str(n), f"{n / 2:g}") for n in range(11))]


def short_text(label: str, required: bool = True) -> forms.CharField:
    """Return a text of a few sentences with a visible limit."""
    widget = forms.Textarea(attrs={"rows": 3, "data-maxlength": 1000})
    return forms.CharField(label=label, max_length=1000, widget=widget, required=required)


class InterestForm(forms.Form):
    """What the reviewer declares before reading."""

    interest = forms.ChoiceField(label="Do you have an interest in it?", choices=[("", "Choose"), *Interest.choices])
    note = forms.CharField(label="In a few words (if you have one)", max_length=200, required=False)


class ReviewForm(forms.Form):
    """Scores with reasons, then the whole; a save takes what is there, handing in asks for all."""

    strength = short_text("One strength", False)
    weakness = short_text("One weakness", False)
    change = short_text("One thing to change", False)
    chance = forms.ChoiceField(
        label="How likely is it that the promised target is met?", required=False,
        choices=[("", "Not marked yet"), *Chance.choices],
    )  # fmt: skip

    def __init__(self, *args: Any, criteria: QuerySet[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        for criterion in self.criteria:
            name = f"score_{criterion.pk}"
            means = escape(" ".join(f"{place}: {text}" for place, text in enumerate(criterion.anchors)))
            self.fields[name] = forms.ChoiceField(
                label=f"{criterion.name} ({criterion.weight} %)", choices=HALVES, required=False, help_text=means
            )
            self.fields[f"reason_{criterion.pk}"] = short_text(
                f"Why? ({criterion.name}; needed below 3 and from 4.5 up)", False
            )
        pairs = [f"{part}_{c.pk}" for c in self.criteria for part in ("score", "reason")]
        self.order_fields([*pairs, "strength", "weakness", "change", "chance"])

    def draft(self) -> Draft:
        """Return what was written."""
        said = self.cleaned_data
        scores = {
            c.pk: (int(said[f"score_{c.pk}"]) if said[f"score_{c.pk}"] else None, said[f"reason_{c.pk}"])
            for c in self.criteria
        }
        return Draft(scores, said["strength"], said["weakness"], said["change"], said["chance"])

    def add_missing(self) -> None:
        """Mark each field that handing in still needs."""
        for c in self.criteria:
            halves, reason = self.draft_score(c.pk)
            if halves is None:
                self.add_error(f"score_{c.pk}", f"Score “{c.name}”.")
            elif (halves < 6 or halves >= 9) and not reason:
                self.add_error(f"reason_{c.pk}", f"Say why: {c.name}.")
        words = {"strength": "Name one strength.", "weakness": "Name one weakness.",
                 "change": "Name one thing to change.", "chance": "Mark how likely the target is."}  # fmt: skip
        for name, text in words.items():
            if not self.cleaned_data.get(name):
                self.add_error(name, text)

    def draft_score(self, pk: int) -> tuple[int | None, str]:
        """Return the half points and the reason of one criterion."""
        raw = self.cleaned_data.get(f"score_{pk}")
        return (int(raw) if raw else None), cast(str, self.cleaned_data.get(f"reason_{pk}") or "")


class ConsensusForm(forms.Form):
    """What the panel agreed on one criterion."""

    criterion = forms.ChoiceField(label="Criterion")
    halves = forms.ChoiceField(label="Agreed score", choices=[("", "Choose"), *HALVES[1:]])
    reason = short_text("Why?")

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = {str(row.pk): row for row in criteria}
        names = [(pk, row.name) for pk, row in self.criteria.items()]
        self.fields["criterion"].choices = [("", "Choose"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Criterion:
        """Return the criterion chosen."""
        return self.criteria[self.cleaned_data["criterion"]]


class VoteForm(forms.Form):
    """A vote with its reason."""

    choice = forms.ChoiceField(label="Your vote", choices=[("", "Choose"), *Choice.choices])
    reason = short_text("Why?")


class ShortReviewForm(ReviewForm):
    """The three questions of a small idea, each with a score and one reason; the chance is open by definition."""

    def __init__(self, *args: Any, criteria: QuerySet[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, criteria=criteria, **kwargs)
        for name in ("strength", "weakness", "change", "chance"):
            del self.fields[name]
        for c in self.criteria:
            self.fields[f"score_{c.pk}"].label = c.name
            self.fields[f"reason_{c.pk}"].label = f"Why? ({c.name})"

    def draft(self) -> Draft:
        """Return what was written."""
        scores = {c.pk: self.draft_score(c.pk) for c in self.criteria}
        return Draft(scores, "", "", "", Chance.OPEN)

    def add_missing(self) -> None:
        """Mark each field that handing in still needs."""
        for c in self.criteria:
            halves, reason = self.draft_score(c.pk)
            if halves is None:
                self.add_error(f"score_{c.pk}", f"Score “{c.name}”.")
            if not reason.strip():
                self.add_error(f"reason_{c.pk}", f"Say why: {c.name}.")


class SmallDecisionForm(forms.Form):
    """What one member decides; a refusal says why."""

    choice = forms.ChoiceField(
        label="Your decision", choices=[("", "Choose"), ("approve", "Approve and set the money aside"),
                                        ("decline", "Decline")],
        error_messages={"required": "Choose your decision."},
    )  # fmt: skip
    reason = short_text("Why? (needed when you decline; the applicant reads it)", False)

    def clean(self) -> dict[str, Any]:
        """Ask for a reason when it is declined."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("choice") == "decline" and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say why. The applicant reads it.")
        return cleaned


class AgencyForm(forms.Form):
    """The agency's answer; a no says why."""

    answer = forms.ChoiceField(choices=[("agree", "Yes"), ("refuse", "No")])
    reason = short_text("Why not? (needed only for a no; the applicant reads it)", False)

    def clean(self) -> dict[str, Any]:
        """Ask for a reason for a no."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "refuse" and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say why not. The applicant reads it.")
        return cleaned


class LimitForm(forms.Form):
    """The most that one member may approve alone, and from when."""

    amount = AmountField(label="The most that one member may approve alone", min_value=1)
    valid_from = DayField(
        label="From which day?",
        error_messages={"required": "Enter a day.", "invalid": "Enter a day."},
    )  # fmt: skip
