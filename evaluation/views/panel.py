"""The panel of a call, assignment by hand, the consensus step, the board's vote."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from fund.models import BudgetLine, Call
from lifecycle.errors import NotPossible
from people.enums import Grade, Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds
from people.views import whole
from proposals.enums import JUDGED, ProposalState
from proposals.lane import is_spark
from proposals.policies import may_decide, may_run
from proposals.queries import content_of
from proposals.reading import groups_of
from proposals.views.base import OfProposal

from .. import moderation_queries, queries
from ..apart import stands_apart
from ..enums import OPEN, VALID, Choice
from ..forms import ConsensusForm, VoteForm
from ..guards import needed, not_decided_yet, of_who_may
from ..models import Score, Vote
from ..policies import may_compare, sees_queue
from ..services import decide, judging_sheets, panel, permitting, reviewing
from ..services.reminding import due_on, is_late

OWN_FIRST = (
    "You review this proposal yourself. Hand in your own review first; until then another officer looks after its "
    "reviewers."
)
PAGE = 50


def page_of(request: HttpRequest, rows: Sequence[Any]) -> dict[str, Any]:
    """Return what a template shows of the page of `rows` that the address names."""
    page = OpenPaginator(rows, PAGE).get_page(request.GET.get("page"))
    return {"rows": list(page), "page_obj": page, "is_paginated": page.has_other_pages()}


class Panel(View):
    """The call's proposals in judging: reviews, totals, flags, places, votes."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the table; for others the page does not exist."""
        calls = Call.objects.visible_to(request.user).select_related("budget_line")
        call = get_object_or_404(calls, reference=reference)
        if not queries.sees_panel_of(call, request.user):
            raise Http404
        line = call.budget_line if queries.sees_money_left(call, request.user) else None
        rows = queries.panel_of(call, cast(User, request.user))
        runs = [row.place.run for row in rows if row.place]
        context = {
            "call": call, **page_of(request, rows), "line": line,
            "run": max(runs, key=lambda run: run.pk, default=None),
            "runs_call": holds(Role.SECRETARIAT)(None, request.user), "sees_queue": sees_queue(None, request.user),
            "sheet": judging_sheets.may_have(judging_sheets.REVIEWS, call, request.user),
            "whole": not stands_apart(call, request.user),  # else a gap in the places tells of what is kept
        }  # fmt: skip
        return render(request, "evaluation/panel.html", context)


def _line_for(call: Call | None, user: User) -> BudgetLine | None:
    """Return the budget line of whose rest the person may know; a rest tells what else was approved."""
    return call.budget_line if call and queries.sees_money_left(call, user) else None


class Judged(OfProposal):
    """Base: a proposal in judging, hidden from its own team."""

    related = ("call__budget_line",)

    def turned_away(self) -> HttpResponse | None:
        """Say to its team that the page does not exist."""
        if self.proposal.shown_state == JUDGED:  # type: ignore[attr-defined]
            raise Http404
        return None


class AssignReviewers(Judged):
    """Who reviews, who could, and what stands in the way; after the reviews the way to each, and to excluding one."""

    def turned_away(self) -> HttpResponse | None:
        """Lead an officer who still has to hand in an own review to that review first."""
        super().turned_away()
        if not may_run(self.proposal, self.request.user):
            raise PermissionDenied
        self.reviews = list(self.proposal.reviews.select_related("reviewer", "proposal__call"))
        if not any(row.reviewer_id == self.request.user.pk and row.state in OPEN for row in self.reviews):
            return None
        messages.error(self.request, OWN_FIRST)
        return redirect("my_reviews")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show reviewers and candidates."""
        asks = self.proposal.state in reviewing.ASSIGNING
        reviews = self.reviews
        undecided = any(row.state in VALID for row in reviews) and not_decided_yet.holds(reviews[0])
        context = {
            "proposal": self.proposal, "needed": needed(self.proposal.call),
            "reviews": [
                (row, row.state in OPEN, due_on(row) if row.state in OPEN else None, is_late(row), row.state in VALID)
                for row in reviews
            ],
            "undecided": undecided, "asks": asks,
            "permissions": self.proposal.permissions.select_related("person", "answered_by"),
            "candidates": queries.candidates_for(self.proposal) if asks else [], "block": Grade.BLOCK,
        }  # fmt: skip
        return render(request, "evaluation/assign.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask one reviewer, or the chair about one; a conflict is refused with its reason."""
        chair = "permission" in request.POST
        person = get_object_or_404(User, pk=whole(request.POST.get("permission" if chair else "reviewer")))
        try:
            if chair:
                permitting.ask(self.proposal, by=cast(User, request.user), person=person)
            else:
                reviewing.assign(self.proposal, by=cast(User, request.user), reviewer=person)
        except NotPossible as no:
            messages.error(request, no.reason)
        else:
            whom = (
                f"The chair has been asked about {person.full_name}" if chair else f"{person.full_name} has been asked"
            )
            messages.success(request, f"{whom}.")
        return redirect("assign_reviewers", case=self.proposal.case)


class Consensus(Judged):
    """Scores per criterion, where the reviewers differ, and what the panel agreed."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the scores."""
        return self._page(request, self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Record an agreed score with its reason."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            panel.settle(
                self.proposal, by=cast(User, request.user), criterion=form.chosen.pk,
                halves=int(said["halves"]), reason=said["reason"],
            )  # fmt: skip
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, f"Recorded: {form.chosen.name}.")
        return redirect("consensus", case=self.proposal.case)

    def _form(self, data: Any = None) -> ConsensusForm:
        criteria = queries.criteria_of(self.proposal.call)  # type: ignore[arg-type]
        return ConsensusForm(data, criteria=criteria, ends=queries.agreeable(self.proposal))

    def _page(self, request: HttpRequest, form: ConsensusForm) -> HttpResponse:
        if not may_compare(self.proposal, request.user):
            raise PermissionDenied
        reviews = self.proposal.reviews.filter(state__in=("submitted", "locked")).select_related("reviewer")
        scores = Prefetch("scores", Score.objects.select_related("criterion"))
        lines = queries.lines_of(self.proposal)
        context = {
            "proposal": self.proposal, "lines": lines, "marked": any(line.flagged for line in lines), "form": form,
            "flagged": queries.is_flagged(self.proposal), "reviews": reviews.prefetch_related(scores),
            "open": self.proposal.state == ProposalState.IN_MODERATION, "has_errors": bool(form.errors),
            "history": queries.agreed_in(self.proposal), "notes": moderation_queries.notes_on(self.proposal),
        }  # fmt: skip
        return render(request, "evaluation/consensus.html", context, status=400 if form.errors else 200)


class BoardVote(Judged):
    """One proposal on the board's sheet: place, money left, the text, one's vote."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what the vote is about."""
        return self._page(request, VoteForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Vote."""
        form = VoteForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            decide.vote(
                self.proposal, by=cast(User, request.user), choice=Choice(said["choice"]), reason=said["reason"]
            )
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
        else:
            messages.success(request, "Your vote is recorded.")
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: VoteForm) -> HttpResponse:
        if not may_decide(self.proposal, request.user):
            raise PermissionDenied
        if is_spark(self.proposal):
            return redirect("small_decide", case=self.proposal.case)
        if self.proposal.state != ProposalState.DECISION_PENDING:
            messages.info(request, "The board does not vote on this now.")
            return redirect(self.proposal)
        content, member = content_of(self.proposal) or {}, cast(User, request.user)
        votes = list(of_who_may(queries.in_present_round(Vote.objects.filter(proposal=self.proposal))))
        context = {
            "proposal": self.proposal, "form": form, "content": content, "groups": groups_of(content),
            "place": self.proposal.places.order_by("-run").first(), "lines": queries.lines_of(self.proposal),
            "line": _line_for(self.proposal.call, member),
            "own": next((vote for vote in votes if vote.member_id == member.pk), None),
            "votes": len(votes), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/vote.html", context, status=400 if form.errors else 200)
