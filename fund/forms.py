"""Forms of the room. Amounts are typed in ngultrum and handed on in chhetrum."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from lifecycle import clock
from people.fields import DayField, NumberField, SeveralFiles, WholeField
from people.models import Agency
from people.templatetags.fund import money

from .enums import AmendmentKind, FindingKind, FindingOffice, StopChoice
from .models import BudgetLine, Grant, Tranche


def _text(label: str, help_text: str = "", limit: int = 2000, required: bool = True) -> forms.CharField:
    """Return a long-text field with a visible limit."""
    widget = forms.Textarea(attrs={"rows": 5, "data-maxlength": limit})
    errors = {"required": f"Answer “{label}”."}
    return forms.CharField(
        label=label, help_text=help_text, max_length=limit, widget=widget, required=required, error_messages=errors
    )


class AmountField(NumberField):
    """Ngultrum with at most two decimals; cleans to integer chhetrum."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "data-prefix": "Nu."})
        errors = {"required": "Enter an amount in ngultrum."}
        super().__init__(max_digits=14, decimal_places=2, widget=widget, error_messages=errors, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return chhetrum."""
        amount = super().clean(value)
        return int(amount * 100) if isinstance(amount, Decimal) else amount


class MilestoneForm(forms.Form):
    """What shows that a milestone is reached."""

    evidence = _text("What shows that it is reached?", "Say what can be seen, counted or read, and where.", 4000)
    uploads = SeveralFiles(
        label="Files (optional)", required=False, allow_empty_file=True,
        help_text="Photographs, lists, letters: PDF, PNG, JPEG, Word or Excel, at most 10 MB each and 10 files.",
    )  # fmt: skip


class ReportForm(forms.Form):
    """The one-page report."""

    done = _text("What was done?")
    measured = _text("What was measured?", "The measure you promised, with its figures. “Nothing yet” is an answer.")
    next_steps = _text("What is next?")


class AccountForm(forms.Form):
    """What was spent of a payment, and on what."""

    amount = AmountField(label="How much was spent?", min_value=Decimal("0.01"))
    note = _text("What was it spent on?", limit=1000)
    upload = forms.FileField(
        label="Receipts", required=False, allow_empty_file=True,
        help_text="PDF, PNG, JPEG, Word or Excel, at most 10 MB. Without a file, say above where the receipts lie.",
    )  # fmt: skip

    def __init__(self, *args: Any, rest: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = f"{money(rest)} of this payment is not recorded yet. Finance looks at it."


class StopForm(forms.Form):
    """Why to stop, and what is left."""

    note = _text("Which stop rule was met, or why do you want to stop?")
    unspent = AmountField(label="How much of the paid money is unspent?", min_value=0)

    def __init__(self, *args: Any, rest: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unspent"].help_text = f"At most {money(rest)}: paid out, not accounted for. Enter 0 for nothing."


class FieldNoteForm(forms.Form):
    """What I did on a day."""

    happened_on = DayField(
        label="On which day?", error_messages={"required": "Enter a day.", "invalid": "Enter a day."}
    )
    text = _text("What did you do?", "It counts as your recorded work and cannot be changed later.")

    def clean_happened_on(self) -> Any:
        """Refuse a day that has not come."""
        day = self.cleaned_data["happened_on"]
        if day > clock.today():
            raise forms.ValidationError("The day cannot lie in the future.")
        return day


class ReadingForm(forms.Form):
    """The promised measure on one day."""

    measured_on = DayField(
        label="On which day was it measured?", error_messages={"required": "Enter a day.", "invalid": "Enter a day."}
    )
    value = NumberField(
        label="What was the figure?", max_digits=18, decimal_places=4, error_messages={"required": "Enter the figure."}
    )
    source = forms.CharField(
        label="Where does it come from?", max_length=300, error_messages={"required": "Say where it comes from."}
    )

    def __init__(self, *args: Any, terms: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].help_text = f"{terms.get('indicator', 'The measure')}, in: {terms.get('unit', 'units')}."
        self.initial = {"measured_on": clock.today(), "source": terms.get("source", "")[:300]}

    def clean_measured_on(self) -> Any:
        """Refuse a day that has not come."""
        day = self.cleaned_data["measured_on"]
        if day > clock.today():
            raise forms.ValidationError("The day cannot lie in the future.")
        return day


class StopAnswerForm(forms.Form):
    """Go on, change or stop, and why."""

    choice = forms.ChoiceField(
        label="What do you decide?", choices=StopChoice.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )  # fmt: skip
    reason = _text("Why?", "Stopping well is part of trying things out: it is counted, not punished.")


class ChangeForm(forms.Form):
    """What the lead asks to change; only the questions of the chosen kind are read."""

    kind = forms.ChoiceField(
        label="What should change?", choices=AmendmentKind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )  # fmt: skip
    days = WholeField(
        label="More time: by how many days?", min_value=1, max_value=730, required=False,
        help_text="All open milestones and reports move by it.",
    )  # fmt: skip
    from_item = forms.ChoiceField(label="Between items: from which item?", required=False)
    to_item = forms.ChoiceField(label="Between items: to which item?", required=False)
    moved = AmountField(label="Between items: how much moves?", min_value=Decimal("0.01"), required=False)
    amount = AmountField(label="The amount: what should it be?", min_value=Decimal("0.01"), required=False)
    resized = forms.ChoiceField(
        label="The amount: which item grows or shrinks?", required=False, help_text="The items add up to the amount."
    )
    text = _text("What is done: what changes?", limit=4000, required=False)
    reason = _text("Why?")

    ASKS = {
        AmendmentKind.TIME: ("days",), AmendmentKind.VIREMENT: ("from_item", "to_item", "moved"),
        AmendmentKind.AMOUNT: ("amount", "resized"), AmendmentKind.SCOPE: ("text",),
    }  # fmt: skip

    def __init__(self, *args: Any, items: Sequence[tuple[str, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose an item"), *((name, f"{name} ({money(amount)})") for name, amount in items)]
        for name in ("from_item", "to_item", "resized"):
            if items:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        for kind, names in self.ASKS.items():
            for field in (self.fields[name] for name in names if name in self.fields):
                field.shown_if = ("kind", kind.value)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind needs, and hand on nothing else."""
        data = super().clean() or self.cleaned_data
        wanted = self.ASKS[AmendmentKind(data["kind"])] if data.get("kind") else ()
        wanted = tuple(name for name in wanted if name != "resized" or name in self.fields)  # no items, none to choose
        for name in wanted:
            if name not in self.errors and not data.get(name):
                self.add_error(name if name in self.fields else "kind", "This is needed for the change you chose.")
        asked = {name: data[name] for name in ("kind", "reason", *wanted) if name in data}
        columns = {"moved": "amount", "resized": "to_item"}
        return {columns.get(name, name): value for name, value in asked.items()}


class MoreForm(forms.Form):
    """What was asked of the team."""

    reason = _text("Why is the change needed?")


class CloseOutForm(forms.Form):
    """The lead's checklist at the end of a grant."""

    receipts_at = forms.CharField(
        label="Where are the receipts kept for ten years?", max_length=300,
        error_messages={"required": "Say where the receipts are kept."},
    )  # fmt: skip
    carried_on_by = forms.CharField(
        label="Which office carries the work on?", max_length=300, help_text="“Nobody, it ended” is an answer.",
        error_messages={"required": "Say who carries the work on."},
    )  # fmt: skip
    personal_data = _text(
        "What happens to personal data that was collected?", "“None was collected” is an answer.", 1000
    )


class AssetForm(forms.Form):
    """One thing that was bought, and who has it now."""

    what = forms.CharField(label="What is it?", max_length=200, error_messages={"required": "Say what it is."})
    value = AmountField(label="What did it cost?", min_value=Decimal("0.01"))
    receiver = forms.ModelChoiceField(
        Agency.objects.filter(until=None), label="Which agency has it now?", empty_label="Choose an agency",
        error_messages={"required": "Choose an agency."},
    )  # fmt: skip
    handed_over_on = DayField(
        label="Since which day?", error_messages={"required": "Enter a day.", "invalid": "Enter a day."}
    )


class FindingForm(forms.Form):
    """What the audit found, and who answers."""

    kind = forms.ChoiceField(
        label="What kind of finding is it?", choices=FindingKind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of finding it is."},
        help_text="With any but the first a failure of this team does not count while the finding is open, "
        "nor after it is closed, unless you close it as wrong.",
    )  # fmt: skip
    payment = forms.ModelChoiceField(
        Tranche.objects.none(),
        label="Is it about one payment?",
        required=False,
        empty_label="No, about the whole grant",
    )
    title = forms.CharField(
        label="What is it, in one line?", max_length=150, error_messages={"required": "Name it in one line."}
    )
    text = _text("What was found, and what should be answered?", limit=4000)
    office = forms.ChoiceField(
        label="Who answers?", choices=FindingOffice.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose who answers."},
    )  # fmt: skip

    def __init__(self, *args: Any, grant: Grant | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if grant is None:
            del self.fields["payment"], self.fields["kind"]
            offices = [choice for choice in FindingOffice.choices if choice[0] != FindingOffice.TEAM]
            self.fields["office"].choices = offices  # type: ignore[attr-defined]
        else:
            payments = Tranche.objects.filter(grant=grant).select_related("grant")
            self.fields["payment"].queryset = payments  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Call the payment what the service calls it."""
        data = super().clean() or self.cleaned_data
        return data | {"tranche": data.pop("payment", None)}


class AnswerFindingForm(forms.Form):
    """The answer of the office."""

    note = _text(
        "What is your answer?", "What was done, by when, or why it is right as it is. It stays on record.", 4000
    )


class TableFileForm(forms.Form):
    """One table, named by what it holds."""

    file = forms.FileField(
        help_text="Excel (.xlsx) or CSV, at most 10 MB.", error_messages={"required": "Choose a file."}
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = label


class TransferForm(forms.Form):
    """How much moves from which line to which, and why."""

    from_line = forms.ModelChoiceField(
        BudgetLine.objects.none(), label="From which line?", empty_label="Choose a line",
        error_messages={"required": "Choose a line."},
    )  # fmt: skip
    to_line = forms.ModelChoiceField(
        BudgetLine.objects.none(), label="To which line?", empty_label="Choose a line",
        error_messages={"required": "Choose a line."},
    )  # fmt: skip
    amount = AmountField(label="How much?", min_value=Decimal("0.01"))
    reason = _text("Why?", limit=1000)

    def __init__(self, *args: Any, lines: QuerySet[BudgetLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_line", "to_line"):
            self.fields[name].queryset = lines  # type: ignore[attr-defined]


class LedgerFilter(forms.Form):
    """Between which days entries are shown."""

    since = DayField(label="From day", required=False)
    until = DayField(label="Up to day", required=False)
