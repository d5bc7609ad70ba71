"""The reserve list of a call: who waits for money, in which order and until when."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from fund.models import Call
from fund.set_up import sharing_of
from lifecycle.performing import available
from people.models import User
from people.views import visible_or_404

from .. import queries, reserving
from .panel import page_of


class ReserveList(View):
    """The list in its order, the money that is free, and for the secretariat the step for whose turn it is."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the list; for others the page does not exist."""
        call, user = visible_or_404(Call, request.user, reference=reference), cast(User, request.user)
        if not queries.sees_panel_of(call, user):
            raise Http404
        rows = reserving.list_for(call, user)
        turn = next((row for row in rows if row.turn), None)
        context: dict[str, Any] = {
            "call": call, **page_of(request, rows), "rules": sharing_of(call),
            "free": reserving.free_money(call) if queries.sees_money_left(call, user) else None,
            "turn": turn, "model_key": "proposals.proposal",
            "actions": available(turn.proposal, user, names=("call_up",)) if turn else [],
        }  # fmt: skip
        return render(request, "evaluation/reserve.html", context)
