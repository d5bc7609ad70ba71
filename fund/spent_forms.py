"""Forms about paid money: which receipts count, what is left, what came back; and the key of an opened page."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet

from people.templatetags.fund import money

from .forms import AmountField
from .models import Receipt


class PageKey(forms.Form):
    """The key that a page was given when it was opened."""

    once = forms.RegexField(r"^[0-9a-f-]{36}$", required=False)


def key_in(posted: Any) -> UUID | None:
    """Return the key that was sent along; None for none, and for what is no key."""
    form = PageKey(posted)
    try:
        return UUID(form.cleaned_data["once"]) if form.is_valid() else None
    except ValueError:  # none was sent, or hyphens only
        return None


class ChosenReceipts(forms.Form):
    """The receipts of one payment that are accepted together."""

    receipts = forms.ModelMultipleChoiceField(
        Receipt.objects.none(),
        error_messages={
            "required": "Tick the receipts that you accept.",
            "invalid_choice": "One of these receipts does not wait any more. Look at the list again.",
        },
    )

    def __init__(self, *args: Any, waiting: QuerySet[Receipt], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receipts"].queryset = waiting  # type: ignore[attr-defined]


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
