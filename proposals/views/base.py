"""What the pages of one proposal have in common: loading it, refusals, and the parts of a draft."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User

from .. import writing_queries
from ..enums import CallSection, SectionKey
from ..lane import is_spark
from ..models import Proposal
from ..services import drafting

OWN_PAGES: dict[str, str] = {  # of the sections of a small idea
    SectionKey.SPARK: "spark_idea", SectionKey.BUDGET: "spark_money", CallSection.QUESTIONS: "spark_questions",
}  # fmt: skip


def page_of(proposal: Proposal, key: str) -> str:
    """Return the address on which a section of this proposal is written."""
    if is_spark(proposal):
        return reverse(OWN_PAGES[key], args=[proposal.case])
    return reverse("section", args=[proposal.case, key])


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the page's own script asks."""
    return request.headers.get("Accept") == "application/json"


class OfProposal(View):
    """Base: loads the proposal that one may see."""

    proposal: Proposal
    related: tuple[str, ...] = ("call", "lead_agency")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal; go on unless the page turns one away."""
        seen = Proposal.objects.visible_to(request.user).select_related(*self.related)
        self.proposal = get_object_or_404(seen, case=kwargs["case"])
        away = self.turned_away()
        return super().dispatch(request, *args, **kwargs) if away is None else away

    def turned_away(self) -> HttpResponse | None:
        """Return where to go instead of this page, or None; raise for whom the page does not exist or is closed."""
        return None

    def refused(self, no: NotPossible) -> HttpResponse:
        """Answer a refusal: 403 for a person, else the reason on the proposal's page."""
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(self.request, no.reason)
        return redirect(self.proposal)

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)


class DraftPart(OfProposal):
    """Loads a proposal that one may write in; others are refused, and a proposal no longer a draft leads back."""

    part: Any = None

    def turned_away(self) -> HttpResponse | None:
        """Load the part; refuse who may not write."""
        self.part = self.load(self.kwargs.get("pk"))
        try:
            drafting.refuse_unless_writable(self.proposal, self.by)
        except NotPossible as no:
            return self.refused(no)
        return None

    def sure(self, request: HttpRequest, words: str) -> HttpResponse | None:
        """Return the page that says which agreements fall by a change, or None when none does or one is sure."""
        at_stake = writing_queries.agreements_at_stake(self.proposal)
        if not at_stake or "sure" in request.GET:
            return None
        context = {"proposal": self.proposal, "words": words, "at_stake": at_stake}
        return render(request, "proposals/agreement_falls.html", context)

    def load(self, pk: Any) -> Any:
        """Return the part that the page is about, or None for a new one."""
        return None


class PartForm(DraftPart):
    """Adds one part, changes it, or takes it out."""

    template_name = "proposals/part_form.html"
    back = "proposal_partners"
    title = ""

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form, filled from the part at first."""
        raise NotImplementedError

    def save(self, form: forms.Form) -> None:
        """Write; NotPossible is shown beside the form."""
        raise NotImplementedError

    def remove(self) -> None:
        """Take the part out."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form; ask first when agreements would fall."""
        return self.sure(request, self.title) or self._page(request, self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save or take out."""
        form = self.form(request.POST, request.FILES)
        removing = self.part is not None and "remove" in request.POST
        if not removing and not form.is_valid():
            return self._page(request, form)
        try:
            self.remove() if removing else self.save(form)
        except NotPossible as no:
            form.is_valid()
            form.add_error("file" if "file" in form.fields else None, no.reason)
            return self._page(request, form)
        messages.success(request, "Taken out." if removing else "Saved.")
        return redirect(self.back, case=self.proposal.case)

    def _page(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        context = {
            "proposal": self.proposal, "part": self.part, "form": form, "title": self.title, "back": self.back,
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, self.template_name, context, status=400 if form.errors else 200)
