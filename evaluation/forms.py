"""Forms of the room."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from fund.forms import AmountField
from fund.models import Criterion
from lifecycle import clock
from people.enums import Sector
from people.fields import DayField
from people.models import User

from .appealing import in_words
from .enums import Chance, Choice, Language
from .example import CRITERIA as EXAMPLE
from .example import Told
from .expertise import MOST
from .guards import needs_reason
from .review_queries import LEFT_OUT
from .services.decide import last_day_to_defer_to
from .services.reviewing import Draft

HALVES = [("", "Not scored yet"), *((str(n), f"{n / 2:g}") for n in range(11))]


def short_text(label: str, required: bool = True) -> forms.CharField:
    """Return a text of a few sentences with a visible limit."""
    widget = forms.Textarea(attrs={"rows": 3, "data-maxlength": 1000})
    return forms.CharField(label=label, max_length=1000, widget=widget, required=required)


class ReviewForm(forms.Form):
    """Scores with reasons, then the whole; a save takes what is there, handing in asks for all."""

    strength = short_text("One strength", False)
    weakness = short_text("One weakness", False)
    change = short_text("One thing to change", False)
    chance = forms.ChoiceField(
        label="How likely is it that the promised target is met?", required=False,
        choices=[("", "Not marked yet"), *Chance.choices],
    )  # fmt: skip
    choices = [*HALVES, (LEFT_OUT, "Does not apply to this proposal")]
    why = "Needed below 3, from 4.5 up, and where it does not apply."

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in self.criteria:
            self.fields[f"score_{criterion.pk}"] = forms.ChoiceField(
                label=f"{criterion.name} ({criterion.weight} %)", choices=self.choices, required=False,
                help_text=meanings(criterion),
            )  # fmt: skip
            reason = short_text(f"Why this score for “{criterion.name}”?", False)
            reason.help_text = self.why
            self.fields[f"reason_{criterion.pk}"] = reason
        pairs = [f"{part}_{c.pk}" for c in self.criteria for part in ("score", "reason")]
        self.order_fields([*pairs, "strength", "weakness", "change", "chance"])

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return (score, reason) of each criterion, for the page."""
        return [(self[f"score_{c.pk}"], self[f"reason_{c.pk}"]) for c in self.criteria]

    @property
    def whole(self) -> list[forms.BoundField]:
        """Return what is asked about the whole, after the criteria."""
        return [self[name] for name in ("strength", "weakness", "change", "chance") if name in self.fields]

    def typed(self) -> dict[str, str]:
        """Return every answer: cleaned where it is valid, and otherwise as it was typed."""
        self.is_valid()
        typed = {name: str(self[name].value() or "").replace("\x00", "") for name in self.fields}
        return typed | {name: str(value) for name, value in self.cleaned_data.items()}

    def draft_of(self, said: dict[str, str]) -> Draft:
        """Return answers as they are stored."""
        points = dict(HALVES[1:])
        scores = {
            c.pk: (int(said[f"score_{c.pk}"]) if said[f"score_{c.pk}"] in points else None, said[f"reason_{c.pk}"])
            for c in self.criteria
        }
        left_out = frozenset(c.pk for c in self.criteria if said[f"score_{c.pk}"] == LEFT_OUT)
        chance = said["chance"] if said["chance"] in Chance.values else ""
        return Draft(scores, said["strength"], said["weakness"], said["change"], chance, left_out)

    def add_missing(self) -> None:
        """Mark each field that handing in still needs."""
        for c in self.criteria:
            halves, reason = self.cleaned_data.get(f"score_{c.pk}"), self.cleaned_data.get(f"reason_{c.pk}", "")
            if not halves:
                self.add_error(f"score_{c.pk}", f"Score “{c.name}”, or say that it does not apply.")
            elif not reason and needs_reason(None if halves == LEFT_OUT else int(halves)):
                self.add_error(f"reason_{c.pk}", f"Say why: {c.name}.")
        if all(self.cleaned_data.get(f"score_{c.pk}") == LEFT_OUT for c in self.criteria):
            self.add_error(None, "At least one criterion must apply. If you cannot judge this proposal, withdraw.")
        words = {"strength": "Name one strength.", "weakness": "Name one weakness.",
                 "change": "Name one thing to change.", "chance": "Mark how likely the target is."}  # fmt: skip
        for name, text in words.items():
            if not self.cleaned_data.get(name):
                self.add_error(name, text)


def meanings(criterion: Criterion | Told) -> str:
    """Return what each whole score means on this criterion, as a list that begins at 0."""
    if not criterion.anchors:
        return ""
    items = format_html_join("", "<li>{}</li>", ((text,) for text in criterion.anchors))
    return format_html('<ol class="govuk-list govuk-list--number govuk-hint fund-anchors" start="0">{}</ol>', items)


class ExampleForm(forms.Form):
    """A score for each criterion of the invented example."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in EXAMPLE:
            self.fields[row.key] = forms.ChoiceField(
                label=row.name, choices=[("", "Choose"), *HALVES[1:]], help_text=meanings(row),
                error_messages={"required": f"Score “{row.name}”."},
            )  # fmt: skip


class ConsensusForm(forms.Form):
    """What the panel agreed on one of the criteria on which the reviewers differ, between their scores.

    `ends` is criterion pk -> lowest and highest half points; criteria without are not offered.
    """

    criterion = forms.ChoiceField(label="Criterion")
    halves = forms.ChoiceField(label="Agreed score", choices=[("", "Choose"), *HALVES[1:]])
    reason = short_text("Why?")

    def __init__(
        self, *args: Any, criteria: list[Criterion], ends: dict[int, tuple[int, int]], **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.criteria, self.ends = {str(row.pk): row for row in criteria if row.pk in ends}, ends
        names = [(pk, f"{row.name} (from {_span(ends[row.pk])})") for pk, row in self.criteria.items()]
        self.fields["criterion"].choices = [("", "Choose"), *names]  # type: ignore[attr-defined]
        widest = min((low for low, _ in ends.values()), default=0), max((high for _, high in ends.values()), default=0)
        inside = [(value, words) for value, words in HALVES[1:] if widest[0] <= int(value) <= widest[1]]
        self.fields["halves"].choices = [("", "Choose"), *inside]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a score between those that the reviewers gave on this criterion."""
        said = super().clean() or self.cleaned_data
        if said.get("criterion") and said.get("halves"):
            low, high = self.ends[self.chosen.pk]
            if not low <= int(said["halves"]) <= high:
                self.add_error("halves", f"The reviewers gave from {_span((low, high))}: choose a score between them.")
        return said

    @property
    def chosen(self) -> Criterion:
        """Return the criterion chosen."""
        return self.criteria[self.cleaned_data["criterion"]]


def _span(ends: tuple[int, int]) -> str:
    """Return half points as “2 to 4” points."""
    return f"{ends[0] / 2:g} to {ends[1] / 2:g}"


class LotsSourceForm(forms.Form):
    """Which public source will speak, and when, in Thimphu's time."""

    source = forms.CharField(
        label="Which public value will decide?", max_length=300,
        help_text="Say exactly where anybody can look it up, for example: the random value of 12:00 UTC that a "
        "national beacon publishes on that day, as it is written there.",
    )  # fmt: skip
    day = DayField(label="On which day is it published?", years=1)
    time = forms.TimeField(label="From when can it be read? (Thimphu)", widget=forms.TimeInput(attrs={"type": "time"}))

    def clean(self) -> dict[str, Any]:
        """Join day and time."""
        said = super().clean() or {}
        if "day" in said and "time" in said:
            said["source_at"] = timezone.make_aware(datetime.combine(said["day"], said["time"]))
        return said


class LotsValueForm(forms.Form):
    """The published value."""

    value = forms.CharField(
        label="The published value", max_length=1100,
        help_text="In hexadecimal digits, 0 to 9 and a to f. Spaces and capital letters do not matter.",
    )  # fmt: skip


class LotsAgainForm(forms.Form):
    """Why a new draw takes the place of the one before."""

    reason = short_text("Why was the call ranked again?")


class VoteForm(forms.Form):
    """A vote with its reason."""

    choice = forms.ChoiceField(label="Your vote", choices=[("", "Choose"), *Choice.choices])
    reason = short_text("Why?")


class DeferForm(forms.Form):
    """The day on which the board looks at it again."""

    until = DayField(
        label="When shall the board look at it again?",
        help_text="The secretariat brings it back on this day. The next vote decides: a second tie is a refusal.",
        error_messages={"required": "Enter the day on which the board looks at it again."},
    )  # fmt: skip

    def clean_until(self) -> date:
        """Refuse a day that has passed or lies too far ahead."""
        day: date = self.cleaned_data["until"]
        if not clock.today() < day <= last_day_to_defer_to():
            raise forms.ValidationError(f"Enter a day after today, and not after {in_words(last_day_to_defer_to())}.")
        return day


class ShortReviewForm(ReviewForm):
    """The three questions of a small idea, each with a score and one reason; the chance is open by definition."""

    choices = HALVES
    why = "One sentence is enough."

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, criteria=criteria, **kwargs)
        for name in ("strength", "weakness", "change", "chance"):
            del self.fields[name]
        for c in self.criteria:
            self.fields[f"score_{c.pk}"].label = c.name

    def draft_of(self, said: dict[str, str]) -> Draft:
        """Return answers as they are stored."""
        return super().draft_of(said | {"strength": "", "weakness": "", "change": "", "chance": Chance.OPEN})

    def add_missing(self) -> None:
        """Mark each field that handing in still needs."""
        for c in self.criteria:
            if not self.cleaned_data.get(f"score_{c.pk}"):
                self.add_error(f"score_{c.pk}", f"Score “{c.name}”.")
            if not self.cleaned_data.get(f"reason_{c.pk}"):
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


def named(person: User) -> str:
    """Return a person as a choice of a list: name, number and, where it was looked up, agency."""
    agency = getattr(person, "agency_name", None)
    return f"{person.full_name} · {person.employee_number}" + (f" · {agency}" if agency else "")


class ExpertiseForm(forms.Form):
    """What a reviewer knows about, and reads."""

    sectors = forms.MultipleChoiceField(
        label="I know about", choices=Sector.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label="I read", choices=Language.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one language."},
    )  # fmt: skip


class MatchForm(forms.Form):
    """What an assignment of a whole call has to keep to."""

    load_max = forms.IntegerField(
        label="At most how many reviews for one person?", min_value=1, max_value=100,
        help_text="What they still have to do in other calls counts too.",
        error_messages={"required": "Enter the most reviews for one person."},
    )  # fmt: skip
    load_min = forms.IntegerField(
        label="At least how many?", min_value=0, max_value=100, error_messages={"required": "Enter 0 or more."}
    )
    preferred = forms.IntegerField(
        label="How well should they know the subject?", min_value=0, max_value=MOST,
        help_text=f"Points from 0 to {MOST}. Who has fewer is taken only where nobody better is left.",
        error_messages={"required": f"Enter points from 0 to {MOST}."},
    )  # fmt: skip
    maximin = forms.BooleanField(label="Serve the proposal that is worst off first", required=False)

    def clean(self) -> dict[str, Any]:
        """Hold the two loads against each other."""
        said = super().clean() or self.cleaned_data
        if said.get("load_min") is not None and said.get("load_max") and said["load_min"] > said["load_max"]:
            self.add_error("load_min", "The least is above the most. Enter a smaller number.")
        return said


class NamesForm(forms.Form):
    """Whose names the applicants are told."""

    people = forms.MultipleChoiceField(
        label="Names to make known", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one name."},
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_pk = {str(person.pk): person for person in people}
        self.fields["people"].choices = [(pk, named(row)) for pk, row in self.by_pk.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[User]:
        """Return the people chosen."""
        return [self.by_pk[pk] for pk in self.cleaned_data["people"]]


class ObjectionForm(forms.Form):
    """Whom a lead objects to, and why."""

    person = forms.ChoiceField(label="Who should not judge it?", error_messages={"required": "Choose a name."})
    why = short_text("Why? The secretariat reads it; the person does not.")

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_pk = {str(person.pk): person for person in people}
        names = [("", "Choose"), *((pk, named(row)) for pk, row in self.by_pk.items())]
        self.fields["person"].choices = names  # type: ignore[attr-defined]
        self.fields["why"].error_messages["required"] = "Say why."

    @property
    def chosen(self) -> User:
        """Return the person chosen."""
        return self.by_pk[self.cleaned_data["person"]]


class YesNoForm(forms.Form):
    """A yes or no with its reason in writing; the words stand with the question."""

    answer = forms.ChoiceField(label="Your answer", error_messages={"required": "Choose your answer."})
    why = short_text("Why?")

    def __init__(self, *args: Any, yes: str, no: str, why: str = "Why?", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = [("", "Choose"), ("yes", yes), ("no", no)]  # type: ignore[attr-defined]
        self.fields["why"].label = why
        self.fields["why"].error_messages["required"] = "Say why."

    @property
    def says_yes(self) -> bool:
        """Tell whether the answer is yes."""
        return bool(self.cleaned_data["answer"] == "yes")
