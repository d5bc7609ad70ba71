"""What is kept for how long, what is over its time, and the legal holds."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds

from ..forms import LegalHoldForm, LiftForm
from ..models import LegalHold
from ..services import retention
from .purpose import AsksPurpose

sees_keeping = holds(Role.HEAD, Role.AUDITOR)


class KeepingPage(AsksPurpose):
    """The rules with what waits to be removed; the head puts something under a legal hold or lifts one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the head of secretariat and auditors."""
        if not sees_keeping(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self._page(request, LegalHoldForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a hold, or lift one."""
        user = cast(User, request.user)
        if not retention.decides_keeping(None, user):
            raise PermissionDenied
        if "hold" in request.POST:
            return self._lift(request, user)
        form = LegalHoldForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                retention.keep(by=user, case=said["case"], person=said["person"], reason=said["reason"])
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Kept until somebody lifts the hold.")
                return redirect("keeping")
        return self._page(request, form)

    def _lift(self, request: HttpRequest, user: User) -> HttpResponse:
        form = LiftForm(request.POST)
        if form.is_valid():
            row = get_object_or_404(LegalHold, pk=form.cleaned_data["hold"])
            try:
                retention.let_go(row, by=user, reason=form.cleaned_data["note"])
                messages.success(request, "The hold is lifted.")
            except NotPossible as no:
                messages.error(request, no.reason)
        else:
            messages.error(request, "Say why the hold is lifted.")
        return redirect("keeping")

    def _page(self, request: HttpRequest, form: LegalHoldForm) -> HttpResponse:
        rows = LegalHold.objects.select_related("person", "by", "lifted_by")
        held, lifted = list(rows.filter(until=None)), list(rows.exclude(until=None)[:20])
        about = dict(zip((row.pk for row in held + lifted), retention.subjects_of(held + lifted), strict=True))
        context = {
            "form": form, "has_errors": bool(form.errors), "decides": retention.decides_keeping(None, request.user),
            "rules": [(rule, retention.due(rule).count()) for rule in retention.RULES],
            "held": [(row, about[row.pk]) for row in held], "lifted": [(row, about[row.pk]) for row in lifted],
        }  # fmt: skip
        return render(request, "incentives/keeping.html", context, status=400 if form.errors else 200)
