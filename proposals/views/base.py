"""What the pages of a draft's parts have in common."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from ..models import Proposal
from ..services import drafting


class DraftPart(View):
    """Loads a proposal that one may write in; others are refused, and a proposal no longer a draft leads back."""

    proposal: Proposal
    part: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal and the part; refuse who may not write."""
        self.proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        self.part = self.load(kwargs.get("pk"))
        try:
            drafting.refuse_unless_writable(self.proposal, self.by)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
            return redirect(self.proposal)
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)

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
        """Show the form."""
        return self._page(request, self.form())

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
