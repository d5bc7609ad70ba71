"""The invented example: scored once a year before the first review, then compared with what three readers said."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from lifecycle.errors import NotPossible
from people.models import User

from .. import example
from ..forms import ExampleForm
from ..models import ExampleScored
from ..services import training
from ..services.knowing import is_reviewer


class Example(View):
    """Read, score, compare; for who reviews nothing there is no such page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let reviewers in."""
        if not is_reviewer(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the example with the form, or once it is scored with the comparison."""
        return self._page(request, ExampleForm(), training.scored_by(cast(User, request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the scores, once a year."""
        form = ExampleForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, None)
        try:
            training.score(by=cast(User, request.user), scores={key: int(n) for key, n in form.cleaned_data.items()})
        except NotPossible as no:
            messages.error(request, no.reason)
        return redirect("review_example")

    def _page(self, request: HttpRequest, form: ExampleForm, scored: ExampleScored | None) -> HttpResponse:
        rows = [
            (row, scored.scores[row.key] / 2, row.halves / 2, abs(scored.scores[row.key] - row.halves) <= example.NEAR)
            for row in example.CRITERIA if scored
        ]  # fmt: skip
        context = {
            "text": example.TEXT, "form": form, "scored": scored, "rows": rows, "has_errors": bool(form.errors),
            "near": sum(near for *_, near in rows),
        }  # fmt: skip
        return render(request, "evaluation/example.html", context, status=400 if form.errors else 200)
