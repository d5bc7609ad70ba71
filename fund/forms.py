"""Forms of the room. Amounts are typed in ngultrum and handed on in chhetrum."""

from decimal import Decimal
from typing import Any

from django import forms

from lifecycle import clock
from people.fields import DayField, NumberField
from people.templatetags.fund import money


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


class ReportForm(forms.Form):
    """The one-page report."""

    done = _text("What was done?")
    measured = _text("What was measured?", "The measure you promised, with its figures. “Nothing yet” is an answer.")
    next_steps = _text("What is next?")


class AccountForm(forms.Form):
    """What was spent of a payment, and on what."""

    amount = AmountField(label="How much was spent?", min_value=Decimal("0.01"))
    note = _text("What was it spent on?", limit=1000)

    def __init__(self, *args: Any, rest: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = f"{money(rest)} of this payment is not accounted for yet."


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
