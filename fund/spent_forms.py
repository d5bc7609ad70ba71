"""Forms about what is left of paid money, and what came back of it."""

from typing import Any

from django import forms

from people.templatetags.fund import money

from .forms import AmountField


class UnspentForm(forms.Form):
    """What is left, stated anew."""

    unspent = AmountField(label="How much of the paid money is unspent?", min_value=0)

    def __init__(self, *args: Any, rest: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unspent"].help_text = f"At most {money(rest)}: paid out, not accounted for. Enter 0 for nothing."


class RestForm(forms.Form):
    """The rest that came back: the amount as the page showed it, and where it can be looked up."""

    amount = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="Voucher or reference of the bank (you may leave this empty)", required=False, max_length=200
    )
