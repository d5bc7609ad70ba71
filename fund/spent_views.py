"""Forms about money that was paid: what it was spent on, what is left, what came back."""

from typing import Any, cast

from django.shortcuts import get_object_or_404

from people.models import User
from people.templatetags.fund import money

from .forms import AccountForm, StopForm
from .grant_views import GrantForm
from .models import Receipt
from .services.money_rows import ngultrum
from .services.payments import account_for, take_back
from .services.stopping import ask_to_stop, restate_unspent
from .spent_forms import RestForm, UnspentForm


class AccountPayment(GrantForm):
    """Accounts for a payment, all of it or a part."""

    form_class, title, name, button, records = AccountForm, "Account for a payment", "account", "Record", Receipt
    said = "Recorded. Finance looks at it; it counts as spent once finance accepts it."

    def load(self, position: int | None) -> Any:
        """Return the payment."""
        return get_object_or_404(self.grant.tranches.select_related("grant"), position=position)

    def extras(self) -> dict[str, Any]:
        """Tell how much is open."""
        return {"rest": self.part.rest}

    def apply(self, data: dict[str, Any]) -> None:
        """Record the expenditure."""
        account_for(self.part, by=cast(User, self.request.user), key=self.key, **data)


class StopEarly(GrantForm):
    """Asks to stop early."""

    form_class, title, name, button = StopForm, "Stop early", "stop", "Ask to stop"

    def extras(self) -> dict[str, Any]:
        """Tell how much is open."""
        return {"rest": self.grant.in_hand}

    def apply(self, data: dict[str, Any]) -> None:
        """Ask."""
        ask_to_stop(self.grant, by=cast(User, self.request.user), **data)


class RestateUnspent(GrantForm):
    """States anew, while the grant is stopping, what of the paid money is unspent."""

    form_class, title, name, button = UnspentForm, "State anew what is unspent", "restate", "Send"

    def extras(self) -> dict[str, Any]:
        """Tell how much is open, and start from what was said before."""
        return {"rest": self.grant.in_hand, "initial": {"unspent": ngultrum(self.grant.unspent or 0)}}

    def apply(self, data: dict[str, Any]) -> None:
        """Replace what was said."""
        restate_unspent(self.grant, by=cast(User, self.request.user), **data)


class TakeBackRest(GrantForm):
    """Records that what was not spent of a payment came back."""

    form_class, title, name, button = RestForm, "Record that the rest came back", "return_rest", "Record"

    def load(self, position: int | None) -> Any:
        """Return the payment."""
        return get_object_or_404(self.grant.tranches.select_related("grant"), position=position)

    def extras(self) -> dict[str, Any]:
        """Hand on the amount that is shown."""
        return {"initial": {"amount": self.part.rest}}

    def beside(self) -> dict[str, Any]:
        """Say how much it is, and what to do where only a part came back."""
        rest, amount = money(self.part.rest), money(self.part.amount)
        return {
            "lead_in": f"{rest} of {amount} is not accounted for. You record that all of the {rest} is back in the "
            "fund's account; the budget line has it available again. If some of it was spent, the team accounts for "
            "that part first."
        }

    def apply(self, data: dict[str, Any]) -> None:
        """Record it."""
        take_back(self.part, by=cast(User, self.request.user), **data)
