"""Why somebody looks: asked once a session, before what is read about people is shown and before anything is done."""

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
KEPT = "sent_before_the_purpose"  # beside what was sent and waits for the answer
NOT_KEPT = ("csrfmiddlewaretoken", "purpose", KEPT)
is_auditor = holds(Role.AUDITOR)


def purpose_said(request: HttpRequest) -> str:
    """Return the purpose of this session in words, or nothing."""
    said = request.session.get(PURPOSE, "")
    return str(Purpose(said).label) if said in Purpose.values else ""


def ask_first(request: HttpRequest) -> HttpResponse | None:
    """Return the question, or what follows its answer; None once it is answered, so that the request goes on.

    What was sent without a purpose travels with the question and is carried out with the answer.
    """
    if "purpose" not in request.POST:
        return None if purpose_said(request) else _question(request, PurposeForm())
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return _question(request, form)
    request.session[PURPOSE] = form.cleaned_data["purpose"]
    return None if KEPT in request.POST else HttpResponseRedirect(request.get_full_path())


def _question(request: HttpRequest, form: PurposeForm) -> HttpResponse:
    waits = request.method == "POST" and ("purpose" not in request.POST or KEPT in request.POST)
    sent = [(name, value) for name, values in request.POST.lists() if name not in NOT_KEPT for value in values]
    context = {
        "form": form, "has_errors": bool(form.errors), "notice": files.NOTICE, "waits": waits,
        "kept": [(KEPT, "yes"), *sent] if waits else [],
    }  # fmt: skip
    return render(request, "incentives/purpose.html", context, status=400 if form.errors else 200)


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
            asks = request.method in self.asked_on or "purpose" in request.POST
            asked = ask_first(request) if asks else None
            if asked is not None:
                return asked
            self.why = purpose_said(request)
        return super().dispatch(request, *args, **kwargs)
