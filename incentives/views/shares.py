"""Who did how much: beside the record of who did what."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle.errors import NotPossible
from lifecycle.performing import refusal, rule_of
from people.models import User
from people.views import whole

from .. import queries
from ..enums import ContributionState
from ..forms import SharesForm
from ..models import Contribution
from ..services import contributions, recounting
from .common import OfCase

STEPS = {
    "write": ("open_shares", contributions.open_shares), "settle": ("settle", contributions.settle),
    "recount": ("recount", recounting.recount),
}  # fmt: skip
DONE = {
    "write": "The shares are written down. Each holder is asked to agree.",
    "settle": "The shares are settled.",
    "recount": "The points were taken back and given anew. The people have been told.",
}


class Shares(OfCase):
    """The lead writes, each holder agrees or disagrees, the head settles a dispute."""

    model = Contribution
    key = "grant__case"
    joined = ("grant__lead", "grant__outcome", "grant__learning_record")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the shares."""
        return self._page(request, self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write, agree, disagree, settle, or confirm the work of somebody who leads others."""
        step = request.POST.get("step", "")
        if step in STEPS:
            return self._write(request, step)
        user, version = cast(User, request.user), whole(request.POST.get("version"))
        try:
            if step == "agree":
                contributions.agree(self.object, by=user, version=version)
                messages.success(request, "You agree to your share.")
            elif step == "confirm":
                contributions.confirm_work(self.object, by=user, person=whole(request.POST.get("person")))
                messages.success(request, "You confirmed the recorded work.")
            else:
                contributions.dispute(self.object, by=user, note=request.POST.get("note", ""), version=version)
                messages.success(request, "Recorded. The head of secretariat settles it; nothing is verified before.")
        except NotPossible as no:
            return self.refused(no)
        return redirect(self.object)

    def _write(self, request: HttpRequest, step: str) -> HttpResponse:
        form = self._form(request.POST)
        name, service = STEPS[step]
        if not rule_of(self.object, name).who(self.object, request.user):
            raise PermissionDenied
        if form.is_valid():
            form.add_problems(contributions.problems(self.object, form.percents()))
        if form.is_valid():
            try:
                service(
                    self.object, by=cast(User, request.user), percents=form.percents(),
                    note=form.cleaned_data.get("note", ""), version=whole(request.POST.get("version")),
                )  # fmt: skip
            except NotPossible as no:
                if no.forbidden or not self._may(name):
                    return self.refused(no)
                form.add_error(None, no.reason)
            else:
                messages.success(request, DONE[step])
                return redirect("home" if step == "recount" else self.object)
        return self._page(request, form)

    def _may(self, name: str) -> bool:
        no = refusal(self.object, rule_of(self.object, name), self.request.user)
        return no is None

    def _form(self, data: Any = None) -> SharesForm:
        workers = contributions.workers_of(self.object)
        written = any(worker.percent for worker in workers)
        equal = {} if written else contributions.suggestion(self.object)
        people = [
            (w.person.pk, f"{w.person.full_name} · {w.person.employee_number}", w.percent or equal.get(w.person.pk, 0))
            for w in workers
        ]
        decides = self.object.state == ContributionState.DISPUTED or self._recounts()
        return SharesForm(data, people=people, settling=decides)

    def _recounts(self) -> bool:
        return self._may("recount")

    def _page(self, request: HttpRequest, form: SharesForm) -> HttpResponse:
        if not queries.sees_shares(self.object, cast(User, request.user)):
            raise PermissionDenied
        workers = contributions.workers_of(self.object)
        own = next((w for w in workers if w.person == request.user), None)
        recounts = self._recounts()
        asked = own is not None and own.percent > 0 and not own.agreed
        context = {
            "contribution": self.object, "grant": self.object.grant, "form": form, "workers": workers,
            "writes": self._may("open_shares"), "settles": self._may("settle"), "recounts": recounts, "own": own,
            "confirms": own is not None and self.object.state in contributions.CONFIRMING,
            "found": queries.found_wrong(self.object) if recounts else [],
            "answers": asked and self.object.state == ContributionState.SHARES_OPEN,
            "notes": queries.field_notes_of(self.object.grant), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "incentives/shares.html", context, status=400 if form.errors else 200)
