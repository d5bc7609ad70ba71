"""A second look: asking for one, and its page."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.enums import Role
from people.models import User
from people.policies import holds, is_in_team
from people.services.access import log_look
from people.timeline import timeline_of
from people.views import visible_or_404

from .. import queries
from ..enums import ContestAbout
from ..forms import ContestForm
from ..models import Contest, Outcome
from ..models.outcome import CHECKED
from ..policies import may_contest, may_settle
from ..services import contests
from .common import OfCase
from .purpose import AsksPurpose

sees_every_result = holds(Role.HEAD, Role.AUDITOR)
WORDS = {
    "lodged": "asked for a second look", "admit": "found that it can be heard", "turn_away": "found that it cannot be",
    "assign": "took it", "hand_back": "gave it to somebody else",
    "carried_out": "took the points back and gave them anew", "uphold": "upheld it",
    "uphold_partly": "upheld it in part", "dismiss": "did not uphold it",
}  # fmt: skip


def _asked(row: Contest) -> str:
    """Return what the person is told who asked."""
    day = f"{row.due_on.day} {row.due_on:%B %Y}"
    if row.no_officer:
        return (
            "Asked for. No officer without an earlier act in the case is there now. The head of secretariat has been "
            f"told to find one. You should have an answer by {day}; your second look says where it stands."
        )
    return f"Asked for. You have an answer by {day}."


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
                messages.success(request, _asked(row))
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


def may_recount(row: Contest, user: Any) -> bool:
    """Tell whether points wait to be given anew, and the user, as head, is who does it."""
    return may_settle(row.outcome, user) and Contest.objects.to_carry_out().filter(pk=row.pk).exists()


class ContestPage(AsksPurpose):
    """What was asked, how far it is, and by when the answer comes."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the second look; what one may not see does not exist."""
        joined = ("outcome__grant__contribution", "lodged_by")
        self.row = visible_or_404(Contest, request.user, joined=joined, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions; who asked reads that an auditor looked, and why."""
        row = self.row
        if self.why:
            log_look(viewer=cast(User, request.user), person=row.lodged_by, what=f"Second look: {self.why}")
        context = {
            "contest": row, "actions": available(row, request.user), "model_key": "incentives.contest",
            "late": row.is_late(clock.today()), "recounts": may_recount(row, request.user),
            "protected_by": queries.protected_by(row.case) if is_in_team(row, request.user) else "",
            "follows": contests.what_follows(row), "timeline": timeline_of(row, WORDS),
            "sees_result": is_in_team(row, request.user) or sees_every_result(None, request.user),
        }  # fmt: skip
        return render(request, "incentives/contest.html", context)
