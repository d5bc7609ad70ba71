"""Appeals: lodging one, the officers' list, one appeal, its officer, and its outcome."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

from documents.responses import attachment_response
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import available, refusal, rule_of
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds, is_in_team
from people.timeline import timeline_of
from people.views import whole
from proposals.policies import may_lead
from proposals.views.base import OfProposal

from .. import appeal_queries, appealing
from ..appeal_forms import AssignForm, LodgeForm, OutcomeForm
from ..enums import AppealState
from ..models import Appeal
from ..policies import reads_decision_file, reads_letters, sees_all_appeals
from ..services import appeals

WORDS = {
    "lodged": "lodged the appeal", "admit": "found that it can be heard", "turn_away": "found that it cannot be heard",
    "assign": "gave it to an officer", "hand_back": "took it from the officer", "uphold": "upheld it",
    "uphold_partly": "found it right in part", "dismiss": "did not uphold it", "withdraw": "took the appeal back",
}  # fmt: skip
ENDS = {
    AppealState.UPHELD: appeals.uphold, AppealState.PARTLY: appeals.uphold_partly,
    AppealState.DISMISSED: appeals.dismiss,
}  # fmt: skip


class Lodge(OfProposal):
    """What an appeal can be about, what it cannot change, and the form."""

    def turned_away(self) -> HttpResponse | None:
        """Let only who leads lodge, and only while it is possible."""
        if not may_lead(self.proposal, self.request.user):
            raise PermissionDenied
        no = appealing.obstacle(self.proposal)
        if no:
            messages.info(self.request, no)
            return redirect(self.proposal)
        return None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self._page(request, LodgeForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Lodge it."""
        form = LodgeForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            made = appeals.lodge(
                self.proposal, by=self.by, ground=said["ground"], words=said["words"], upload=said["file"]
            )
        except NotPossible as no:
            form.add_error("file" if said["file"] else None, no.reason)
            return self._page(request, form)
        messages.success(request, f"Your appeal is lodged. You have an answer by {appealing.in_words(made.due_on)}.")
        return redirect(made)

    def _page(self, request: HttpRequest, form: LodgeForm) -> HttpResponse:
        told = self.proposal.released_at
        context = {
            "proposal": self.proposal, "form": form, "has_errors": bool(form.errors),
            "until": appealing.last_day(told) if told else None, "answer_days": appealing.ANSWER_DAYS,
        }  # fmt: skip
        return render(request, "evaluation/appeal_lodge.html", context, status=400 if form.errors else 200)


sees_list = holds(Role.APPEALS) | sees_all_appeals


class AppealList(ListView[Appeal]):
    """The appeals, the earliest due first."""

    template_name = "evaluation/appeals.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For others than officers and those who look after appeals the page does not exist."""
        if not sees_list(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Appeal]:
        """Return visible appeals, narrowed by the filters."""
        query = self.request.GET
        return appeal_queries.listed_for(
            cast(User, self.request.user), query.get("state", "open"), bool(query.get("late")), bool(query.get("mine"))
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filters' values."""
        query = self.request.GET
        return super().get_context_data(
            state=query.get("state", "open"), late=query.get("late", ""), mine=query.get("mine", ""),
            states=[("open", "Not answered yet"), *AppealState.choices], today=clock.today(),
            decides=holds(Role.APPEALS)(None, self.request.user), **kwargs,
        )  # fmt: skip


class OfAppeal(View):
    """Base: loads the appeal that one may see."""

    appeal: Appeal

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the appeal; what one may not see does not exist."""
        found = Appeal.objects.visible_to(request.user).select_related(
            "proposal__call", "proposal__lead_agency", "officer", "checked_by", "file", "lodged_by"
        )
        self.appeal = get_object_or_404(found, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)

    def refuse_unless(self, name: str) -> HttpResponse | None:
        """Raise for who may not take the step; lead back where it cannot be taken now."""
        rule = rule_of(self.appeal, name)
        if not rule.who(self.appeal, self.by):
            raise PermissionDenied
        no = refusal(self.appeal, rule, self.by)
        if no is None:
            return None
        messages.error(self.request, no.reason)
        return redirect(self.appeal)


class AppealPage(OfAppeal):
    """What is appealed, how far it is, and what I may do; the team reads days and no names."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the appeal."""
        appeal, team = self.appeal, is_in_team(self.appeal, self.by)
        actions = {action.page or action.name: action for action in reversed(available(appeal, self.by))}
        letters = list(appeal.proposal.letters.all())
        about = [row for row in letters if row.decision_id and row.decision_id == appeal.decision_id]
        context = {
            "appeal": appeal, "proposal": appeal.proposal, "team": team, "actions": reversed(actions.values()),
            "model_key": "evaluation.appeal", "late": appeal.is_late(clock.today()), "letter": next(iter(about), None),
            "answer": next((row for row in letters if row.appeal_id == appeal.pk), None),
            "opens": reads_letters(appeal.proposal, self.by),
            "reads_file": reads_decision_file(appeal.proposal, self.by),
            "timeline": [] if team else timeline_of(appeal, WORDS),
        }  # fmt: skip
        return render(request, "evaluation/appeal.html", context)


class AppealFile(OfAppeal):
    """The file that came with the appeal."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand it out as a download."""
        if self.appeal.file is None:
            raise Http404
        return attachment_response(self.appeal.file)


class Assign(OfAppeal):
    """Who looks into it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the officers, and what keeps some from it."""
        return self._page(request)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give it to one."""
        return self._page(request, request.POST)

    def _page(self, request: HttpRequest, data: Any = None) -> HttpResponse:
        away = self.refuse_unless("assign")
        if away:
            return away
        officers = appeal_queries.officers_for(self.appeal)
        free = [
            (str(o.person.pk), f"{o.person.full_name} · {o.person.employee_number}") for o in officers if not o.why_not
        ]
        form = AssignForm(data, officers=free)
        if form.is_valid() and self._assigned(form):
            return redirect(self.appeal)
        context = {
            "appeal": self.appeal, "proposal": self.appeal.proposal, "form": form, "officers": officers,
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/appeal_assign.html", context, status=400 if form.errors else 200)

    def _assigned(self, form: forms.Form) -> bool:
        """Tell whether the officer chosen has it now."""
        officer = get_object_or_404(User, pk=whole(form.cleaned_data["officer"]))
        try:
            appeals.assign(self.appeal, by=self.by, officer=officer)
        except NotPossible as no:
            form.add_error("officer", no.reason)
            return False
        messages.success(self.request, f"{officer.full_name} looks into it.")
        return True


class DecideAppeal(OfAppeal):
    """What the officer finds, with the reasons that the team reads."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the form."""
        return self._page(request, OutcomeForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide."""
        return self._page(request, OutcomeForm(request.POST))

    def _page(self, request: HttpRequest, form: OutcomeForm) -> HttpResponse:
        away = self.refuse_unless("uphold")
        if away:
            return away
        if form.is_valid():
            end = ENDS[AppealState(form.cleaned_data["outcome"])]
            try:
                end(self.appeal, by=self.by, note=form.cleaned_data["reason"])
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Decided. The team has a letter with your reasons.")
                return redirect(self.appeal)
        context = {
            "appeal": self.appeal,
            "proposal": self.appeal.proposal,
            "form": form,
            "has_errors": bool(form.errors),
        }
        return render(request, "evaluation/appeal_outcome.html", context, status=400 if form.errors else 200)
