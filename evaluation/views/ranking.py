"""The pages of a call's rankings."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from fund.models import Call
from fund.set_up import sharing_of
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds
from people.views import visible_or_404

from .. import queries, ranking_page
from ..apart import stands_apart
from ..services import judging_sheets
from ..services.ranking import rank_anew
from .panel import page_of


class RankingPage(View):
    """One ranking of a call: places, funding line, calibrated figures beside them, agreement, flags, departures."""

    def get(self, request: HttpRequest, reference: str, number: int = 0) -> HttpResponse:
        """Show the newest ranking, or the one of that number; for others the page does not exist."""
        call = visible_or_404(Call, request.user, reference=reference)
        runs = ranking_page.runs_of(call)
        if not queries.sees_panel_of(call, request.user) or number > len(runs):
            raise Http404
        number = number or len(runs)
        run = runs[number - 1] if runs else None
        context: dict[str, Any] = {"call": call, "run": run, "number": number, "runs": range(1, len(runs) + 1)}
        if run is not None:
            user, run.call = cast(User, request.user), call
            standing, rows = ranking_page.rows_of(run, user)
            page = page_of(request, rows)
            bars, line, height = ranking_page.bars_of(run, page["rows"])
            context |= {
                **page, "standing": standing, "said": run.said, "asked": run.asked, "bars": bars, "line": line,
                "height": height, "rules": sharing_of(call), "departures": ranking_page.departures_of(call, rows),
                "whole": not stands_apart(call, user), "kept": any(not row.whole for row in rows),
                "sheet": judging_sheets.may_have(judging_sheets.RANKING, call, user),
                "bundle": judging_sheets.may_have(judging_sheets.DECISION, call, user),
            }  # fmt: skip
            if queries.sees_flags(None, user):
                by_name = ranking_page.reviews_of(rows)
                context |= {"flags": ranking_page.flags_of(run, rows, by_name), "looks": True,
                            "weighings": ranking_page.weighings_of(page["rows"], by_name)}  # fmt: skip
        context |= {"fell": any(row.fell for row in runs), "ranks": holds(Role.SECRETARIAT)(None, request.user)}
        return render(request, "evaluation/ranking.html", context)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Rank anew after a review was excluded."""
        call = visible_or_404(Call, request.user, reference=reference)
        if not queries.sees_panel_of(call, request.user):
            raise Http404
        try:
            rank_anew(call, by=cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, "Ranked again. The ranking before stays on record.")
        return redirect("ranking", reference=call.reference)
