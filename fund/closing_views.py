"""Pages of the closing of an ended grant."""

from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.timeline import timeline_of
from people.views import visible_or_404

from .enums import CloseOutState
from .forms import AssetForm, CloseOutForm
from .grant_views import GrantForm
from .models import Asset, CloseOut, Grant
from .policies import may_lead_grant
from .services.closing import hand_in, hand_over

WORDS = {
    "submit": "handed in the checklist", "send_back": "returned the checklist", "close_accounts": "closed the accounts",
    "handed_over": "recorded what was handed over",
}  # fmt: skip


def closing_of(grant: Grant) -> CloseOut:
    """Return the grant's closing; 404 while it has not ended."""
    found: CloseOut = get_object_or_404(CloseOut.objects.select_related("grant"), grant=grant)
    return found


class Closing(TemplateView):
    """What is left to do: the checklist, what was handed over, and what finance says."""

    template_name = "fund/closing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the checklist, the assets, actions and timeline."""
        grant = visible_or_404(Grant, self.request.user, case=kwargs["case"])
        close_out = closing_of(grant)
        return {
            "grant": grant, "close_out": close_out, "assets": grant.assets.select_related("receiver"),
            "actions": available(close_out, self.request.user), "model_key": "fund.closeout",
            "may_add": close_out.state == CloseOutState.TO_DO and may_lead_grant(grant, self.request.user),
            "timeline": timeline_of(close_out, WORDS),
        }  # fmt: skip


class ClosingForm(GrantForm):
    """Base: the part is the closing, and the way back leads to its page."""

    def load(self, position: int | None) -> Any:
        """Return the closing."""
        return closing_of(self.grant)

    def done(self) -> HttpResponse:
        """Return to the closing."""
        return redirect(self.part)


class FillCloseOut(ClosingForm):
    """Hands in the checklist."""

    form_class, title, name, button = CloseOutForm, "Hand in the checklist", "submit", "Hand in"

    def extras(self) -> dict[str, Any]:
        """Start from what was said before."""
        names = ("receipts_at", "carried_on_by", "personal_data")
        return {"initial": {name: getattr(self.part, name) for name in names}}

    def apply(self, data: dict[str, Any]) -> None:
        """Hand in."""
        hand_in(self.part, by=cast(User, self.request.user), **data)


class HandOver(ClosingForm):
    """Records which agency has what was bought."""

    form_class, title, button, records = AssetForm, "Hand over something that was bought", "Record", Asset

    def refused(self) -> NotPossible | None:
        """Keep out all but lead and deputy."""
        allowed = may_lead_grant(self.grant, self.request.user)
        return None if allowed else NotPossible("Only the lead hands over what was bought.", forbidden=True)

    def apply(self, data: dict[str, Any]) -> None:
        """Record."""
        hand_over(self.part, by=cast(User, self.request.user), key=self.key, **data)
