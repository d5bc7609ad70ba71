"""The agreement: its versions with what differs, its PDF, and the changes that the team asks for."""

from itertools import pairwise
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import TemplateView, View

from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.timeline import timeline_of
from people.views import visible_or_404, whole

from .enums import GrantState
from .forms import ChangeForm, MoreForm
from .grant_views import GrantForm
from .models import AgreementVersion, Amendment, Grant
from .policies import may_lead_grant
from .services import agreement, agreement_files
from .services.amending import add_reason, ask_for_change

WORDS = {
    "asked": "asked for the change", "submit": "added what was asked", "ask_more": "asked for more",
    "approve": "approved the change", "deny": "denied the change",
    "withdraw_change": "took the change back",
    "take_first_yes": "agreed as the first of two board members", "take_effect": "made it the next version",
}  # fmt: skip
Told = list[tuple[str, str, str]]


def versions_of(grant: Grant) -> list[tuple[AgreementVersion, Told]]:
    """Return the agreement's versions, newest first, each with what differs from the one before."""
    versions = list(grant.versions.all())
    facts = [agreement.read(version.text) for version in versions]
    told: list[Told] = [[], *(agreement.differences(before, after) for before, after in pairwise(facts))]
    return list(reversed(list(zip(versions, told, strict=True))))


class Agreement(View):
    """Every version with its differences, who signed, and the changes asked for; POST asks for a PDF."""

    def get(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """Show them."""
        grant = visible_or_404(Grant, request.user, case=case)
        context = {
            "grant": grant, "versions": versions_of(grant), "signatures": grant.signatures.all(),
            "changes": grant.amendments.select_related("asked_by"),
            "may_ask": grant.state == GrantState.ACTIVE and may_lead_grant(grant, request.user),
        }  # fmt: skip
        return render(request, "fund/agreement.html", context)

    def post(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """Ask for the PDF of one version."""
        grant = visible_or_404(Grant, request.user, case=case)
        version = get_object_or_404(grant.versions, number=whole(request.POST.get("version")))
        job = agreement_files.ask(version, by=cast(User, request.user))
        return redirect("job", pk=job.pk)


class AskForChange(GrantForm):
    """Asks for a change of the agreement."""

    form_class, title, button, records = ChangeForm, "Ask for a change", "Ask for the change", Amendment

    def refused(self) -> NotPossible | None:
        """Keep out all but lead and deputy."""
        allowed = may_lead_grant(self.grant, self.request.user)
        return None if allowed else NotPossible("Only the lead or the deputy lead asks for it.", forbidden=True)

    def extras(self) -> dict[str, Any]:
        """Offer the items of the agreement's budget."""
        return {"items": agreement.read(self.grant.agreement).get("budget", [])}

    def apply(self, data: dict[str, Any]) -> None:
        """Ask."""
        self.change = ask_for_change(self.grant, by=cast(User, self.request.user), key=self.key, **data)

    def done(self) -> HttpResponse:
        """Show the change."""
        return redirect(self.change)


class Change(TemplateView):
    """One change: what is asked, who answers, and what was said."""

    template_name = "fund/change.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the change, the actions and the timeline."""
        grant = visible_or_404(Grant, self.request.user, case=kwargs["case"])
        change = get_object_or_404(grant.amendments.select_related("grant", "asked_by"), number=kwargs["position"])
        return {
            "grant": grant, "change": change, "actions": available(change, self.request.user),
            "model_key": "fund.amendment", "timeline": timeline_of(change, WORDS),
        }  # fmt: skip


class AddReason(GrantForm):
    """Adds what was asked of the team."""

    form_class, title, name, button = MoreForm, "Add what was asked", "submit", "Send"

    def load(self, position: int | None) -> Any:
        """Return the change."""
        return get_object_or_404(self.grant.amendments.select_related("grant"), number=position)

    def extras(self) -> dict[str, Any]:
        """Start from what was said before."""
        return {"initial": {"reason": self.part.reason}}

    def apply(self, data: dict[str, Any]) -> None:
        """Send."""
        add_reason(self.part, by=cast(User, self.request.user), **data)

    def done(self) -> HttpResponse:
        """Show the change."""
        return redirect(self.part)
