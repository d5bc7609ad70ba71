"""A small idea: the decision of one board member, the agency's answer, and the board's limit."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import User
from proposals.enums import Answer, ProposalState
from proposals.lane import is_spark
from proposals.models.proposal import REFUSABLE
from proposals.policies import may_decide_small, may_refuse_small
from proposals.queries import content_of, endorsements_of
from proposals.reading import groups_of
from proposals.views.base import OfProposal

from .. import queries
from ..forms import AgencyForm, LimitForm, SmallDecisionForm
from ..models import DecisionLimit
from ..services import limits, small


class OfSmall(OfProposal):
    """Base: a small idea that one may see."""

    related = ("call__budget_line",)

    def turned_away(self) -> None:
        """Say of any other proposal that the page does not exist."""
        if not is_spark(self.proposal):
            raise Http404


class Decide(OfSmall):
    """One member of the board reads text and reviews, and approves or declines."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what the decision is about."""
        return self._page(request, SmallDecisionForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Decide."""
        form, by = SmallDecisionForm(request.POST), cast(User, request.user)
        if not form.is_valid():
            return self._page(request, form)
        approves = form.cleaned_data["choice"] == "approve"
        act = small.approve if approves else small.decline
        try:
            act(self.proposal, by=by, note=form.cleaned_data["reason"])
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, "Approved. The money is set aside." if approves else "Declined. The team is told.")
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: SmallDecisionForm) -> HttpResponse:
        if not may_decide_small(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state != ProposalState.DECISION_PENDING:
            messages.info(request, "Nothing is to be decided here now.")
            return redirect(self.proposal)
        content = content_of(self.proposal) or {}
        context = {
            "proposal": self.proposal, "form": form, "content": content, "groups": groups_of(content),
            "line": self.proposal.call.budget_line, "limit": limits.in_force(),  # type: ignore[union-attr]
            "reviews": queries.small_reviews(self.proposal), "obstacles": explain(self.proposal, "approve_small"),
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/small_decide.html", context, status=400 if form.errors else 200)


class AgencyAnswer(OfSmall):
    """The agency's approver says yes, or no with a reason."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the idea."""
        return self._page(request, AgencyForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer for the agency."""
        form, by = AgencyForm(request.POST), cast(User, request.user)
        if not form.is_valid():
            return self._page(request, form)
        agrees = form.cleaned_data["answer"] == "agree"
        try:
            if agrees:
                small.agree(self.proposal, by=by)
            else:
                small.refuse(self.proposal, by=by, note=form.cleaned_data["reason"])
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Your yes is recorded." if agrees else "Your no is recorded. The applicant is told.")
        return redirect("home")

    def _page(self, request: HttpRequest, form: AgencyForm) -> HttpResponse:
        if not may_refuse_small(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state not in REFUSABLE:
            messages.info(request, "Nothing waits for your agency's answer here now.")
            return redirect(self.proposal)
        content, said = content_of(self.proposal) or {}, endorsements_of(self.proposal)
        context = {
            "proposal": self.proposal, "form": form, "content": content, "groups": groups_of(content), "said": said,
            "agreed": all(row.answer == Answer.AGREED for row in said), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/small_agency.html", context, status=400 if form.errors else 200)


class BoardLimit(View):
    """The limit of one member's decisions: what holds, what was, a new one, and its confirmation."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For others than the board and those who look after it the page does not exist."""
        if not queries.sees_limit(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the limits."""
        return self._page(request, LimitForm(initial={"valid_from": clock.today()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose a limit, or confirm another member's."""
        by = cast(User, request.user)
        if not limits.may_limit(None, by):
            raise PermissionDenied
        raw = request.POST.get("confirm", "")
        if raw:
            limit = get_object_or_404(DecisionLimit, pk=int(raw) if raw.isdigit() and len(raw) < 12 else 0)
            try:
                limits.confirm(limit, by=by)
            except NotPossible as no:
                messages.error(request, no.reason)
            else:
                messages.success(request, "Confirmed.")
            return redirect("board_limit")
        form = LimitForm(request.POST)
        if form.is_valid():
            try:
                limits.propose(by=by, **form.cleaned_data)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Proposed. Another member of the board confirms it.")
                return redirect("board_limit")
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: LimitForm) -> HttpResponse:
        context = {
            "form": form, "limit": limits.in_force(), "has_errors": bool(form.errors),
            "limits": DecisionLimit.objects.select_related("set_by", "confirmed_by")[:50],
            "sets": limits.may_limit(None, request.user), "today": clock.today(),
        }  # fmt: skip
        return render(request, "evaluation/board_limit.html", context, status=400 if form.errors else 200)
