"""What the secretariat oversees in one call: the conflicts on record, and sheets of the judging."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from fund.models import Call
from people.enums import Grade, Role
from people.models import User
from people.policies import holds
from people.views import visible_or_404

from .. import conflict_list
from ..services import judging_sheets
from .panel import page_of


class Conflicts(View):
    """All conflicts on record in a call, with their grounds; a practice has none."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show them, narrowed by grade and words; for others the page does not exist."""
        call, user = visible_or_404(Call, request.user, reference=reference), cast(User, request.user)
        if not conflict_list.sees_conflicts(None, user) or call.is_practice:
            raise Http404
        grade, words = request.GET.get("grade", ""), request.GET.get("q", "").strip()[:100]
        rows = conflict_list.rows_of(call, user, grade=grade, words=words)
        context: dict[str, Any] = {
            "call": call, **page_of(request, rows), "count": len(rows), "grade": grade, "q": words,
            "grades": Grade.choices, "narrowed": bool(words or grade in Grade.values),
            "runs": holds(Role.SECRETARIAT)(None, user),
        }  # fmt: skip
        return render(request, "evaluation/conflicts.html", context)


class AskForJudgingSheet(View):
    """Asks for an Excel file of the judging; whoever does not follow it finds nothing here."""

    def post(self, request: HttpRequest, reference: str, kind: str) -> HttpResponse:
        """Ask, and show how far it is."""
        call = visible_or_404(Call, request.user, reference=reference)
        if not judging_sheets.may_have(kind, call, request.user):
            raise Http404
        return redirect("job", pk=judging_sheets.ask(kind, call, by=cast(User, request.user)).pk)
