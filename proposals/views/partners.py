"""Partner agencies: list, add, change, take out."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from lifecycle.errors import NotPossible
from people.models import Agency, User

from .. import earlier, queries, writing_queries
from ..enums import ProposalState
from ..part_forms import PartnerForm
from ..policies import may_write
from ..services import partners
from .base import OfLongForm
from .parts import PartForm


def taken_from(gift: earlier.Gift | None) -> dict[str, Any]:
    """Return what a form is filled with from an earlier gift."""
    return {"days": gift.days, "contribution": gift.contribution} if gift else {}


class Partners(OfLongForm):
    """Who takes part with how many days; adding one more."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the agencies."""
        gift = next((gift for gift in self.gifts if gift.key == request.GET.get("take")), None)
        given = {"agency": self.free[gift.code], **taken_from(gift)} if gift else {}
        form = PartnerForm(initial=given, agencies=queries.free_agencies(self.proposal))
        return self._page(request, form, gift=gift)

    @cached_property
    def free(self) -> dict[str, Agency]:
        """Return code -> agency of all that are not partners yet; one query for the choices and the gifts."""
        return {agency.code: agency for agency in queries.free_agencies(self.proposal)}

    @cached_property
    def gifts(self) -> list[earlier.Gift]:
        """Return what agencies that are not partners yet gave in earlier proposals."""
        return earlier.gifts_for(self.proposal, set(self.free))

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
                self.proposal.refresh_from_db(fields=["state"])
            else:
                messages.success(request, f"{form.cleaned_data['agency'].name} was added.")
                return redirect("proposal_partners", case=self.proposal.case)
        if self.proposal.state != ProposalState.DRAFT:
            return self.refused(NotPossible("Only a draft can be changed."))
        return self._page(request, form)

    def labels(self) -> dict[str, str]:
        """Return the labels of what one says of an agency; the agency itself was chosen."""
        return {name: str(PartnerForm.base_fields[name].label) for name in ("days", "contribution")}

    def _page(self, request: HttpRequest, form: PartnerForm, gift: earlier.Gift | None = None) -> HttpResponse:
        form.show_choices(self.free.values())
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
            context |= {"gifts": self.gifts, "gift": gift}
        return render(request, "proposals/partners.html", context, status=400 if form.errors else 200)


class EditPartner(PartForm):
    """One agency: what it gives, or taking it out."""

    @property
    def title(self) -> str:  # type: ignore[override]
        """Name the agency."""
        return f"What {self.part.agency.name} gives" if self.part else "What an agency gives"

    def load(self, pk: Any) -> Any:
        """Return the partner."""
        return self.find(self.proposal.partners.select_related("agency", "proposal", "edited_by"), pk)

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form, filled from what is stored."""
        stored = {"days": self.part.days, "contribution": self.part.contribution} if self.part else {}
        return PartnerForm(data, initial=stored | taken_from(self.gift))

    @cached_property
    def gifts(self) -> list[earlier.Gift]:
        """Return what the agency gave in earlier proposals."""
        return earlier.gifts_for(self.proposal, {self.part.agency.code}) if self.part else []

    @property
    def gift(self) -> earlier.Gift | None:
        """Return the earlier gift that the address asks to fill in; nothing is saved by that."""
        key = self.request.GET.get("take") if self.request.method == "GET" else None
        return next((gift for gift in self.gifts if gift.key == key), None) if key else None

    def save(self, form: forms.Form) -> None:
        """Change what the agency gives."""
        partners.change(self.part, by=self.by, **form.cleaned_data)

    def remove(self) -> None:
        """Take the agency out."""
        partners.remove(self.part, by=self.by)

    def around(self) -> dict[str, Any]:
        """Keep the lead agency in; name the agency, so that it can be added again after somebody took it out."""
        if self.part is None:
            return {"keep": [("agency", self.request.POST.get("was_agency", ""))]}
        lead = self.part.agency_id == self.proposal.lead_agency_id
        return {"fixed": lead, "gifts": self.gifts, "gift": self.gift}

    def held(self) -> dict[str, str]:
        """Return what is stored, with the agency."""
        days = "" if self.part.days is None else str(self.part.days)
        return {"days": days, "contribution": self.part.contribution, "agency": str(self.part.agency_id)}
