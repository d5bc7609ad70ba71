"""The drafter's pages."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import DetailView, ListView, TemplateView, View

from fund.models import Call
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.queries import find_civil_servant
from people.timeline import timeline_of
from people.views import visible_or_404

from . import queries
from .enums import MemberState, ProposalState, SectionKey
from .forms import InviteForm, SectionForm, StartForm, section_form
from .models import Proposal
from .policies import may_lead, may_write
from .services import drafting, team

WORDS = {
    "started": "started the draft",
    "withdraw": "withdrew the proposal",
    "invited": "invited a person",
    "joined": "joined the team",
    "left": "left the team",
} | {f"saved_{key}": f"saved “{key.label}”" for key in SectionKey}


class ProposalList(ListView[Proposal]):
    """The proposals of my teams."""

    template_name = "proposals/proposal_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return visible proposals, narrowed by words and state."""
        query = self.request.GET
        words, state = query.get("q", "").strip()[:100], query.get("state", "")
        return queries.listed_for(cast(User, self.request.user), words, state)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter's values."""
        query = self.request.GET
        return super().get_context_data(
            q=query.get("q", "").strip()[:100], state=query.get("state", ""), states=ProposalState.choices, **kwargs
        )


class Start(View):
    """Starts a draft in an open call with one question."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call, which must be visible."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask for a title."""
        return self._page(request, StartForm())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start the draft and show its task list."""
        form = StartForm(request.POST)
        if form.is_valid():
            try:
                proposal = drafting.start(by=cast(User, request.user), title=form.cleaned_data["title"], call=self.call)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                return redirect(proposal)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: StartForm) -> HttpResponse:
        context = {"form": form, "call": self.call, "has_errors": bool(form.errors)}
        return render(request, "proposals/start.html", context, status=400 if form.errors else 200)


class ProposalDetail(DetailView[Proposal]):
    """The task list with what happens next, my actions and the timeline."""

    template_name = "proposals/proposal_detail.html"
    slug_field = slug_url_kwarg = "case"

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return what one may see."""
        found = Proposal.objects.visible_to(self.request.user)
        return found.select_related("call", "lead_agency").prefetch_related("sections")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add tasks, team, actions and timeline."""
        proposal, user = self.object, self.request.user
        tasks = queries.tasks_of(proposal)
        return super().get_context_data(
            tasks=tasks,
            done=sum(task.done for task in tasks),
            members=proposal.members.select_related("person", "agency").exclude(status=MemberState.LEFT),
            actions=available(proposal, user),
            model_key="proposals.proposal",
            writable=proposal.state == ProposalState.DRAFT and may_write(proposal, user),
            leads=may_lead(proposal, user),
            timeline=timeline_of(proposal, WORDS),
            **kwargs,
        )


class EditSection(View):
    """One section on one page; a clash shows both texts and loses neither."""

    proposal: Proposal
    key: SectionKey

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the proposal and refuse a section that does not exist."""
        self.proposal = visible_or_404(Proposal, request.user, case=kwargs["case"])
        if kwargs["key"] not in SectionKey.values:
            raise Http404
        self.key = SectionKey(kwargs["key"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the section as it is stored."""
        try:
            drafting.refuse_unless_writable(self.proposal, cast(User, request.user))
        except NotPossible as no:
            return self._refused(request, no)
        stored = self.proposal.sections.filter(key=self.key).first()
        form = section_form(self.key)(initial=stored.answers if stored else {})
        return self._page(request, form, stored.version if stored else 0, 200, section=stored)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; on a clash show both texts with who and when, and write nothing."""
        form = section_form(self.key)(request.POST)
        raw = request.POST.get("version", "0")
        version = int(raw) if raw.isdigit() and len(raw) < 9 else 0
        if not form.is_valid():
            return self._page(request, form, version, 400)
        try:
            drafting.save_section(
                self.proposal,
                by=cast(User, request.user),
                key=self.key,
                version=version,
                answers=form.answers(),
            )
        except drafting.Clash as clash:
            return self._clash(request, form, clash)
        except NotPossible as no:
            return self._refused(request, no)
        messages.success(request, f"Saved: {self.key.label.lower()}.")
        return redirect(self.proposal)

    def _clash(self, request: HttpRequest, form: SectionForm, clash: drafting.Clash) -> HttpResponse:
        mine, theirs = form.answers(), clash.theirs.answers
        rows = [
            {"label": field.label, "mine": mine[name], "theirs": theirs.get(name, "")}
            for name, field in form.fields.items()
            if mine[name] != theirs.get(name, "")
        ]
        extra = {"rows": rows, "theirs": clash.theirs}
        return self._page(request, form, clash.theirs.version, 409, **extra)

    def _refused(self, request: HttpRequest, no: NotPossible) -> HttpResponse:
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(request, no.reason)
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: SectionForm, version: int, status: int, **extra: Any) -> HttpResponse:
        context = {
            "proposal": self.proposal, "key": self.key, "form": form, "version": version,
            "has_errors": bool(form.errors), **extra,
        }  # fmt: skip
        return render(request, "proposals/section_form.html", context, status=status)


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
