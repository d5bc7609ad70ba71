"""Practice calls: made by the secretariat from a call, judged like any other, counted nowhere."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import TemplateView, View

import proposals.queries
from fund.call_queries import practices_for
from fund.models import Call
from fund.policies import may_set_up, practises, sees_drafts
from lifecycle.errors import NotPossible
from people.models import User
from people.queries import role_names
from people.views import visible_or_404
from proposals.services import practising

from .. import queries
from ..waiting import waiting_for


class Practices(TemplateView):
    """The practice calls that go on, and what waits in them for the person; nothing of it stands on my work."""

    template_name = "evaluation/practices.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add calls and steps; only those who judge or run calls have this page."""
        user = cast(User, self.request.user)
        if not practises(None, user):
            raise Http404
        roles = role_names(user)
        waiting = [
            *proposals.queries.waiting_in_practice(user, roles),
            *waiting_for(user, roles, practice=True),
        ]  # fmt: skip
        return super().get_context_data(
            calls=practices_for(user), waiting=waiting, panel=queries.sees_panel(None, user), **kwargs
        )


class MakePractice(View):
    """Makes a practice call from a call."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call; the page is the office's."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if not sees_drafts(self.call, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Say what it is, and show those that there are."""
        found = practices_for(request.user).filter(practice_of=self.call)
        context = {"call": self.call, "practices": found, "makes": may_set_up(self.call, request.user)}
        return render(request, "evaluation/practice_make.html", context)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Make one."""
        if not may_set_up(self.call, request.user):
            raise PermissionDenied
        try:
            made = practising.make(self.call, by=cast(User, request.user))
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("call_practice", reference=reference)
        messages.success(request, f"Made: {made.reference}, with invented proposals. Begin with their first checks.")
        return redirect("practices")
