"""What counts beside one's own result: stating it, confirming it, recognising it."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import ListView, TemplateView, View

from fund.models import Grant
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds
from people.timeline import timeline_of
from people.views import visible_or_404

from .. import queries
from ..credit_forms import CiteForm, MentorForm, RuleForm, SprintForm, WorkForm
from ..enums import CreditCode, CreditState, LearningState
from ..models import Credit, LearningRecord, Mentoring
from ..policies import may_lead
from ..services import credits, judging_work, mentoring
from .common import StateIt, led_by

sees_credits = holds(Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)
checks_statements = holds(Role.VERIFIER, Role.SECRETARIAT, Role.HEAD, Role.AUDITOR)
SAME = 20  # statements of one rule on the page
sees_reviewers = holds(Role.SECRETARIAT, Role.AUDITOR)
WORDS = {
    "credit_stated": "stated it", "bear_out": "confirmed it for the other side", "recognise": "recognised it",
    "refuse_credit": "turned it down", "undo_credit": "took it back", "mentor_asked": "asked for a mentor",
    "agree_to_mentor": "said yes", "say_no": "said no", "confirm_help": "confirmed the help",
}  # fmt: skip


class MoreCounts(TemplateView):
    """The ways to be recognised beside one's own result, and how far one's own are."""

    template_name = "incentives/more_counts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add one's own."""
        user = cast(User, self.request.user)
        mine = Credit.objects.filter(person=user) | Credit.objects.filter(stated_by=user)
        return super().get_context_data(
            mine=mine.exclude(code=CreditCode.JUDGEMENT).distinct()[:50],
            mentorings=Mentoring.objects.filter(mentor=user).select_related("grant")[:20],
            adoptions=queries.own_adoptions(user)[:20],
            led=led_by(user), office=sees_credits(None, user), **kwargs,
        )  # fmt: skip


class StateRule(StateIt):
    """A rule that one removed."""

    form_class = RuleForm
    heading = "I removed a rule that got in the way"
    lead = (
        "It counts when a verifier, of neither your agency nor the rule's, has read the change. At most two count in a "
        "fiscal year. It does not count for whoever entered the rule as a barrier."
    )

    def act(self, user: User, said: dict[str, Any]) -> Credit:
        """Write it down."""
        return credits.state_rule(by=user, **said)


class StateSprint(StateIt):
    """Work in a sprint."""

    form_class = SprintForm
    heading = "My work in a sprint became a funded Spark"
    lead = "The lead of the Spark confirms it, then the secretariat checks it. At most two count in a fiscal year."

    def act(self, user: User, said: dict[str, Any]) -> Credit:
        """Write it down."""
        return credits.state_sprint(by=user, **said)


class Cite(StateIt):
    """What one's own grant learned from a shared record."""

    form_class = CiteForm
    heading = "Our design changed because of this record"
    lead = (
        "Somebody who reviewed your proposal confirms it, then the secretariat checks it. It counts for the team that "
        "wrote the record, not for you. Thank you."
    )

    def find(self, **kwargs: Any) -> None:
        """Load the record."""
        self.record = visible_or_404(LearningRecord, self.request.user, case=kwargs["case"])
        if self.record.state != LearningState.PUBLISHED or not led_by(self.request.user).exists():
            raise Http404

    def make_form(self, data: Any = None) -> Form:
        """Offer the grants that one leads."""
        return CiteForm(data, grants=led_by(self.request.user).exclude(case=self.record.case))

    def act(self, user: User, said: dict[str, Any]) -> Credit:
        """Write it down."""
        return credits.cite(self.record, by=user, **said)


class AskMentor(StateIt):
    """Asking somebody outside the team for help."""

    form_class = MentorForm
    heading = "Ask for a mentor"
    lead = (
        "Somebody outside your team helps you to the next milestone. They answer yes or no. When the milestone is "
        "accepted, you confirm the help, and it counts for the mentor."
    )
    button = "Ask"

    def find(self, **kwargs: Any) -> None:
        """Load the grant."""
        self.grant = visible_or_404(Grant, self.request.user, case=kwargs["case"])
        if not may_lead(self.grant, self.request.user):
            raise PermissionDenied

    def act(self, user: User, said: dict[str, Any]) -> Mentoring:
        """Ask the person."""
        return mentoring.ask_mentor(self.grant, by=user, **said)


class MentoringPage(View):
    """One mentoring: what was asked, how far it is, what I can do."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it."""
        row = visible_or_404(Mentoring, request.user, pk=pk)
        context = {
            "row": row, "actions": available(row, request.user), "model_key": "incentives.mentoring",
            "timeline": timeline_of(row, WORDS),
        }  # fmt: skip
        return render(request, "incentives/mentoring.html", context)


class CreditPage(View):
    """One stated contribution; who reviewed a proposal is not told to its team."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it with my actions."""
        row = visible_or_404(Credit, request.user, pk=pk)
        reviewed = row.code == CreditCode.LEARNING
        concealed = ("bear_out", "refuse_credit") if reviewed and not sees_reviewers(None, request.user) else ()
        context = {
            "credit": row, "actions": available(row, request.user), "model_key": "incentives.credit",
            "timeline": timeline_of(row, WORDS, without=concealed),
        }  # fmt: skip
        if row.code == CreditCode.BARRIER and checks_statements(None, request.user):
            context |= self._same_rule(row)
        return render(request, "incentives/credit.html", context)

    def _same_rule(self, row: Credit) -> dict[str, Any]:
        """Return other statements of the rule for who checks it, and how many more the reader may not open."""
        every = Credit.objects.of_same_rule(row)
        seen = every.visible_to(self.request.user).select_related("person", "owner")
        shown = list(seen.order_by("-stated_at", "-pk")[:SAME])
        return {"same_rule": shown, "same_rule_more": every.count() - len(shown)}


class CreditList(ListView[Credit]):
    """All that was stated, for the offices; the filters stay in the address."""

    template_name = "incentives/credit_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the offices."""
        if not sees_credits(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Credit]:
        """Return them, narrowed."""
        found = Credit.objects.visible_to(self.request.user).select_related("person", "stated_by", "record__grant")
        state, code = self.request.GET.get("state", ""), self.request.GET.get("code", "")
        found = found.filter(state=state) if state in CreditState.values else found
        return found.filter(code=code) if code in CreditCode.values else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filters."""
        return super().get_context_data(
            recognises_work=judging_work.recognises_work(None, self.request.user),
            states=CreditState.choices, codes=CreditCode.choices, state=self.request.GET.get("state", ""),
            code=self.request.GET.get("code", ""), **kwargs,
        )  # fmt: skip


class JudgingWork(View):
    """Reviews, checks and readings that were in time; ticked, they count."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Exists only for the secretariat and chairs."""
        if not judging_work.recognises_work(None, request.user):
            raise Http404
        self.waiting = judging_work.waiting_work(cast(User, request.user))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what waits."""
        return render(request, "incentives/judging_work.html", {"waiting": self.waiting})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let what is ticked count."""
        form = WorkForm(request.POST, keys=[work.key for work in self.waiting])
        if not form.is_valid():
            context = {"waiting": self.waiting, "form": form, "has_errors": True}
            return render(request, "incentives/judging_work.html", context, status=400)
        try:
            count = judging_work.recognise_work(form.cleaned_data["work"], by=cast(User, request.user))
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            messages.success(request, f"Recognised: {count}. Each person has been told.")
        return redirect("judging_work")
