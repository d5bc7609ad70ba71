"""My record: every point explained step by step, what is missing, who looked."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import ListView, View

from lifecycle.errors import NotPossible
from people.models import AccessLog, User
from people.paging import OpenPaginator

from .. import queries
from ..enums import ANSWER_TO_ONESELF, Answer
from ..forms import CaseForm
from ..rules.steps import in_points
from ..services import own_files, protection, showing


class MyLooks(ListView[AccessLog]):
    """Everybody who looked at one's own record, when and why, page by page."""

    template_name = "incentives/my_looks.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[AccessLog]:
        """Return one's own, newest first."""
        return queries.looks_at(cast(User, self.request.user))


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
            "record": record, "answer": ANSWER_TO_ONESELF[Answer(record.evaluation.result)],
            "held_back": in_points(record.count.results + record.count.supporting - record.count.counted),
        }  # fmt: skip
        return render(request, "incentives/my_record.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put a learning record into one's file for HR, take it out, or ask for the PDF of one's record."""
        if request.POST.get("step") == "pdf":
            return redirect("job", pk=own_files.ask_for_record(by=cast(User, request.user)).pk)
        form = CaseForm(request.POST)
        if not form.is_valid():
            raise Http404
        if request.POST.get("step") == "letter":
            return self._letter(request, form.cleaned_data["case"])
        step = showing.show_to_hr if request.POST.get("step") == "show" else showing.hide_from_hr
        try:
            step(by=cast(User, request.user), case=form.cleaned_data["case"])
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, "Done. HR reads what your file shows now.")
        return redirect("my_record")

    def _letter(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """Ask for the protection letter of one failure that counts."""
        try:
            return redirect("job", pk=protection.ask_for_letter(by=cast(User, request.user), case=case).pk)
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("my_record")
