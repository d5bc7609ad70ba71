"""The team: inviting, joining, leaving."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import TemplateView, View

from lifecycle.errors import NotPossible
from people.models import User
from people.queries import find_civil_servant
from people.views import visible_or_404

from .. import queries
from ..enums import MemberState, ProposalState
from ..forms import InviteForm
from ..models import Member, Proposal
from ..policies import may_lead
from ..services import team


class Team(View):
    """Who is in the team; the lead invites by e-mail address or employee number."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal."""
        self.proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the team."""
        return self._page(request, InviteForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Invite one person."""
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
        if "take_back" in request.POST:
            return self._take_back(request)
        form = InviteForm(request.POST)
        if form.is_valid():
            person = find_civil_servant(form.cleaned_data["who"])
            try:
                if person is None:
                    raise NotPossible("Nobody in the register has this e-mail address or employee number. Check it.")
                team.invite(self.proposal, by=cast(User, request.user), person=person)
            except NotPossible as no:
                form.add_error("who", no.reason)
            else:
                messages.success(request, f"{person.full_name} has been invited.")
                return redirect("proposal_team", case=self.proposal.case)
        return self._page(request, form)

    def _take_back(self, request: HttpRequest) -> HttpResponse:
        raw = request.POST["take_back"]
        pk = int(raw) if raw.isdecimal() and len(raw) < 12 else 0
        member = get_object_or_404(Member, proposal=self.proposal, pk=pk)
        try:
            team.take_back(member, by=cast(User, request.user))
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, f"The invitation of {member.person.full_name} was taken back.")
        return redirect("proposal_team", case=self.proposal.case)

    def _page(self, request: HttpRequest, form: InviteForm) -> HttpResponse:
        context = {
            "proposal": self.proposal, "form": form, "has_errors": bool(form.errors),
            "leads": may_lead(self.proposal, request.user) and self.proposal.state == ProposalState.DRAFT,
            "members": self.proposal.members.select_related("person", "agency").exclude(status=MemberState.LEFT),
        }  # fmt: skip
        return render(request, "proposals/team.html", context, status=400 if form.errors else 200)


class Leave(View):
    """Leaves the team."""

    def post(self, request: HttpRequest, case: Any) -> HttpResponse:
        """Leave; the lead is told why that is not possible."""
        proposal = visible_or_404(Proposal, request.user, case=case)
        try:
            team.leave(proposal, by=cast(User, request.user))
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect(proposal)
        messages.success(request, f"You have left the team of “{proposal.title}”.")
        return redirect("proposal_list")


class Join(TemplateView):
    """An invitation: what it is, who asks, and one button."""

    template_name = "proposals/join.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the person's own invitation; others' do not exist."""
        member = get_object_or_404(
            queries.invitations_of(cast(User, self.request.user)),
            proposal__case=self.kwargs["case"], person=self.request.user,
        )  # fmt: skip
        return super().get_context_data(member=member, proposal=member.proposal, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Join the team."""
        proposal = self.get_context_data()["proposal"]
        try:
            team.join(proposal, by=cast(User, request.user))
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("home")
        messages.success(request, "You have joined the team.")
        return redirect(proposal)
