"""Starting a draft and writing its sections."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from fund.enums import Stage
from fund.models import Call
from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from ..enums import SectionKey
from ..forms import SectionForm, StartForm, section_form
from ..lane import is_spark, sections_of
from ..models import Proposal
from ..services import drafting


class Start(View):
    """Starts a draft in an open call with one question."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call, which must be visible."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if self.call.stage == Stage.SPARK:
            return redirect("spark_start", reference=self.call.reference)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask for a title."""
        return self._page(request, StartForm())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start the draft and show its task list."""
        form = StartForm(request.POST)
        if form.is_valid():
            try:
                proposal = drafting.start(by=cast(User, request.user), title=form.cleaned_data["title"], call=self.call)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                return redirect(proposal)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: StartForm) -> HttpResponse:
        context = {"form": form, "call": self.call, "has_errors": bool(form.errors)}
        return render(request, "proposals/start.html", context, status=400 if form.errors else 200)


class EditSection(View):
    """One section on one page; a clash shows both texts and loses neither."""

    proposal: Proposal
    key: SectionKey

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal and refuse a section that does not exist."""
        self.proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        if is_spark(self.proposal) or kwargs["key"] not in sections_of(self.proposal):
            raise Http404
        self.key = SectionKey(kwargs["key"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the section as it is stored."""
        try:
            drafting.refuse_unless_writable(self.proposal, cast(User, request.user))
        except NotPossible as no:
            return self._refused(request, no)
        stored = self.proposal.sections.filter(key=self.key).first()
        form = section_form(self.key)(initial=stored.answers if stored else {})
        return self._page(request, form, stored.version if stored else 0, 200, section=stored)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; on a clash show both texts with who and when, and write nothing."""
        form = section_form(self.key)(request.POST)
        raw = request.POST.get("version", "0")
        version = int(raw) if raw.isdigit() and len(raw) < 9 else 0
        if not form.is_valid():
            return self._page(request, form, version, 400)
        try:
            drafting.save_section(
                self.proposal,
                by=cast(User, request.user),
                key=self.key,
                version=version,
                answers=form.answers(),
            )
        except drafting.Clash as clash:
            return self._clash(request, form, clash)
        except NotPossible as no:
            return self._refused(request, no)
        messages.success(request, f"Saved: {self.key.label.lower()}.")
        return redirect(self.proposal)

    def _clash(self, request: HttpRequest, form: SectionForm, clash: drafting.Clash) -> HttpResponse:
        mine, theirs = form.answers(), clash.theirs.answers
        rows = [
            {"label": field.label, "mine": mine[name], "theirs": theirs.get(name, "")}
            for name, field in form.fields.items()
            if mine[name] != theirs.get(name, "")
        ]
        extra = {"rows": rows, "theirs": clash.theirs}
        return self._page(request, form, clash.theirs.version, 409, **extra)

    def _refused(self, request: HttpRequest, no: NotPossible) -> HttpResponse:
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(request, no.reason)
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: SectionForm, version: int, status: int, **extra: Any) -> HttpResponse:
        context = {
            "proposal": self.proposal, "key": self.key, "form": form, "version": version,
            "has_errors": bool(form.errors), **extra,
        }  # fmt: skip
        return render(request, "proposals/section_form.html", context, status=status)
