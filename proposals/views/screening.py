"""The first check."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle.errors import NotPossible
from people.models import User

from .. import queries
from ..enums import EligibilityRule, ProposalState
from ..forms import FirstCheckForm
from ..guards import refusals_in_check
from ..lane import is_spark, rules_of
from ..policies import may_screen
from ..reading import groups_of
from ..services import screening
from .base import OfProposal


class FirstCheck(OfProposal):
    """The rules beside the text; each gets a yes or a no with its reason."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the rules with what is stored."""
        stored = {r.rule: r for r in self.proposal.rule_results.all()}
        initial: dict[str, str] = {}
        for key in EligibilityRule:
            if key in stored:
                initial |= {f"{key}_passed": "yes" if stored[key].passed else "no", f"{key}_note": stored[key].note}
        return self._page(request, FirstCheckForm(initial=initial, rules=rules_of(self.proposal)))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Store the results."""
        form = FirstCheckForm(request.POST, rules=rules_of(self.proposal))
        if not form.is_valid():
            return self._page(request, form)
        try:
            screening.record_results(self.proposal, by=cast(User, request.user), results=form.results())
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "The first check is recorded. Pass the proposal on, or the head confirms a refusal.")
        return redirect(self.proposal)

    def labels(self) -> dict[str, str]:
        """Return the labels of the notes; a yes or a no is no text."""
        fields = FirstCheckForm(rules=rules_of(self.proposal)).fields
        return {name: str(field.label) for name, field in fields.items() if name.endswith("_note")}

    def _page(self, request: HttpRequest, form: FirstCheckForm) -> HttpResponse:
        if not may_screen(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state != ProposalState.SCREENING:
            shown = self.not_taken("The first check is over.")
            if shown is not None:
                return shown
            messages.info(request, "The first check is over.")
            return redirect(self.proposal)
        content = queries.content_of(self.proposal) or {}
        context = {
            "proposal": self.proposal, "form": form, "content": content, "groups": groups_of(content),
            "small": is_spark(self.proposal), "requests": queries.requests_of(self.proposal),
            "said_no": refusals_in_check(self.proposal), "waits_for": queries.unanswered_in_check(self.proposal),
            "earlier": [] if self.proposal.rule_results.exists() else queries.earlier_results_of(self.proposal),
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/first_check.html", context, status=400 if form.errors else 200)
