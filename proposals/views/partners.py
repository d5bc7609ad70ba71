"""Partner agencies: list, add, change, take out."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User
from people.views import visible_or_404

from .. import queries
from ..models import Proposal
from ..part_forms import PartnerForm
from ..policies import may_write
from ..services import drafting, partners


class Partners(View):
    """Who takes part with how many days; adding one more."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal."""
        self.proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the agencies."""
        return self._page(request, PartnerForm(agencies=queries.free_agencies(self.proposal)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Add one agency."""
        if not may_write(self.proposal, request.user):
            raise PermissionDenied
        form = PartnerForm(request.POST, agencies=queries.free_agencies(self.proposal))
        if form.is_valid():
            try:
                partners.add(self.proposal, by=cast(User, request.user), **form.cleaned_data)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, f"{form.cleaned_data['agency'].name} was added.")
                return redirect("proposal_partners", case=self.proposal.case)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: PartnerForm) -> HttpResponse:
        context = {
            "proposal": self.proposal, "form": form, "has_errors": bool(form.errors),
            "partners": self.proposal.partners.select_related("agency"),
            "outside": self.proposal.outside_partners.select_related("letter__file"),
            "data_needs": self.proposal.data_needs.select_related("owner"),
            "post": queries.register_entry_of(self.proposal),
            "writable": self.proposal.state == "draft" and may_write(self.proposal, request.user),
        }  # fmt: skip
        return render(request, "proposals/partners.html", context, status=400 if form.errors else 200)


class EditPartner(View):
    """One agency: what it gives, or taking it out."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal and its partner; refuse who may not write."""
        proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        self.partner = get_object_or_404(proposal.partners.select_related("agency", "proposal"), pk=kwargs["pk"])
        try:
            drafting.refuse_unless_writable(proposal, cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
            return redirect(proposal)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is stored."""
        stored = {"days": self.partner.days, "contribution": self.partner.contribution}
        return self._page(request, PartnerForm(initial=stored))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save the change, or take the agency out."""
        by = cast(User, request.user)
        form = PartnerForm(request.POST)
        try:
            if "remove" in request.POST:
                partners.remove(self.partner, by=by)
                return self._back(request, f"{self.partner.agency.name} was taken out.")
            if form.is_valid():
                partners.change(self.partner, by=by, **form.cleaned_data)
                return self._back(request, f"Saved: {self.partner.agency.name}.")
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("proposal_partners", case=self.partner.proposal.case)
        return self._page(request, form)

    def _back(self, request: HttpRequest, words: str) -> HttpResponse:
        messages.success(request, words)
        return redirect("proposal_partners", case=self.partner.proposal.case)

    def _page(self, request: HttpRequest, form: PartnerForm) -> HttpResponse:
        lead = self.partner.agency_id == self.partner.proposal.lead_agency_id
        context = {"partner": self.partner, "form": form, "is_lead_agency": lead, "has_errors": bool(form.errors)}
        return render(request, "proposals/partner_form.html", context, status=400 if form.errors else 200)
