"""The pages of a call's rankings and of its draw of lots."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.generic import View

from fund.models import Call
from fund.set_up import sharing_of
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds
from people.views import visible_or_404

from .. import queries, ranking_page
from ..forms import LotsSourceForm, LotsValueForm
from ..models import Lottery
from ..needs import has_fallen
from ..services import judging_sheets, lots
from ..services.ranking import rank_anew
from ..standing import newest_run, standing_in
from .panel import page_of


class RankingPage(View):
    """One ranking of a call: places, funding line, calibrated figures beside them, agreement, flags, departures."""

    def get(self, request: HttpRequest, reference: str, number: int = 0) -> HttpResponse:
        """Show the newest ranking, or the one of that number; for others the page does not exist."""
        call = visible_or_404(Call, request.user, reference=reference)
        runs = ranking_page.runs_of(call)
        if not queries.sees_panel(None, request.user) or number > len(runs):
            raise Http404
        number = number or len(runs)
        run = runs[number - 1] if runs else None
        context: dict[str, Any] = {"call": call, "run": run, "number": number, "runs": range(1, len(runs) + 1)}
        if run is not None:
            user = cast(User, request.user)
            standing, rows = ranking_page.rows_of(run, user)
            page = page_of(request, rows)
            bars, line, height = ranking_page.bars_of(run, page["rows"])
            context |= {
                **page, "standing": standing, "said": run.said, "asked": run.asked, "bars": bars, "line": line,
                "height": height, "rules": sharing_of(call), "departures": ranking_page.departures_of(call, rows),
                "sheet": judging_sheets.may_have(judging_sheets.RANKING, call, user),
            }  # fmt: skip
            if queries.sees_flags(None, user):
                by_name = ranking_page.reviews_of(rows)
                context |= {"flags": ranking_page.flags_of(run, rows, by_name), "looks": True,
                            "weighings": ranking_page.weighings_of(page["rows"], by_name)}  # fmt: skip
        context |= {"fell": has_fallen(call), "ranks": holds(Role.SECRETARIAT)(None, request.user)}
        return render(request, "evaluation/ranking.html", context)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Rank anew after a review was excluded."""
        call = visible_or_404(Call, request.user, reference=reference)
        if not queries.sees_panel(None, request.user):
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


@method_decorator(login_not_required, name="dispatch")
class Lots(View):
    """The draw of a call in four steps; what is public of it, for everybody who sees the call."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show how far it is."""
        return self._page(request, visible_or_404(Call, request.user, reference=reference))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Take the step that the button names."""
        call = visible_or_404(Call, request.user, reference=reference)
        user = cast(User, request.user)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not lots.may_enter(call, user):
            raise PermissionDenied
        forms = self._forms(request)
        form = forms.get(request.POST.get("step", ""))
        if form is not None and not form.is_valid():
            return self._page(request, call, **{request.POST["step"]: form})
        try:
            self._take(call, user, request.POST.get("step", ""), form)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        return redirect("lots", reference=call.reference)

    def _forms(self, request: HttpRequest) -> dict[str, Any]:
        return {"freeze": LotsSourceForm(request.POST), "enter": LotsValueForm(request.POST)}

    def _take(self, call: Call, user: User, step: str, form: Any) -> None:
        if step == "commit":
            lots.commit_late(call, by=user)
            messages.success(self.request, "The commitment is published.")
        elif step == "freeze":
            said = form.cleaned_data
            lots.freeze(call, by=user, source=said["source"], source_at=said["source_at"])
            messages.success(self.request, "The list is frozen.")
        elif step == "enter":
            row = lots.enter(call, by=user, value=form.cleaned_data["value"])
            if row.drawn_at:
                messages.success(self.request, "Both values agree. The lots are drawn.")
            elif row.first_by is None:
                messages.error(self.request, "The two values differ, so both are taken back. Look the value up again.")
            else:
                messages.success(self.request, "Recorded. Another person now enters the same value.")

    def _page(self, request: HttpRequest, call: Call, **forms: Any) -> HttpResponse:
        row = Lottery.objects.filter(call=call).select_related("first_by", "second_by", "frozen_by").first()
        inside = bool(request.user.is_authenticated and queries.sees_lots(None, request.user))
        if row is None and not inside:
            raise Http404
        run = newest_run(call) if inside else None
        told = row is not None and row.drawn_at is not None and (inside or lots.is_told(row))
        context = {
            "call": call, "row": row, "inside": inside, "ranks": inside and queries.sees_panel(None, request.user),
            "told": told, "commits": call.is_open or call.opens_later,
            "waiting": lots.labels_in(run) if run else [], "ranked": run is not None,
            "standing": standing_in(row.run, row) if told and row and row.run else None,
            "prepares": inside and lots.may_prepare(call, request.user),
            "enters": inside and lots.may_enter(call, request.user),
            "due": bool(row and row.source_at and row.source_at <= clock.now()),
            "freeze": forms.get("freeze", LotsSourceForm()), "enter": forms.get("enter", LotsValueForm()),
            "has_errors": bool(forms),
        }  # fmt: skip
        return render(request, "evaluation/lots.html", context, status=400 if forms else 200)
