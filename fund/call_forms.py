"""Forms of a call's set-up, of extensions and of subscriptions. Days are days in Thimphu."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from lifecycle import clock
from lifecycle.fiscal import fiscal_year
from people.enums import Sector
from people.fields import DayField, WholeField
from people.models import User
from people.templatetags.fund import money

from .closed_lines import is_closed
from .enums import CallKind, FundingRule, LotsRule, QuestionKind, Stage
from .forms import AmountField, _text
from .models import BudgetLine, Call, Criterion, Question
from .set_up import TEXTS
from .stage_defaults import STANDARD_ANCHORS, URGENT_DAYS

MOST_CRITERIA = 8
DONE = [("no", "No, I will come back to it"), ("yes", "Yes, it is completed")]


def whole(label: str, least: int, most: int, help_text: str = "") -> WholeField:
    """Return a whole number that a phone types with digits."""
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    errors = {"required": f"Answer “{label}”."}
    return WholeField(
        label=label, min_value=least, max_value=most, help_text=help_text, widget=widget, error_messages=errors
    )


def day_field(label: str, help_text: str = "", required: bool = True) -> DayField:
    """Return a day."""
    errors = {"required": f"Answer “{label}”.", "invalid": "Enter a day."}
    return DayField(label=label, help_text=help_text, required=required, error_messages=errors)


def begin_of(day: date) -> datetime:
    """Return the first moment of a day in the country's time."""
    return datetime.combine(day, time(0), timezone.get_default_timezone())


def end_of(day: date) -> datetime:
    """Return the exclusive end of a day in the country's time."""
    return begin_of(day + timedelta(days=1))


class NewCallForm(forms.Form):
    """What begins a call: a title, and either a past call to copy or a stage and a kind."""

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Enter a title."})
    copy_of = forms.ModelChoiceField(
        Call.objects.none(), label="Copy a past call (optional)", required=False, empty_label="Begin with an empty one",
        help_text="Everything is copied but the dates, the budget line and who approved it.",
    )  # fmt: skip
    stage = forms.ChoiceField(
        label="Stage", choices=Stage.choices, required=False, help_text="Not needed when you copy a call."
    )
    kind = forms.ChoiceField(label="Kind", choices=CallKind.choices, required=False)
    begin = forms.CharField(required=False, initial=uuid4, widget=forms.HiddenInput)  # one opened page begins one call

    def __init__(self, *args: Any, past: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if past is not None:
            self.fields["copy_of"].queryset = past  # type: ignore[attr-defined]

    def clean_begin(self) -> UUID | None:
        """Return the mark of the opened page; None for a form without one."""
        try:
            return UUID(self.cleaned_data["begin"])
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        """Ask for stage and kind when nothing is copied."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("stage", "kind"):
            if not cleaned.get("copy_of") and not cleaned.get(name):
                self.add_error(name, f"Choose a {name}.")
        return cleaned


class TaskForm(forms.Form):
    """Base of the tasks: ends with the question whether the task is completed."""

    needed: dict[str, str] = {}  # field -> what to do, asked for when the task is to be completed
    done = forms.ChoiceField(label="Have you completed this task?", choices=DONE)

    def clean(self) -> dict[str, Any]:
        """Ask for what is needed when the task is to be completed."""
        cleaned = super().clean() or self.cleaned_data
        for name, sentence in self.needed.items():
            if cleaned.get("done") == "yes" and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*(name for name in self.fields if name != "done"), "done"])

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        return {name: value for name, value in self.cleaned_data.items() if name != "done"}


class BasicsForm(TaskForm):
    """What the call is for, for whom, and what it leads to."""

    needed = TEXTS
    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Enter a title."})
    purpose = _text("What is the call for?", limit=4000, required=False)
    who_can_apply = _text("Who can apply?", required=False)
    leads_regular = _text("What can and cannot it lead to, for regular civil servants?", limit=1000, required=False)
    leads_contract = _text("And for people on contract?", limit=1000, required=False)
    leads_deputed = _text("And for people on deputation?", limit=1000, required=False)
    have_ready = _text("What should people have ready?", limit=1000, required=False)
    minutes_needed = whole("How many minutes does it take to apply?", 1, 600)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = self.initial.get("sectors", [])
        for sector in Sector:
            self.fields[f"sector_{sector}"] = forms.BooleanField(
                label=f"Only: {sector.label}", required=False, initial=sector in named
            )
        self.order_fields([*(name for name in self.fields if name != "done"), "done"])

    def values(self) -> dict[str, Any]:
        """Return the columns and the sectors that were ticked."""
        found = super().values()
        return found | {"sectors": [str(sector) for sector in Sector if found.pop(f"sector_{sector}")]}


def _named(line: BudgetLine, reader: User) -> str:
    rest = "" if is_closed(line, reader) else f", {money(line.available)} available"
    return f"{line} ({line.code}){rest}"


class MoneyForm(TaskForm):
    """The stage's figures for this call."""

    needed = {"budget_line": "Choose the budget line that pays."}
    budget_line = forms.ModelChoiceField(
        BudgetLine.objects.none(), label="Which budget line pays?", required=False,
        empty_label="Choose a budget line",
    )  # fmt: skip
    ceiling = AmountField(label="How much can one proposal get at most?", min_value=1)
    length_weeks = whole("How many weeks may the work take?", 1, 156)
    reviews_needed = whole("How many reviews does each proposal get?", 2, 9)
    least_halves = forms.TypedChoiceField(
        label="Least score of each criterion", coerce=int, choices=[(str(n), f"{n / 2:g} of 5") for n in range(11)]
    )
    least_total = whole("Least total, in percent", 0, 100)
    answer_days = whole("Within how many business days do people get their answer?", 1, 250)
    expected = whole("How many proposals do you expect?", 1, 5000)
    names_hidden = forms.BooleanField(label="Reviewers see no names", required=False)

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line: Any = self.fields["budget_line"]
        present = Q(fiscal_year__gte=fiscal_year(clock.today())) | Q(pk=self.initial.get("budget_line") or None)
        line.queryset = BudgetLine.objects.filter(present).order_by("-fiscal_year", "code")
        line.label_from_instance = lambda found: _named(found, reader)


class DatesForm(TaskForm):
    """When it opens and closes; an urgent one says why."""

    kind = forms.ChoiceField(label="Kind", choices=CallKind.choices)
    opens_on = day_field("On which day does it open?", "At 00:00, Thimphu time (UTC+6).")
    last_day = day_field(
        "Which is the last day?", "It closes at 23:59, Thimphu time (UTC+6). Leave it empty for a rolling call.", False
    )
    urgent_reason = _text("Why is it urgent? (only for an urgent call)", limit=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for a last day after the opening, and for none in a rolling call."""
        cleaned = super().clean() or self.cleaned_data
        first, last, rolling = cleaned.get("opens_on"), cleaned.get("last_day"), cleaned.get("kind") == CallKind.ROLLING
        if rolling and last:
            self.add_error("last_day", "A rolling call has no last day. Leave it empty.")
        if not rolling and not last and "last_day" not in self.errors:
            self.add_error("last_day", "Enter the last day.")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not lie before the opening day.")
        if cleaned.get("kind") == CallKind.URGENT:
            self._check_urgent(cleaned, first, last)
        return cleaned

    def _check_urgent(self, cleaned: dict[str, Any], first: date | None, last: date | None) -> None:
        if first and last and (last - first).days >= URGENT_DAYS:
            self.add_error("last_day", f"An urgent call is open for {URGENT_DAYS} days at most.")
        if cleaned.get("done") == "yes" and not cleaned.get("urgent_reason"):
            self.add_error("urgent_reason", "Say why it is urgent.")

    def values(self) -> dict[str, Any]:
        """Return the columns; the end is exclusive."""
        said = self.cleaned_data
        ends = end_of(said["last_day"]) if said["last_day"] else None
        return {
            "opens_at": begin_of(said["opens_on"]), "closes_at": ends, "kind": said["kind"],
            "urgent_reason": said["urgent_reason"],
        }  # fmt: skip


class RulesForm(TaskForm):
    """How money is shared out down the list, between whom lots are drawn, and how many decide."""

    funding_rule = forms.ChoiceField(label="When the next proposal costs more than is left", choices=FundingRule)
    lots_rule = forms.ChoiceField(label="Lots are drawn", choices=LotsRule)
    quorum = whole("How many board members decide at least", 3, 15, "Counted without those who have a conflict.")
    reserve_months = whole(
        "For how many months one stays on the reserve list", 1, 24, "Counted from the day on which the team was told."
    )


class CriteriaForm(TaskForm):
    """Up to eight criteria; a row without a name is left out."""

    def __init__(self, *args: Any, criteria: Iterable[Criterion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(criteria)
        self.places = range(1, min(len(rows) + 1, MOST_CRITERIA) + 1)
        for place in self.places:
            self._add(place, rows[place - 1] if place <= len(rows) else None)
        self.order_fields([*(name for name in self.fields if name != "done"), "done"])

    def _add(self, place: int, row: Criterion | None) -> None:
        name = forms.CharField(label=f"Name of criterion {place}", max_length=120, required=False)
        weight = whole(f"Weight of criterion {place}, in percent", 1, 100)
        weight.required, name.initial, weight.initial = False, row.name if row else "", row.weight if row else None
        weight.widget.attrs["data-part"] = "weights"
        self.fields[f"name_{place}"], self.fields[f"weight_{place}"] = name, weight
        for score, offered in enumerate(STANDARD_ANCHORS):
            said = row.anchors[score] if row and score < len(row.anchors) else offered
            self.fields[f"anchor_{place}_{score}"] = forms.CharField(
                label=f"What {score} means for criterion {place}", max_length=300, required=False, initial=said
            )

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Return the fields of each criterion, for the page."""
        return [
            {
                "place": place, "name": self[f"name_{place}"], "weight": self[f"weight_{place}"],
                "anchors": [self[f"anchor_{place}_{score}"] for score in range(6)],
            }
            for place in self.places
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a weight beside each name, and for 100 in all when it is to be completed."""
        cleaned = super().clean() or self.cleaned_data
        named = [place for place in self.places if cleaned.get(f"name_{place}")]
        for place in named:
            if cleaned.get(f"weight_{place}") is None and f"weight_{place}" not in self.errors:
                self.add_error(f"weight_{place}", f"Enter the weight of criterion {place}.")
        total = sum(cleaned.get(f"weight_{place}") or 0 for place in named)
        if cleaned.get("done") == "yes" and total != 100 and not self.errors:
            self.add_error("weight_1", f"The weights add up to {total}. They must add up to 100.")
        return cleaned

    def rows(self) -> list[dict[str, Any]]:
        """Return the named criteria in their order."""
        said = self.cleaned_data
        return [
            {
                "name": said[f"name_{place}"], "weight": said[f"weight_{place}"],
                "anchors": [said[f"anchor_{place}_{score}"] for score in range(6)],
            }
            for place in self.places
            if said[f"name_{place}"]
        ]  # fmt: skip


class DoneForm(TaskForm):
    """Only the question whether the task is completed."""


class QuestionForm(forms.Form):
    """One own question of a call."""

    text = forms.CharField(label="The question", max_length=300, error_messages={"required": "Write the question."})
    help_text = forms.CharField(label="Help below it (optional)", max_length=300, required=False)
    kind = forms.ChoiceField(label="What is the answer?", choices=QuestionKind)
    limit = whole("At most how many letters? (for a text)", 10, 5000)
    choices = _text("Choices, one on each line (for a choice)", limit=1000, required=False)
    columns = _text("Columns, one on each line (for a table, at most four)", limit=400, required=False)
    required = forms.BooleanField(label="It must be answered", required=False)
    hidden = forms.BooleanField(label="Reviewers do not see the answer when names are hidden", required=False)
    shown_if = forms.ModelChoiceField(
        Question.objects.none(), label="Ask it only after a choice (optional)", required=False,
        empty_label="Always ask it",
    )  # fmt: skip
    shown_value = forms.CharField(label="When the choice is", max_length=100, required=False)

    def __init__(self, *args: Any, earlier: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if earlier is not None:
            self.fields["shown_if"].queryset = earlier  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn lines into lists, and hold each kind to what it needs."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("choices", "columns"):
            cleaned[name] = [row.strip()[:100] for row in cleaned.get(name, "").splitlines() if row.strip()]
        kind, before = cleaned.get("kind"), cleaned.get("shown_if")
        if kind == QuestionKind.CHOICE and len(set(cleaned["choices"])) < 2:
            self.add_error("choices", "Give at least two different choices.")
        if kind == QuestionKind.TABLE and not 1 <= len(cleaned["columns"]) <= 4:
            self.add_error("columns", "Name one to four columns.")
        if before and cleaned.get("shown_value") not in before.choices:
            self.add_error("shown_value", f"Enter one of: {', '.join(before.choices)}.")
        if not before:
            cleaned["shown_value"] = ""
        return cleaned


class ApproveForm(forms.Form):
    """The head's word; with a shortage, why the call opens anyway."""

    note = _text("Why does it open with too few people?", "It stays with the call.", 1000, required=False)


class ExtendForm(forms.Form):
    """A later last day, for all or for one person."""

    last_day = day_field("Which is the new last day?", "Until 23:59, Thimphu time (UTC+6).")
    who = forms.CharField(
        label="For whom? (empty: for all)", required=False, max_length=200,
        help_text="E-mail address or employee number of a lead. It holds for what this person leads in this call.",
    )  # fmt: skip
    reason = _text("Why?", "Applicants read it; where it is for one person, only that person.", 500)

    def given(self) -> str:
        """Return what to say when it is given."""
        if self.cleaned_data["who"]:
            return "More time is given. The person has a message with the reason, and reads both on the call's page."
        return "More time is given, and the reason stands on the call's page."

    def until(self) -> datetime:
        """Return the exclusive end."""
        return end_of(self.cleaned_data["last_day"])


class SubscriptionForm(forms.Form):
    """Of which stages one wants to hear."""

    def __init__(self, *args: Any, chosen: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for stage in Stage:
            self.fields[stage] = forms.BooleanField(label=stage.label, required=False, initial=stage in set(chosen))

    def stages(self) -> list[str]:
        """Return the stages that were ticked."""
        return [str(stage) for stage in Stage if self.cleaned_data[stage]]


def reference_for(stage: str, title: str, taken: Iterable[str]) -> str:
    """Return a short free reference: the stage and the first word of the title, numbered when it is taken."""
    base = f"{stage}-{slugify(title).split('-')[0] or 'call'}"[:16].rstrip("-")
    used = set(taken)
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, 10_000))
    return next(reference for reference in numbered if reference not in used)
