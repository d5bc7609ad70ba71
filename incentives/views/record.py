"""My record: every point explained step by step, what is missing, who looked."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.timeline import timeline_of
from people.views import visible_or_404

from .. import queries
from ..enums import Wish
from ..forms import NominateForm
from ..models import Nomination, PolicyVersion
from ..rules.steps import in_points
from ..services import nominations

RESULTS = {
    "excluded": "Not open to you now",
    "blocked_data": "We need a fact from HR",
    "not_yet": "Not yet",
    "eligible_for_consideration": "You can be considered",
}
NOMINATION_WORDS = {
    "nomination_written": "wrote the nomination", "submit": "sent it to the HR officer",
    "bring_to_committee": "brought it to the HR committee", "endorse": "endorsed it", "turn_down": "did not endorse it",
    "defer": "deferred it", "forward": "forwarded it to the RCSC", "record_result": "recorded the RCSC's result",
    "withdraw": "withdrew it",
}  # fmt: skip


class MyRecord(View):
    """One's own contributions, points, rules, and who looked at them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the record."""
        person = cast(User, request.user)
        try:
            record = queries.own_record(person)
        except NotPossible as no:
            return render(request, "incentives/my_record.html", {"reason": no.reason})
        context = {
            "record": record, "answer": RESULTS[record.evaluation.result],
            "held_back": in_points(record.count.results + record.count.supporting - record.count.counted),
        }  # fmt: skip
        return render(request, "incentives/my_record.html", context)


class Nominate(View):
    """Nominating oneself in two answers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self._page(request, NominateForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the nomination to the agency's HR officer."""
        form = NominateForm(request.POST)
        if form.is_valid():
            wish, statement = Wish(form.cleaned_data["wish"]), form.cleaned_data["statement"]
            try:
                row = nominations.nominate_oneself(by=cast(User, request.user), wish=wish, statement=statement)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Your nomination has been sent to the HR officer of your agency.")
                return redirect(row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: NominateForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors)}
        return render(request, "incentives/nominate.html", context, status=400 if form.errors else 200)


class NominationDetail(View):
    """Where a nomination stands."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions."""
        row = visible_or_404(Nomination, request.user, pk=pk)
        context: dict[str, Any] = {
            "nomination": row, "actions": available(row, request.user), "model_key": "incentives.nomination",
            "timeline": timeline_of(row, NOMINATION_WORDS), "own": row.person == request.user,
        }  # fmt: skip
        return render(request, "incentives/nomination_detail.html", context)


class PolicyDetail(View):
    """One version of the points policy, in words."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show codes, limits and rules."""
        row = visible_or_404(PolicyVersion, request.user, name=name)
        rules = row.rules
        codes = [(code.label, in_points(rules.base(key, "explore", "open")), code.evidence, code.verified_by)
                 for key, code in rules.codes.items()]  # fmt: skip
        context = {
            "version": row, "rules": rules, "codes": codes, "actions": available(row, request.user),
            "model_key": "incentives.policyversion", "year_cap": in_points(rules.year_cap_tenths),
        }  # fmt: skip
        return render(request, "incentives/policy_detail.html", context)
