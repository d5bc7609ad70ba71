"""Pages of the audit's findings: the list, one finding, recording one, answering it."""

from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import ListView, TemplateView, View

from lifecycle.errors import NotPossible
from lifecycle.performing import available, refusal, rule_of
from people.models import User
from people.paging import OpenPaginator
from people.timeline import timeline_of
from people.views import visible_or_404

from .enums import FindingOffice, FindingState
from .forms import AnswerFindingForm, FindingForm
from .grant_views import too_late
from .ledger_queries import years_to_choose
from .models import BudgetLine, Finding, Grant
from .money_views import year_asked
from .policies import may_audit, sees_money
from .queries import findings_for
from .services.findings import answer_finding, raise_finding
from .spent_forms import key_in

WORDS = {
    "raised": "recorded the finding", "put_answer": "answered", "accept_answer": "accepted the answer",
    "ask_again": "asked again", "take_higher": "took it to the head of secretariat", "close_higher": "closed it",
    "drop": "closed it: it proved wrong",
}  # fmt: skip
NEXT = {
    FindingState.RAISED: "The office that it names answers; then the auditor accepts the answer or asks again.",
    FindingState.ANSWERED: "The auditor accepts the answer, asks again, or takes it to the head of secretariat.",
    FindingState.ESCALATED: "The head of secretariat answers, or the auditor closes it with a reason.",
    FindingState.CLOSED: "Nothing more happens. It stays on record.",
}


class FindingList(ListView[Finding]):
    """The findings that one may see, newest first."""

    template_name = "fund/finding_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def asked(self) -> dict[str, str]:
        """Return the filters of the address, those that are none left out."""
        query = self.request.GET
        state, office = query.get("state", ""), query.get("office", "")
        return {
            "words": query.get("q", "").strip()[:100],
            "state": state if state in FindingState.values else "",
            "office": office if office in FindingOffice.values else "",
            "late": "late" if query.get("late") else "",
        }

    def get_queryset(self) -> QuerySet[Finding]:
        """Return visible findings, narrowed."""
        return findings_for(cast(User, self.request.user), **self.asked(), year=year_asked(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter's values."""
        asked, year, money = self.asked(), year_asked(self.request), sees_money(None, self.request.user)
        lists = {
            "states": FindingState.choices,
            "offices": FindingOffice.choices,
            "narrowed": bool(year) or any(asked.values()),
            "filters": asked,
            "sees_money": money,
            "year": year,
            "years": years_to_choose() if money else (),
        }
        return super().get_context_data(**kwargs) | asked | lists


class FindingDetail(TemplateView):
    """One finding: what was found, what was answered, what I may do, and everything that was said."""

    template_name = "fund/finding_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add actions and timeline."""
        finding = visible_or_404(Finding, self.request.user, pk=kwargs["pk"])
        return {
            "finding": finding, "next_step": NEXT[FindingState(finding.state)], "model_key": "fund.finding",
            "actions": available(finding, self.request.user), "timeline": timeline_of(finding, WORDS),
        }  # fmt: skip


class FindingPage(View):
    """Base of both forms: check, act, go to the finding."""

    form_class: Any = None
    title = button = ""
    about: Any = None  # what the way back leads to

    def extras(self) -> dict[str, Any]:
        """Return further arguments of the form."""
        return {}

    def apply(self, data: dict[str, Any]) -> Finding:
        """Do it; NotPossible is shown beside the form."""
        raise NotImplementedError  # each page about a finding has its own

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the empty form."""
        return self._page(request, self.form_class(**self.extras()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Act on a valid form."""
        form = self.form_class(request.POST, **self.extras())
        if form.is_valid():
            try:
                finding = self.apply(form.cleaned_data)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, f"Done: {self.title.lower()}.")
                return redirect(finding)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: Any) -> HttpResponse:
        context = {
            "form": form, "about": self.about, "title": self.title, "button": self.button,
            "finding": getattr(self, "finding", None), "has_errors": bool(form.errors),
            "late": getattr(form, "late", False), "once": uuid4(),
        }  # fmt: skip
        return render(request, "fund/finding_form.html", context, status=400 if form.errors else 200)


class RaiseFinding(FindingPage):
    """Records a finding on a grant, on one of its payments, or on a budget line."""

    form_class, title, button = FindingForm, "Record a finding", "Record the finding"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load what it is about; only auditors without a part in it go on."""
        self.grant = visible_or_404(Grant, request.user, case=kwargs["case"]) if "case" in kwargs else None
        self.line = visible_or_404(BudgetLine, request.user, code=kwargs["code"]) if "code" in kwargs else None
        self.about = self.grant or self.line
        if not may_audit(Finding(grant=self.grant, line=self.line), request.user):
            raise PermissionDenied("Auditors record findings.")
        return super().dispatch(request, *args, **kwargs)

    def extras(self) -> dict[str, Any]:
        """Offer the payments of the grant."""
        return {"grant": self.grant}

    def apply(self, data: dict[str, Any]) -> Finding:
        """Record."""
        return raise_finding(
            by=cast(User, self.request.user), grant=self.grant, line=self.line, key=key_in(self.request.POST), **data
        )


class AnswerFinding(FindingPage):
    """Answers for the office that the finding names."""

    form_class, title, button = AnswerFindingForm, "Answer the finding", "Send the answer"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load it and refuse early who is not asked."""
        self.finding = self.about = visible_or_404(Finding, request.user, pk=kwargs["pk"])
        no = refusal(self.finding, rule_of(self.finding, "put_answer"), request.user)
        if no is None:
            return super().dispatch(request, *args, **kwargs)
        if no.forbidden:
            raise PermissionDenied(no.reason)
        if request.method == "POST":
            return self._page(request, too_late(self.form_class(request.POST), no))
        messages.error(request, no.reason)
        return redirect(self.finding)

    def apply(self, data: dict[str, Any]) -> Finding:
        """Answer."""
        return answer_finding(self.finding, by=cast(User, self.request.user), **data)
