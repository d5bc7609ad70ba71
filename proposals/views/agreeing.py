"""Around the agencies' agreement: what falls when a proposal is taken back, reminders, and answers that are late."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import TemplateView, View

from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.enums import Role
from people.models import User
from people.queries import role_names
from people.views import visible_or_404

from .. import queries, writing_queries
from ..enums import ProposalState
from ..guards import UNDO
from ..models import Proposal
from ..policies import may_lead
from ..services import endorsing
from .base import OfProposal


class Ask(OfProposal):
    """Base: says what follows from an action of the lead before its button is pressed."""

    state: ProposalState
    action: str
    template: str

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what follows, with the button of the action."""
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
        refused = explain(self.proposal, self.action)
        if self.proposal.state != self.state or refused:
            messages.info(request, refused[0] if refused else "This can no longer be done.")
            return redirect(self.proposal)
        context = {
            "proposal": self.proposal, "action": self.action, "model_key": "proposals.proposal", "undo": UNDO,
            "at_stake": writing_queries.agreements_at_stake(self.proposal),
        }  # fmt: skip
        return render(request, self.template, context)


class Recall(Ask):
    """Names the agencies whose agreement falls if anything is changed."""

    state, action, template = ProposalState.AWAITING_ENDORSEMENT, "recall", "proposals/recall.html"


class Delete(Ask):
    """Says how long a deletion can be undone."""

    state, action, template = ProposalState.DRAFT, "delete_draft", "proposals/delete.html"


class RemindAgency(View):
    """Reminds one agency's approvers."""

    def post(self, request: HttpRequest, case: Any, agency: int) -> HttpResponse:
        """Remind, at most once a day."""
        proposal = visible_or_404(Proposal, request.user, case=case)
        partner = get_object_or_404(proposal.partners.select_related("agency"), agency=agency)
        try:
            endorsing.remind(proposal, by=cast(User, request.user), agency=partner.agency)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, f"{partner.agency.name} has been reminded.")
        return redirect(proposal)


class LateAnswers(TemplateView):
    """What agencies have not answered in time, with whom the secretariat can ask."""

    template_name = "proposals/late_answers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the late answers; only the secretariat has this page."""
        user = cast(User, self.request.user)
        if not role_names(user) & {Role.SECRETARIAT, Role.HEAD}:
            raise Http404
        return super().get_context_data(late=queries.late_for(user), **kwargs)
