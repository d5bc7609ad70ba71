"""The board puts a proposal off, to a day that it names."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import User
from proposals.enums import ProposalState
from proposals.policies import may_decide_full

from ..forms import DeferForm
from ..guards import counting_votes
from ..services import decide
from .panel import Judged

OFFERED = timedelta(days=30)


class Defer(Judged):
    """A tied board, or one that wants to know more, names the day on which it looks again."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the votes and offer a day a month ahead."""
        return self._page(request, DeferForm(initial={"until": clock.today() + OFFERED}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Put it off."""
        form = DeferForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            decide.defer(self.proposal, by=cast(User, request.user), until=form.cleaned_data["until"])
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, "Deferred. The secretariat brings it back on the day that you named.")
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: DeferForm) -> HttpResponse:
        if not may_decide_full(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state != ProposalState.DECISION_PENDING:
            messages.info(request, "The board does not decide on this now.")
            return redirect(self.proposal)
        context = {
            "proposal": self.proposal, "form": form, "obstacles": explain(self.proposal, "defer"),
            "votes": counting_votes(self.proposal).select_related("member"), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/defer.html", context, status=400 if form.errors else 200)
