"""The queue of signals with their evidence, and the records that are held."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from lifecycle.errors import NotPossible
from people.enums import Role
from people.models import User
from people.policies import holds, is_blocked
from people.queries import blocked_cases

from ..enums import SignalAnswer, SignalKind
from ..forms import HoldForm, LiftForm, SignalForm
from ..models import IntegrityHold, Outcome, SignalReview
from ..services import integrity
from ..signals import open_signals
from .purpose import AsksPurpose

sees_integrity = holds(Role.HEAD, Role.AUDITOR)
decides_integrity = holds(Role.HEAD)


class Integrity(AsksPurpose, TemplateView):
    """What a human should look at; nothing follows by itself."""

    template_name = "incentives/integrity.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the head of secretariat and auditors."""
        if not sees_integrity(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the queue, what is held, what was looked at, and the form to hold a record without a signal."""
        reference = self.request.GET.get("reference", "")[:40]
        form = kwargs.pop("form", None) or HoldForm(initial={"reference": reference})
        user = cast(User, self.request.user)
        hidden = set(blocked_cases(user))
        held = IntegrityHold.objects.filter(until=None).exclude(case__in=hidden).select_related("outcome__grant", "by")
        done = SignalReview.objects.exclude(outcome__case__in=hidden).select_related("outcome__grant", "by")[:50]
        return super().get_context_data(
            signals=[signal for signal in open_signals() if signal.outcome.case not in hidden][:50], held=held,
            reviews=done, form=form, has_errors=bool(form.errors), decides=decides_integrity(None, user), **kwargs,
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        """Say what was found, hold a record without a signal, or let one go."""
        if not decides_integrity(None, request.user):
            raise PermissionDenied
        if "reference" in request.POST:
            return self._hold(request)
        try:
            self._lift(request) if "hold" in request.POST else self._review(request)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from None
            messages.error(request, no.reason)
        return redirect("integrity")

    def _hold(self, request: HttpRequest) -> HttpResponse:
        user, form = cast(User, request.user), HoldForm(request.POST)
        outcome = form.cleaned_data["outcome"] if form.is_valid() else None
        if outcome is not None and is_blocked(outcome, user):
            form.add_error("reference", "A conflict of interest keeps you out of this case. Another head decides.")
        elif outcome is not None:
            try:
                integrity.hold(outcome, by=user, reason=form.cleaned_data["reason"])
            except NotPossible as no:
                form.add_error("reference", no.reason)
        if not form.errors:
            messages.success(request, "The record is held. Its lead and the protection officer have been told.")
            return redirect("integrity")
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def _review(self, request: HttpRequest) -> None:
        form = SignalForm(request.POST)
        if not form.is_valid():
            raise NotPossible("Choose what you found, and say why.")
        said = form.cleaned_data
        outcome = get_object_or_404(
            Outcome.objects.exclude(case__in=blocked_cases(cast(User, request.user))), pk=said["outcome"]
        )
        integrity.review(
            outcome, by=cast(User, request.user), kind=SignalKind(said["kind"]), answer=SignalAnswer(said["answer"]),
            note=said["note"],
        )  # fmt: skip
        messages.success(request, "Noted.")

    def _lift(self, request: HttpRequest) -> None:
        form = LiftForm(request.POST)
        if not form.is_valid():
            raise NotPossible("Say why the record is free again.")
        row = get_object_or_404(IntegrityHold, pk=form.cleaned_data["hold"])
        integrity.lift(row, by=cast(User, request.user), note=form.cleaned_data["note"])
        messages.success(request, "The record is free again.")
