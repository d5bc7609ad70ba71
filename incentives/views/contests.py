"""A second look: asking for one, and its page."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.enums import Role
from people.models import User
from people.policies import holds, is_in_team
from people.timeline import timeline_of
from people.views import visible_or_404

from ..enums import ContestAbout
from ..forms import ContestForm
from ..models import Contest, Outcome
from ..models.outcome import CHECKED
from ..policies import may_contest
from ..services import contests
from .common import OfCase

sees_every_result = holds(Role.HEAD, Role.AUDITOR)
WORDS = {
    "lodged": "asked for a second look", "admit": "found that it can be heard", "turn_away": "found that it cannot be",
    "assign": "took it", "uphold": "upheld it", "uphold_partly": "upheld it in part", "dismiss": "did not uphold it",
}  # fmt: skip


class AskAgain(OfCase):
    """What is wrong with a checked result, in one's own words."""

    model = Outcome

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, ContestForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the second look."""
        form = ContestForm(request.POST)
        if form.is_valid():
            about, words = ContestAbout(form.cleaned_data["about"]), form.cleaned_data["words"]
            try:
                row = contests.lodge(self.object, by=cast(User, request.user), about=about, words=words)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, f"Asked for. You have an answer by {row.due_on.day} {row.due_on:%B %Y}.")
                return redirect(row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: ContestForm) -> HttpResponse:
        if not may_contest(self.object, request.user):
            raise PermissionDenied
        if self.object.state not in CHECKED:
            messages.info(request, "Only what was checked can be looked at again.")
            return redirect(self.object)
        context = {"outcome": self.object, "form": form, "has_errors": bool(form.errors), "days": contests.ANSWER_DAYS}
        return render(request, "incentives/contest_form.html", context, status=400 if form.errors else 200)


class ContestPage(View):
    """What was asked, how far it is, and by when the answer comes."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions."""
        row = visible_or_404(Contest, request.user, pk=pk)
        context = {
            "contest": row, "actions": available(row, request.user), "model_key": "incentives.contest",
            "late": row.is_late(clock.today()), "timeline": timeline_of(row, WORDS),
            "sees_result": is_in_team(row, request.user) or sees_every_result(None, request.user),
        }  # fmt: skip
        return render(request, "incentives/contest.html", context)
