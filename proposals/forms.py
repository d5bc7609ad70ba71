"""The sections of the form. A save takes what is there; `complete` asks for all of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from people.models import Agency, User
from people.templatetags.fund import money

from .enums import EligibilityRule, SectionKey

LONG = 3000
BUDGET_ROWS = 6
SMALL_ROWS = 3  # of a small idea


def text(label: str, help_text: str = "", rows: int = 5, limit: int = LONG) -> forms.CharField:
    """Return a long-text field with a visible limit."""
    widget = forms.Textarea(attrs={"rows": rows, "data-maxlength": limit})
    return forms.CharField(label=label, help_text=help_text, max_length=limit, widget=widget)


def line(label: str, help_text: str = "", limit: int = 200) -> forms.CharField:
    """Return a one-line field."""
    return forms.CharField(label=label, help_text=help_text, max_length=limit)


def figure(label: str) -> forms.DecimalField:
    """Return a figure with at most four decimals, typed as text so that a phone shows digits and keeps mistakes."""
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=14, decimal_places=4, widget=widget)


class SectionForm(forms.Form):
    """Base of the sections: with `complete` every field that is not optional is required."""

    optional: tuple[str, ...] = ()

    def __init__(self, *args: Any, complete: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complete = complete
        for name, field in self.fields.items():
            field.required = complete and name not in self.optional
            field.error_messages["required"] = f"Answer “{field.label}”."

    def answers(self) -> dict[str, str]:
        """Return the cleaned values as text, for storage."""
        return {name: as_text(value) for name, value in self.cleaned_data.items()}


def as_text(value: Any) -> str:
    """Return a cleaned value as it is stored; nothing is an empty text."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


class ProblemForm(SectionForm):
    """Problem and idea."""

    title = line("Title", "In plain words, at most 150 characters.", 150)
    problem = text("What is the problem, and for whom?")
    idea = text("What do you want to try?")


class MeasureForm(SectionForm):
    """The promised measure and the stop rules, fixed once the money is awarded."""

    hypothesis = text("What do you believe will happen, and why?", rows=3, limit=1000)
    indicator = line("What will you measure?", "For example: median days from request to certificate.")
    unit = line("In which unit?", "For example: days.", 50)
    baseline = figure("What is it today?")
    target = figure("What shall it be at the end?")
    source = line("Where does the figure come from?")
    method = text("How will you measure it?", rows=3, limit=1000)
    stop_rule = text(
        "When would you stop?", "A stop rule: a figure and a date. Stopping well counts; it does not harm you.", 3, 1000
    )
    stop_date = forms.DateField(
        label="By when will you know?", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a target equal to the present value."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("target") is not None and cleaned.get("target") == cleaned.get("baseline"):
            self.add_error("target", "The target must differ from what it is today.")
        return cleaned


class SparkForm(SectionForm):
    """A small idea: its name and the three questions."""

    title = line("What do you call your idea?", "In a few plain words. You can change it later.", 150)
    problem = text("Whose problem is it?", "Who has it, how often, and what does it cost them?", 4, 1500)
    idea = text("What will you try in 8 weeks?", "Something small that you can do with the people around you.", 4, 1500)
    success = text(
        "How will you know that it worked, and when would you stop?",
        "For example: “Half as many people come back a second time. I stop if nothing changes after 4 weeks.”", 4, 1500,
    )  # fmt: skip


class PeopleForm(SectionForm):
    """People served and who was asked."""

    served = text("Who is served, and how many?", limit=1500)
    consulted = text("Who has been asked, when, and what did you change after it?", limit=1500)


def money_line(row: int) -> forms.DecimalField:
    """Return the amount of one budget row, in ngultrum with two decimals at most."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "data-prefix": "Nu."})
    label = f"Amount of item {row}"
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, widget=widget)


class BudgetForm(SectionForm):
    """Up to six budget lines in ngultrum."""

    optional = tuple(f"{part}_{row}" for row in range(2, BUDGET_ROWS + 1) for part in ("item", "amount"))

    def clean(self) -> dict[str, Any]:
        """Refuse an amount without an item and an item without an amount."""
        cleaned = super().clean() or self.cleaned_data
        for row in range(1, BUDGET_ROWS + 1):
            item, amount = cleaned.get(f"item_{row}"), cleaned.get(f"amount_{row}")
            if amount is not None and not item:
                self.add_error(f"item_{row}", f"Say what the amount of item {row} is for.")
            if self.complete and item and amount is None and f"amount_{row}" not in self.errors:
                self.add_error(f"amount_{row}", f"Enter the amount of item {row}.")
        return cleaned


for _row in range(1, BUDGET_ROWS + 1):
    BudgetForm.base_fields[f"item_{_row}"] = line(f"Item {_row}")
    BudgetForm.base_fields[f"amount_{_row}"] = money_line(_row)

FORMS: dict[str, type[SectionForm]] = {
    SectionKey.PROBLEM: ProblemForm,
    SectionKey.MEASURE: MeasureForm,
    SectionKey.PEOPLE: PeopleForm,
    SectionKey.BUDGET: BudgetForm,
    SectionKey.SPARK: SparkForm,
}


def problems_in(key: str, answers: dict[str, str]) -> list[str]:
    """Return what a section still needs before it could be sent, one sentence each."""
    form = section_form(key)(answers, complete=True)
    return [str(error) for errors in form.errors.values() for error in errors]


def requested_in(answers: dict[str, str]) -> int:
    """Return the sum of the budget's amounts in chhetrum; rows that cannot be read count nothing."""
    form = BudgetForm(answers)
    form.is_valid()
    amounts = (form.cleaned_data.get(f"amount_{row}") for row in range(1, BUDGET_ROWS + 1))
    return sum(int(amount * 100) for amount in amounts if amount is not None)


def section_form(key: str) -> type[SectionForm]:
    """Return the form of a section; KeyError for an unknown key."""
    return FORMS[key]


class SmallBudgetForm(BudgetForm):
    """At most three lines, within what the call gives to one idea (chhetrum)."""

    def __init__(self, *args: Any, ceiling: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ceiling = ceiling
        for row in range(1, BUDGET_ROWS + 1):
            if row > SMALL_ROWS:
                del self.fields[f"item_{row}"], self.fields[f"amount_{row}"]
                continue
            more = "" if row == 1 else " (only if you need it)"
            self.fields[f"item_{row}"].label = f"{row}. What do you need money for?{more}"
            self.fields[f"amount_{row}"].label = f"{row}. How much?"
        self.fields["item_1"].error_messages["required"] = "Say what you need money for."
        self.fields["amount_1"].error_messages["required"] = "Enter how much it costs, in ngultrum."

    def clean(self) -> dict[str, Any]:
        """Refuse more than the call gives to one idea."""
        cleaned = super().clean()
        amounts = [cleaned.get(f"amount_{row}") or 0 for row in range(1, SMALL_ROWS + 1)]
        if sum(amounts) * 100 > self.ceiling:
            self.add_error("amount_1", f"Together it is more than {money(self.ceiling)}. Ask for less.")
        return cleaned


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


class PartnerForm(forms.Form):
    """What one agency gives."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label="Agency", empty_label="Choose an agency")
    days = forms.IntegerField(
        label="Working days a month it gives", min_value=1, max_value=200,
        help_text="For all its people together. Its approver agrees to this number.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    contribution = line("What will it do?", "For example: two nurses test the form on the ward.", 300)

    def __init__(self, *args: Any, agencies: QuerySet[Agency] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agencies is None:
            self.fields.pop("agency")
        else:
            self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]


class EndorseForm(forms.Form):
    """An approver's answer; a return says why."""

    answer = forms.ChoiceField(choices=[("agree", "We agree"), ("return", "We return it")])
    reason = forms.CharField(
        label="What has to change?", required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "data-maxlength": 1000}),
        help_text="The team reads this. Needed only when you return it.",
    )  # fmt: skip

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
