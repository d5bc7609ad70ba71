"""All reviewers of a call in one assignment, and what a reviewer knows about."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from fund.enums import CallState
from fund.models import Call
from lifecycle.enums import JobState
from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from ..forms import ExpertiseForm, MatchForm
from ..matching_page import page_of
from ..models import Expertise, MatchingRun
from ..services import knowing, matching

RUNNING = (CallState.APPROVED, CallState.JUDGING)


class AssignAll(View):
    """What an assignment of the whole call has to keep to; starts the computing, which asks nobody."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call; the page is the secretariat's."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if not matching.may_match(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the settings and earlier assignments."""
        return self._page(request, MatchForm(initial={"load_min": 0, "load_max": 6, "preferred": 3, "maximin": True}))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start."""
        form = MatchForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        if self.call.state not in RUNNING:
            form.add_error(None, "Reviewers are assigned while the call is running.")
            return self._page(request, form)
        return redirect(matching.start(self.call, by=cast(User, request.user), **form.cleaned_data))

    def _page(self, request: HttpRequest, form: MatchForm) -> HttpResponse:
        own = MatchingRun.objects.filter(call=self.call, by=cast(User, request.user))[:10]
        context = {"call": self.call, "form": form, "runs": own, "has_errors": bool(form.errors)}
        return render(request, "evaluation/assign_all.html", context, status=400 if form.errors else 200)


class Assignment(View):
    """How far the computing is; then who gets what, what binds and what is short; and asking all of them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load one's own run."""
        if not matching.may_match(None, request.user):
            raise Http404
        runs = MatchingRun.objects.select_related("call")
        self.run = get_object_or_404(runs, pk=kwargs["pk"], by=cast(User, request.user))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it."""
        return self._page(request, [], 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask all, or say what changed since."""
        try:
            count = matching.ask_all(self.run, by=cast(User, request.user))
        except matching.Changed as no:
            return self._page(request, no.changes, 409)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
            return redirect(self.run)
        messages.success(request, f"{count} reviewers have been asked. Each declares interests first.")
        return redirect(self.run)

    def _page(self, request: HttpRequest, changes: list[str], status: int) -> HttpResponse:
        job = matching.job_of(self.run)
        context = {
            "run": self.run, "call": self.run.call, "job": job, "failed": job and job.state == JobState.FAILED,
            "changes": changes, "page": page_of(self.run, cast(User, request.user)),
            "newest": matching.newest(self.run), "computed": self.run.result is not None,
        }  # fmt: skip
        return render(request, "evaluation/assignment.html", context, status=status)


class MyExpertise(View):
    """What a reviewer knows about and reads."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say to others that the page does not exist."""
        if not knowing.is_reviewer(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what was said last."""
        own = Expertise.objects.filter(person=cast(User, request.user)).first()
        initial = {"sectors": own.sectors, "languages": own.languages} if own else {"languages": ["english"]}
        return self._page(request, ExpertiseForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save."""
        form = ExpertiseForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        knowing.save(by=cast(User, request.user), **form.cleaned_data)
        messages.success(request, "Saved. The secretariat finds you proposals that fit.")
        return redirect("my_expertise")

    def _page(self, request: HttpRequest, form: ExpertiseForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors)}
        return render(request, "evaluation/my_expertise.html", context, status=400 if form.errors else 200)
