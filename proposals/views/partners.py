"""Partner agencies: list, add, change, take out."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from lifecycle.errors import NotPossible
from people.models import User

from .. import queries, writing_queries
from ..part_forms import PartnerForm
from ..policies import may_write
from ..services import partners
from .base import DraftPart, OfProposal


class Partners(OfProposal):
    """Who takes part with how many days; adding one more."""

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
        context: dict[str, Any] = {
            "proposal": self.proposal, "form": form, "has_errors": bool(form.errors),
            "stamp": writing_queries.stamp_of(self.proposal, "partners"),
            "partners": self.proposal.partners.select_related("agency"),
            "outside": self.proposal.outside_partners.select_related("letter__file"),
            "data_needs": self.proposal.data_needs.select_related("owner"),
            "post": queries.register_entry_of(self.proposal),
            "writable": self.proposal.state == "draft" and may_write(self.proposal, request.user),
        }  # fmt: skip
        if context["writable"]:
            context["at_stake"] = writing_queries.agreements_at_stake(self.proposal)
        return render(request, "proposals/partners.html", context, status=400 if form.errors else 200)


class EditPartner(DraftPart):
    """One agency: what it gives, or taking it out."""

    def load(self, pk: Any) -> Any:
        """Return the partner."""
        return get_object_or_404(self.proposal.partners.select_related("agency", "proposal"), pk=pk)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is stored; ask first when agreements would fall."""
        stored = {"days": self.part.days, "contribution": self.part.contribution}
        return self.sure(request, f"What {self.part.agency.name} gives") or self._page(
            request, PartnerForm(initial=stored)
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save the change, or take the agency out."""
        by, form = self.by, PartnerForm(request.POST)
        try:
            if "remove" in request.POST:
                partners.remove(self.part, by=by)
                return self._back(request, f"{self.part.agency.name} was taken out.")
            if form.is_valid():
                partners.change(self.part, by=by, **form.cleaned_data)
                return self._back(request, f"Saved: {self.part.agency.name}.")
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("proposal_partners", case=self.part.proposal.case)
        return self._page(request, form)

    def _back(self, request: HttpRequest, words: str) -> HttpResponse:
        messages.success(request, words)
        return redirect("proposal_partners", case=self.part.proposal.case)

    def _page(self, request: HttpRequest, form: PartnerForm) -> HttpResponse:
        lead = self.part.agency_id == self.part.proposal.lead_agency_id
        context = {"partner": self.part, "form": form, "is_lead_agency": lead, "has_errors": bool(form.errors)}
        return render(request, "proposals/partner_form.html", context, status=400 if form.errors else 200)
