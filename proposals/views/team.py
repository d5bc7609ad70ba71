"""The team: inviting, joining, leaving, the deputy, and handing over the lead."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import TemplateView, View

from fund.limits import RUNNING_GRANTS
from lifecycle.errors import NotPossible
from people.models import User
from people.queries import find_civil_servant, snapshot_of
from people.views import visible_or_404, whole

from .. import queries, writing_queries
from ..enums import MemberState, ProposalState
from ..forms import InviteForm
from ..models import Member, Proposal
from ..models.proposal import WITHDRAWABLE
from ..policies import holds_lead, may_lead, may_write
from ..services import team
from .base import OfLongForm

# button -> (act on one member, what is said after it)
ON_MEMBER: dict[str, tuple[Callable[..., Any], str]] = {
    "take_back": (team.take_back, "The invitation of {} was taken back."),
    "remind": (team.remind, "{} has been reminded."),
    "deputy": (team.name_deputy, "{} is now deputy lead."),
    "offer_lead": (team.offer_lead, "{} has been asked to take the lead. You lead until they accept."),
}
# button -> (act on the proposal, what is said after it)
ON_PROPOSAL: dict[str, tuple[Callable[..., Any], str]] = {
    "end_deputy": (team.end_deputy, "There is no deputy lead now."),
    "take_lead": (team.take_lead, "You lead this proposal now."),
    "refuse_lead": (team.refuse_lead, "The lead has been told that you do not take over."),
}


class Team(OfLongForm):
    """Who is in the team and of which agency; the lead invites by e-mail address or employee number."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the team."""
        return self._page(request, InviteForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the step of the button that was pressed, or invite one person."""
        for name, (step, words) in ON_PROPOSAL.items():
            if name in request.POST:
                return self._take(request, words, step, self.proposal)
        for name, (step, words) in ON_MEMBER.items():
            if name in request.POST:
                member = get_object_or_404(Member, proposal=self.proposal, pk=whole(request.POST[name]))
                return self._take(request, words.format(member.person.full_name), step, member)
        return self._invite(request)

    def _take(self, request: HttpRequest, words: str, step: Callable[..., Any], on: Member | Proposal) -> HttpResponse:
        try:
            step(on, by=cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, words)
        return redirect("proposal_team", case=self.proposal.case)

    def _invite(self, request: HttpRequest) -> HttpResponse:
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
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
                if words := writing_queries.approver_in_team(person):
                    messages.warning(request, words)
                return redirect("proposal_team", case=self.proposal.case)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: InviteForm) -> HttpResponse:
        proposal, user = self.proposal, cast(User, request.user)
        draft = proposal.state == ProposalState.DRAFT
        seats = writing_queries.seats_of(proposal, user)
        context = {
            "proposal": proposal, "form": form, "has_errors": bool(form.errors), "seats": seats,
            "leads": draft and may_lead(proposal, user), "most": RUNNING_GRANTS,
            "steers": holds_lead(proposal, user) and proposal.state in WITHDRAWABLE,
            "may_leave": draft and may_write(proposal, user) and not holds_lead(proposal, user),
            "stamp": writing_queries.stamp_of(proposal, "team"),
            "places": writing_queries.places_of(proposal, seats),
            "post": snapshot_of(user), "offer": writing_queries.lead_offer_to(proposal, user),
            "at_stake": writing_queries.agreements_at_stake(proposal) if draft else [],
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
    """An invitation: what it is, who asks, and a yes or a no."""

    template_name = "proposals/join.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the person's own invitation; others' do not exist."""
        member = get_object_or_404(
            queries.invitations_of(cast(User, self.request.user)),
            proposal__case=self.kwargs["case"], person=self.request.user,
        )  # fmt: skip
        return super().get_context_data(
            member=member, proposal=member.proposal, joined=member.status == MemberState.JOINED, **kwargs
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Join the team, or decline."""
        proposal, by = self.get_context_data()["proposal"], cast(User, request.user)
        try:
            if "decline" in request.POST:
                team.decline(proposal, by=by)
                messages.success(request, "You have declined. The lead has been told.")
                return redirect("home")
            team.join(proposal, by=by)
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("home")
        messages.success(request, "You have joined the team.")
        return redirect(proposal)
