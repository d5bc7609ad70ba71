"""The home page and the help page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

import fund.queries
import proposals.queries
from fund.models import Call
from proposals.models import Proposal

SHOWN = 10  # in progress; the rest is one click away


class Home(TemplateView):
    """My work: what waits for me across all roles, and what I have in progress."""

    template_name = "reports/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask each room what waits for the person; a plain list of calls, no registry."""
        user: Any = self.request.user
        open_calls = [call for call in Call.objects.visible_to(user)[:50] if call.is_open]
        invitations, grant_steps = proposals.queries.waiting_for(user), fund.queries.waiting_for(user)
        return super().get_context_data(
            invitations=invitations,
            grant_steps=grant_steps,
            waiting_count=len(invitations) + len(grant_steps),
            in_progress=Proposal.objects.visible_to(user).select_related("call", "lead_agency")[:SHOWN],
            open_calls=open_calls,
            **kwargs,
        )


@method_decorator(login_not_required, name="dispatch")
class Help(TemplateView):
    """How the fund works, in short, and whom to ask."""

    template_name = "reports/help.html"
