"""The page of a call's draw of lots."""

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
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from .. import queries
from ..forms import LotsAgainForm, LotsSourceForm, LotsValueForm
from ..models import Lottery
from ..services import lots
from ..standing import fits, labels_in, newest_run, standing_in


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
        data = request.POST
        return {"freeze": LotsSourceForm(data), "enter": LotsValueForm(data), "renew": LotsAgainForm(data)}

    def _take(self, call: Call, user: User, step: str, form: Any) -> None:
        if step == "commit":
            lots.commit_late(call, by=user)
            messages.success(self.request, "The commitment is published.")
        elif step == "freeze":
            said = form.cleaned_data
            lots.freeze(call, by=user, source=said["source"], source_at=said["source_at"])
            messages.success(self.request, "The list is frozen.")
        elif step == "renew":
            lots.renew(call, by=user, reason=form.cleaned_data["reason"])
            messages.success(self.request, "A new draw has begun, and its seal is published.")
        elif step == "enter":
            row = lots.enter(call, by=user, value=form.cleaned_data["value"])
            if row.drawn_at:
                messages.success(self.request, "Both values agree. The lots are drawn.")
            elif row.first_by is None:
                messages.error(self.request, "The two values differ, so both are taken back. Look the value up again.")
            else:
                messages.success(self.request, "Recorded. Another person now enters the same value.")

    def _page(self, request: HttpRequest, call: Call, **forms: Any) -> HttpResponse:
        people = ("first_by", "second_by", "frozen_by", "renewed_by")
        rows = list(Lottery.objects.filter(call=call).select_related("run", *people))
        row = rows[-1] if rows else None
        inside = bool(request.user.is_authenticated and queries.sees_lots(call, request.user))
        if row is None and not inside:
            raise Http404
        run = newest_run(call) if inside else None
        told = row is not None and row.drawn_at is not None and (inside or lots.is_told(row))
        context = {
            "call": call, "row": row, "inside": inside, "ranks": inside and queries.sees_panel_of(call, request.user),
            "told": told, "commits": call.is_open or call.opens_later,
            "waiting": labels_in(run) if run else [], "ranked": run is not None,
            "standing": standing_in(row.run, row) if told and row and row.run else None,
            "prepares": inside and lots.may_prepare(call, request.user),
            "enters": inside and lots.may_enter(call, request.user),
            "due": bool(row and row.source_at and row.source_at <= clock.now()),
            "freeze": forms.get("freeze", LotsSourceForm()), "enter": forms.get("enter", LotsValueForm()),
            "renew": forms.get("renew", LotsAgainForm()), "has_errors": bool(forms), "wrong": [*forms.values()][:1],
            "replaced": [(old, inside or lots.is_told(old)) for old in rows[:-1]],
            "again": bool(run and row and row.frozen_at and row.run != run), "stands": bool(row and fits(row, run)),
        }  # fmt: skip
        return render(request, "evaluation/lots.html", context, status=400 if forms else 200)
