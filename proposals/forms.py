"""The sections of the form. A save takes what is there; `complete` asks for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from people.fields import WholeField
from people.models import User
from people.templatetags.fund import money

from .enums import Direction, Domain, Effect, EligibilityRule, SectionKey
from .form_base import Frame, RowsForm, SectionForm, day, figure, frame_of, line, money_line, number_in, text

__all__ = ["Frame", "SectionForm", "frame_of"]
SMALL_ROWS = 3  # of the money of a small idea


TARGET_YEARS = 10  # within which a promised figure has to be reached


class ProblemForm(SectionForm):
    """Problem and idea."""

    title = line("Title", "In plain words, at most 150 characters.", 150)
    problem = text("What is the problem, and for whom?")
    idea = text("What do you want to try?")


class MeasureForm(SectionForm):
    """The promised measure and the stop rules, fixed once the money is awarded."""

    optional = ("second_rule", "second_figure", "second_date")
    hypothesis = text("What do you believe will happen, and why?", rows=3, limit=1000)
    indicator = line("What will you measure?", "For example: median days from request to certificate.")
    unit = line("In which unit?", "For example: days.", 50)
    direction = forms.ChoiceField(label="Which way is better?", choices=[("", "Choose"), *Direction.choices])
    baseline = figure("What is it today?")
    target = figure("What shall it be at the end?")
    target_date = day("By when shall it be reached?", years=TARGET_YEARS)
    source = line("Where does the figure come from?")
    method = text("How will you measure it?", rows=3, limit=1000)
    stop_rule = text("When would you stop?", "A stop rule. Stopping well counts; it does not harm you.", 3, 1000)
    stop_figure = figure("At which figure would you stop?")
    stop_date = day("By when will you know?", years=TARGET_YEARS)
    second_rule = text("A second stop rule (optional)", "Only if another sign would also make you stop.", 3, 1000)
    second_figure = figure("At which figure? (second rule)")
    second_date = day("By when will you know? (second rule)", years=TARGET_YEARS)

    def clean(self) -> dict[str, Any]:
        """Refuse a target that does not lie in the promised direction, and half a second rule."""
        cleaned = super().clean() or self.cleaned_data
        baseline, target = cleaned.get("baseline"), cleaned.get("target")
        if baseline is not None and target is not None:
            self._check_direction(baseline, target, cleaned.get("direction", ""))
        self._check_days(cleaned)
        if self.complete and any(cleaned.get(name) for name in self.optional):
            for name in self.optional:
                if cleaned.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, f"Answer “{self.fields[name].label}”, or empty the whole second rule.")
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        """Refuse a day before the work can begin, and a stop that comes only after the target."""
        after, target = self.frame.after, cleaned.get("target_date")
        for name in ("target_date", "stop_date", "second_date"):
            chosen = cleaned.get(name)
            if chosen and after and chosen <= after:
                words = f"enter a day after {in_words(after)}. The work cannot begin before that."
            elif chosen and target and chosen > target:
                words = f"enter a day not after {in_words(target)}, the day of the target."
            else:
                continue
            self.add_error(name, f"“{self.fields[name].label}”: {words}")

    def _check_direction(self, baseline: Decimal, target: Decimal, direction: str) -> None:
        if target == baseline:
            self.add_error("target", "The target must differ from what it is today.")
        elif direction == Direction.LOWER and target > baseline:
            self.add_error("target", "You said that lower is better; the target must be lower than what it is today.")
        elif direction == Direction.HIGHER and target < baseline:
            self.add_error("target", "You said that higher is better; the target must be higher than what it is today.")


NEAR_PERCENT = 5  # of today's figure; a target nearer than this promises little


def notices_in(answers: dict[str, dict[str, str]]) -> list[str]:
    """Return what a writer should look at again although it is no error, one sentence each."""
    said = answers.get(SectionKey.MEASURE, {})
    baseline, target = number_in(said.get("baseline", "")), number_in(said.get("target", ""))
    if baseline and target is not None and 0 < abs(target - baseline) * 100 <= NEAR_PERCENT * abs(baseline):
        return [
            f"The target lies within {NEAR_PERCENT} % of what it is today. Reviewers will ask whether that is enough."
        ]
    return []


class PeopleForm(RowsForm):
    """People served, and who was asked, when, and what changed after it."""

    row_title = "Group that was asked"
    needed = ("consulted", "when", "changed")
    most = 20
    served = text("Who is served, and how many?", limit=1500)

    def row_fields(self, row: int) -> dict[str, forms.Field]:
        """Return who, when and what changed."""
        return {
            "consulted": line(f"Who was asked? (group {row})", "For example: twelve midwives in two wards.", 300),
            "when": line(f"When? (group {row})", "For example: May 2026, or two days in June.", 60),
            "changed": line(f"What did you change after it? (group {row})", "Write “nothing” if nothing changed.", 500),
        }


class SpenderField(forms.ChoiceField):
    """Which agency spends the money; the lead agency is offered once, and no answer means it."""

    def __init__(self, *, agencies: Sequence[tuple[str, str]], lead: str, **kwargs: Any) -> None:
        self.lead = lead
        name = dict(agencies).get(lead)
        own = ("", f"{name} (the lead agency)" if name else "The lead agency")
        super().__init__(choices=[own, *(agency for agency in agencies if agency[0] != lead)], **kwargs)

    def to_python(self, value: Any) -> str:
        """Read the lead agency's own code, which older answers hold, as the lead agency."""
        said = super().to_python(value)
        return "" if said == self.lead else said


class BudgetForm(RowsForm):
    """What is bought, by which agency, how many, and what one costs in ngultrum."""

    row_title = "Item"
    needed = ("item", "cost")

    def row_fields(self, row: int) -> dict[str, forms.Field]:
        """Return one budget item."""
        digits = forms.TextInput(attrs={"inputmode": "numeric"})
        agencies = self.frame.agencies
        agency: forms.Field = forms.CharField(max_length=30)
        if agencies:
            agency = SpenderField(
                label=f"Agency that spends it (item {row})", agencies=agencies, lead=self.frame.lead,
                error_messages={"invalid_choice": f"Choose an agency that takes part for item {row}."},
            )  # fmt: skip
        return {
            "item": line(f"Item {row}"),
            "agency": agency,
            "unit": line(f"Unit of item {row}", "For example: day, tablet, journey.", 50),
            "count": WholeField(
                label=f"How many of item {row}?", help_text="Empty counts as 1.", min_value=1, max_value=1_000_000,
                widget=digits,
            ),
            "cost": money_line(f"Cost of one of item {row}"),
            "source": line(
                f"Where does the cost of item {row} come from?",
                "You may leave it empty. For example: a quotation, a price list, an earlier proposal.", 200,
            ),
        }  # fmt: skip

    def missing(self, name: str, row: int) -> str:
        """Return the sentence for a gap in an item."""
        return f"Say what the amount of item {row} is for." if name == "item" else f"Enter the cost of item {row}."


class SparkForm(SectionForm):
    """A small idea: its name and the three questions."""

    title = line("What do you call your idea?", "In a few plain words. You can change it later.", 150)
    problem = text("Whose problem is it?", "Who has it, how often, and what does it cost them?", 4, 1500)
    idea = text("What will you try in 8 weeks?", "Something small that you can do with the people around you.", 4, 1500)
    success = text(
        "How will you know that it worked, and when would you stop?",
        "For example: “Half as many people come back a second time. I stop if nothing changes after 4 weeks.”", 4, 1500,
    )  # fmt: skip


def in_words(day: date) -> str:
    """Return a day as people read it."""
    return f"{day.day} {day:%B %Y}"


class SmallBudgetForm(BudgetForm):
    """At most three lines, within what the call gives to one idea."""

    template_name = "forms/form.html"
    most = SMALL_ROWS

    def row_fields(self, row: int) -> dict[str, forms.Field]:
        """Return what is needed and how much it costs."""
        more = "" if row == 1 else " (only if you need it)"
        return {
            "item": line(f"{row}. What do you need money for?{more}"), "cost": money_line(f"{row}. How much?"),
        }  # fmt: skip

    def _count(self) -> int:
        return SMALL_ROWS

    def missing(self, name: str, row: int) -> str:
        """Return the sentence for a gap in a line."""
        return "Say what you need money for." if name == "item" else "Enter how much it costs, in ngultrum."

    def clean(self) -> dict[str, Any]:
        """Refuse more than the call gives to one idea while it is written; the guard `within_ceiling` keeps it so."""
        cleaned = super().clean()
        costs = [cleaned.get(f"cost_{row}") or 0 for row in self.rows]
        if not self.complete and self.frame.ceiling and sum(costs) * 100 > self.frame.ceiling:
            self.add_error("cost_1", f"Together it is more than {money(self.frame.ceiling)}. Ask for less.")
        if "cost_1" not in self.errors and any(cleaned.get(f"cost_{row}") == 0 for row in self.rows) and not sum(costs):
            self.add_error("cost_1", "Ask for more than Nu. 0, or say in the next line what costs something.")
        return cleaned


class WellbeingForm(SectionForm):
    """The nine domains: helps, no effect, may harm; a line where it may harm."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        """Ask for each domain where the stage needs it, and for a line wherever it may harm."""
        cleaned = super().clean() or self.cleaned_data
        for key in Domain:
            effect = cleaned.get(f"effect_{key}")
            if self.complete and not effect and self.frame.needs_wellbeing:
                self.add_error(f"effect_{key}", f"Choose what it does to: {key.label.lower()}.")
            if self.complete and effect == Effect.HARMS and not cleaned.get(f"harm_{key}"):
                self.add_error(f"harm_{key}", f"Say what may be harmed: {key.label.lower()}.")
        return cleaned


for _key in Domain:
    _effects = [("", "Choose"), *Effect.choices]
    WellbeingForm.base_fields[f"effect_{_key}"] = forms.ChoiceField(label=_key.label, choices=_effects)
    WellbeingForm.base_fields[f"harm_{_key}"] = line(f"What may be harmed? ({_key.label.lower()})", limit=300)

FORMS: dict[str, type[SectionForm]] = {
    SectionKey.PROBLEM: ProblemForm,
    SectionKey.MEASURE: MeasureForm,
    SectionKey.PEOPLE: PeopleForm,
    SectionKey.BUDGET: BudgetForm,
    SectionKey.WELLBEING: WellbeingForm,
    SectionKey.SPARK: SparkForm,
}


def problems_in(key: str, answers: dict[str, str], frame: Frame | None = None) -> list[str]:
    """Return what a section still needs before it could be sent, one sentence each."""
    form = section_form(key)(answers, complete=True, frame=frame)
    return [str(error) for errors in form.errors.values() for error in errors]


@dataclass(frozen=True)
class Item:
    """One budget item; money in chhetrum. An empty agency is the lead agency."""

    item: str
    agency: str
    unit: str
    count: int
    cost: int
    source: str = ""

    @property
    def total(self) -> int:
        """Return count times cost, in chhetrum, exactly."""
        return self.count * self.cost


def items_in(answers: dict[str, str]) -> list[Item]:
    """Return the budget's items; those whose cost cannot be read are left out."""
    form = BudgetForm(answers)
    form.is_valid()
    said = form.cleaned_data
    return [
        Item(
            said.get(f"item_{row}") or "", said.get(f"agency_{row}") or "", said.get(f"unit_{row}") or "",
            said.get(f"count_{row}") or 1, int(said[f"cost_{row}"] * 100), said.get(f"source_{row}") or "",
        )
        for row in form.rows
        if said.get(f"cost_{row}") is not None and f"count_{row}" not in form.errors
    ]  # fmt: skip


def requested_in(answers: dict[str, str]) -> int:
    """Return the sum of the budget in chhetrum; items that cannot be read count nothing."""
    return sum(item.total for item in items_in(answers))


def section_form(key: str) -> type[SectionForm]:
    """Return the form of a section; KeyError for an unknown key."""
    return FORMS[key]


class ApproverForm(forms.Form):
    """Who says yes for the agency."""

    approver = forms.ModelChoiceField(
        User.objects.none(), label="Who says yes for your agency?", empty_label=None,
        error_messages={"required": "Choose a person.", "invalid_choice": "Choose a person of the list."},
    )  # fmt: skip

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["approver"]
        field.queryset = people
        field.label_from_instance = lambda person: f"{person.full_name} · {person.employee_number}"


class StartForm(forms.Form):
    """The one question that starts a draft."""

    title = line("What do you want to call it?", "You can change it later.", 150)


class EndorseForm(forms.Form):
    """An approver's answer; a return says why."""

    answer = forms.ChoiceField(choices=[("agree", "We agree"), ("return", "We return it")])
    reason = text("What has to change?", "The team reads this. Needed only when you return it.", 4, 1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for a reason when the version is returned."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "return" and not cleaned.get("reason"):
            self.add_error("reason", "Say what has to change.")
        return cleaned


class SubmitForm(forms.Form):
    """The lead's word that the proposal is complete and true."""

    certify = forms.BooleanField(
        label="What we wrote is true to the best of our knowledge, and no team member has an undeclared interest.",
        error_messages={"required": "Tick the box to confirm that the proposal is true."},
    )


class FirstCheckForm(forms.Form):
    """One yes or no per rule; a no says why."""

    def __init__(self, *args: Any, rules: Sequence[EligibilityRule] = tuple(EligibilityRule), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        for key in rules:
            self.fields[f"{key}_passed"] = forms.ChoiceField(
                label=key.label, choices=[("", "Choose"), ("yes", "Yes"), ("no", "No")],
                error_messages={"required": f"Choose yes or no: {key.label[0].lower()}{key.label[1:]}."},
            )  # fmt: skip
            self.fields[f"{key}_note"] = forms.CharField(
                label=f"Why not? ({key.label[0].lower()}{key.label[1:]})", required=False, max_length=500
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a reason for each no."""
        cleaned = super().clean() or self.cleaned_data
        for key in self.rules:
            if cleaned.get(f"{key}_passed") == "no" and not cleaned.get(f"{key}_note"):
                self.add_error(f"{key}_note", f"Say why: {key.label[0].lower()}{key.label[1:]}.")
        return cleaned

    def results(self) -> dict[EligibilityRule, tuple[bool, str]]:
        """Return rule -> (passed, note)."""
        found = self.cleaned_data
        return {key: (found[f"{key}_passed"] == "yes", found[f"{key}_note"]) for key in self.rules}


class InviteForm(forms.Form):
    """Whom to ask into the team."""

    who = line("E-mail address or employee number", "Two people can share a name; these are never shared.")
