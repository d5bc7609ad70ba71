"""Nominations: writing one, the list of an office, one nomination, its result."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import ListView, View

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.paging import OpenPaginator
from people.services.access import log_looks
from people.timeline import timeline_of
from people.views import visible_or_404

from .. import marks, queries
from ..enums import NominationState, Wish
from ..forms import NominateForm, NominateReportForm, ResultForm, WishForm
from ..guards import a_ground_is_gone, check_still_holds
from ..hr_queries import not_yet_logged
from ..looking import handles, log_nomination, looks_as_office
from ..models import Nomination
from ..models.nomination import RUNNING
from ..policies import records_result
from ..services import nominations
from .purpose import AsksPurpose

WORDS = {
    "nomination_written": "wrote the nomination", "submit": "sent it to the HR officer",
    "bring_to_committee": "brought it to the HR committee", "endorse": "endorsed it", "turn_down": "did not endorse it",
    "defer": "deferred it", "forward": "forwarded it to the RCSC", "record_result": "recorded the RCSC's result",
    "withdraw": "withdrew it", "wish_changed": "stated another wish", "revoke": "revoked what was granted",
    "correct_result": "took the result out to correct it", "let_stand": "let it stand without a ground",
    "nomination_moved": "brought it to the person's new agency", "cycle_moved": "moved it to the next cycle",
    "supports_recounted": "noted that a contribution behind it was counted anew",
}  # fmt: skip
SENT = "The nomination has been sent to the HR officer of the agency."


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
                messages.success(request, SENT)
                return redirect(row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: NominateForm) -> HttpResponse:
        context = {
            "form": form, "has_errors": bool(form.errors), "cycles": queries.next_cycles(),
            "manages": queries.reports_of(cast(User, request.user)).exists(),
        }  # fmt: skip
        return render(request, "incentives/nominate.html", context, status=400 if form.errors else 200)


class NominateReport(View):
    """A line manager nominates a direct report."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for line managers by the register."""
        self.reports = queries.reports_of(cast(User, request.user))
        if not self.reports.exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self._page(request, NominateReportForm(people=self.reports))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it; the person is told at once."""
        form = NominateReportForm(request.POST, people=self.reports)
        if form.is_valid():
            said = form.cleaned_data
            try:
                nominations.nominate_report(
                    by=cast(User, request.user), person=said["person"], wish=Wish(said["wish"]),
                    statement=said["statement"],
                )  # fmt: skip
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, f"{SENT} The person has been told and can state another wish.")
                return redirect("home")
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: NominateReportForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors), "cycles": queries.next_cycles(), "report": True}
        return render(request, "incentives/nominate.html", context, status=400 if form.errors else 200)


class NominationList(AsksPurpose, ListView[Nomination]):
    """What an office has before it, by cycle and state, beside the days of the cycle."""

    template_name = "incentives/nomination_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the offices."""
        if not handles(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def says_purpose(self) -> bool:
        """Every office says why."""
        return True

    def get_queryset(self) -> QuerySet[Nomination]:
        """Return what the user may see, soonest cycle first."""
        viewer, asked = cast(User, self.request.user), self.request.GET.get("state", "")
        self.states = queries.nomination_states(viewer)
        self.asked = asked if asked in self.states else ""
        found = queries.nominations_for(viewer)
        return found.filter(state=self.asked) if self.asked else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter, the calendar and marks; write down whose nomination is being looked at, once a day each."""
        viewer = cast(User, self.request.user)
        context = super().get_context_data(
            states=[(state.value, state.label) for state in self.states], state=self.asked,
            forwarded_only=NominationState.SUBMITTED not in self.states, cycles=queries.next_cycles(),
            today=clock.today(), **kwargs,
        )  # fmt: skip
        what, people = f"List of nominations: {self.why}", [row.person for row in context["object_list"]]
        log_looks(viewer=viewer, people=not_yet_logged(viewer, people, what), what=what)
        return context | {"contested": marks.under_second_look(row.person_id for row in context["object_list"])}


class NominationDetail(AsksPurpose):
    """Where a nomination stands; an office says why it looks, and the person reads it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the nomination; what one may not see does not exist."""
        self.row = visible_or_404(Nomination, request.user, joined=("person", "agency"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def says_purpose(self) -> bool:
        """Ask an office, and neither the person nor who nominated them."""
        return looks_as_office(self.row, self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions; an office's look is logged and shown to the person."""
        if self.why:
            log_nomination(request, self.row)
        return self._page(request, self.row, None)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """State another wish."""
        row, form = self.row, WishForm(request.POST)
        if row.person != request.user:
            raise PermissionDenied
        if not form.is_valid():
            return self._page(request, row, form)
        try:
            nominations.change_wish(row, by=cast(User, request.user), wish=Wish(form.cleaned_data["wish"]))
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, "Your wish is changed.")
        return redirect(row)

    def _page(self, request: HttpRequest, row: Nomination, form: WishForm | None) -> HttpResponse:
        own = row.person == request.user
        asks = own and row.state in nominations.BEFORE_COMMITTEE
        context: dict[str, Any] = {
            "nomination": row, "actions": available(row, request.user), "model_key": "incentives.nomination",
            "timeline": timeline_of(row, WORDS), "own": own, "cycle": queries.cycle_for(row), "today": clock.today(),
            "form": form or (WishForm(initial={"wish": row.wish}) if asks else None), "has_errors": form is not None,
            "contested": marks.under_second_look([row.person_id]),
            "sees_file": not own and queries.files_for(cast(User, request.user)).filter(pk=row.person_id).exists(),
            "overtaken": row.state in RUNNING and not check_still_holds.holds(row),
            "ground_gone": row.state == NominationState.RESULT_RECORDED and a_ground_is_gone.holds(row),
        }  # fmt: skip
        return render(request, "incentives/nomination_detail.html", context, status=400 if form else 200)


class RecordResult(AsksPurpose):
    """What the RCSC granted, on which day, and why; who records says first why they look."""

    asked_on = ("GET", "HEAD", "POST")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the nomination; only the RCSC records."""
        self.row = visible_or_404(Nomination, request.user, pk=kwargs["pk"])
        if not records_result(self.row, request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def says_purpose(self) -> bool:
        """Ask everybody."""
        return True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask; the look is logged and shown to the person."""
        log_nomination(request, self.row)
        return self._page(request, ResultForm(initial={"granted": self.row.wish}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Record it; the look is logged, and what was done."""
        form = ResultForm(request.POST)
        log_nomination(request, self.row)
        if form.is_valid():
            said = form.cleaned_data
            granted = Wish(said["granted"]) if said["granted"] in Wish.values else None
            try:
                nominations.record_result(
                    self.row, by=cast(User, request.user), granted=granted, decided_on=said["decided_on"],
                    note=said["reason"], all_the_same=said["all_the_same"],
                )  # fmt: skip
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                log_nomination(request, self.row, "Record the result")
                messages.success(request, "The result is recorded, and the person has been told.")
                return redirect(self.row)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: ResultForm) -> HttpResponse:
        if self.row.state != NominationState.FORWARDED:
            messages.info(request, "No result waits to be recorded here.")
            return redirect(self.row)
        context = {"nomination": self.row, "form": form, "has_errors": bool(form.errors)}
        return render(request, "incentives/nomination_result.html", context, status=400 if form.errors else 200)
