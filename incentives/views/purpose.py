"""Why somebody looks: asked once a session, before what is read about people is shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.generic import View

from people.enums import Role
from people.policies import holds

from ..enums import Purpose
from ..forms import PurposeForm
from ..services import files

PURPOSE = "purpose_of_looking"  # in the session
is_auditor = holds(Role.AUDITOR)


class AsksPurpose(View):
    """Base: asks for the purpose before the page is shown; a page finds first whether it exists for its reader."""

    why = ""
    asked_on: tuple[str, ...] = ("GET", "HEAD")

    def says_purpose(self) -> bool:
        """Tell whether this reader says why they look; auditors do everywhere."""
        return is_auditor(None, self.request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Take the purpose, or ask for it, or go on to the page."""
        if self.says_purpose():
            if "purpose" in request.POST:
                return self._take_purpose(request)
            said = request.session.get(PURPOSE, "")
            if said not in Purpose.values and request.method in self.asked_on:
                return self._ask(request, PurposeForm())
            self.why = Purpose(said).label if said in Purpose.values else ""
        return super().dispatch(request, *args, **kwargs)

    def _take_purpose(self, request: HttpRequest) -> HttpResponse:
        form = PurposeForm(request.POST)
        if not form.is_valid():
            return self._ask(request, form)
        request.session[PURPOSE] = form.cleaned_data["purpose"]
        return HttpResponseRedirect(request.get_full_path())

    def _ask(self, request: HttpRequest, form: PurposeForm) -> HttpResponse:
        context = {"form": form, "has_errors": bool(form.errors), "notice": files.NOTICE}
        return render(request, "incentives/purpose.html", context, status=400 if form.errors else 200)
