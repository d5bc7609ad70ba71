"""The first page of the Spark lane, for somebody who has not begun: the draft begins with the name of the idea."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from fund.enums import Stage
from fund.models import Call
from lifecycle.errors import NotPossible
from people import kept
from people.models import User
from people.queries import snapshot_of
from people.sessions import ends_at
from people.views import visible_or_404

from .. import beginning, writing_queries
from ..enums import SectionKey
from ..forms import SparkForm
from ..lane import is_spark
from ..models import Proposal
from ..services import drafting, sparking
from ..writing_forms import as_typed
from .base import page_of, wants_json
from .drafting import KeepsText, autosave_key, refused_words, saved_words
from .sparking import LATER, home, step


class BeginSpark(KeepsText):
    """Page 1 for somebody who has not begun: the three questions. The draft begins as soon as the idea has a name."""

    @cached_property
    def call(self) -> Call:
        """Return the call, which must give Sparks."""
        found = visible_or_404(Call, self.request.user, reference=self.kwargs["reference"], stage=Stage.SPARK)
        return cast(Call, found)

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask the three questions; text that was kept comes back, and `?from=` brings that of an earlier idea."""
        waiting = kept.kept(request)
        if waiting is not None:
            return self._page(request, SparkForm(waiting), kept=True)
        return self._page(request, SparkForm(initial=self._earlier()))

    @cached_property
    def source(self) -> Proposal | None:
        """Return the earlier idea of one's own that the address, the sent page or kept text names."""
        waiting = kept.kept(self.request) or QueryDict()
        case = self.request.POST.get("from") or self.request.GET.get("from") or waiting.get("from")
        mine = writing_queries.own_proposals(cast(User, self.request.user)) if case else ()
        return next((row for row in mine if str(row.case) == case and is_spark(row)), None)

    def _earlier(self) -> dict[str, str]:
        section = self.source.sections.filter(key=SectionKey.SPARK).first() if self.source else None
        return section.answers if section else {}

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start the draft with what is there; only a name is needed for that."""
        if "forget" in request.POST:
            kept.forget(request)
            return redirect(request.path)
        form = SparkForm(request.POST)
        answers = as_typed(form)
        if "title" in form.errors or not answers["title"]:
            return self._nameless(request, form)
        try:
            made = sparking.begin(
                by=self.by, call=self.call, answers=answers, source=self.source,
                case=beginning.case_of(request.POST.get("begin"), self.by, self.call),
            )  # fmt: skip
        except drafting.Clash:
            return self._gone_on(request, form)
        except NotPossible as no:
            if wants_json(request):
                return refused_words(no)
            form.add_error(None, no.reason)
            return self._page(request, form)
        kept.forget(request)
        if wants_json(request):
            return self._begun(request, form, made)
        if LATER in request.POST:
            return home(request)
        if SparkForm(answers, complete=True).is_valid():
            return redirect(step(self.call, "spark_idea")["next_route"], case=made.case)
        messages.info(request, "What you wrote is saved. Answer all three questions to go on.")
        return redirect("spark_idea", case=made.case)

    def _gone_on(self, request: HttpRequest, form: SparkForm) -> HttpResponse:
        """Write nothing into an idea that went on after this page had begun it."""
        words = "You have gone on with this idea since. Nothing was overwritten, and this text is not saved."
        if wants_json(request):
            return JsonResponse({"refused": words}, status=410)
        form.add_error(None, f"{words} Open the idea under “My work” and bring in what you need.")
        return self._page(request, form)

    def _nameless(self, request: HttpRequest, form: SparkForm) -> HttpResponse:
        if "title" not in form.errors:
            form.add_error("title", "Give your idea a name: it is saved under it.")
        if wants_json(request):
            words = " ".join(map(str, form.errors["title"]))
            return JsonResponse({"waits": f"Not saved yet. {words} Until then your text is kept in this browser."})
        return self._page(request, form)

    def _begun(self, request: HttpRequest, form: SparkForm, made: Proposal) -> HttpResponse:
        saved = made.sections.get(key=SectionKey.SPARK)
        address = {
            "address": page_of(made, SectionKey.SPARK),
            "key": autosave_key(request, f"{made.case}:{SectionKey.SPARK}"),
        }
        return JsonResponse(saved_words(request, form, saved) | address)

    def _page(self, request: HttpRequest, form: SparkForm, **extra: Any) -> HttpResponse:
        wrong = form.is_bound and bool(form.errors)
        context = {
            "form": form, "call": self.call, "has_errors": wrong, "session_ends": ends_at(request), "version": 0,
            "autosave": autosave_key(request, f"begin:{self.call.reference}"), "key": SectionKey.SPARK,
            "begin": form.data.get("begin") or beginning.mark_for(self.by, self.call),
            "post": snapshot_of(self.by), "source": self.source.case if self.source else "",
            **step(self.call, "spark_idea"), **extra,
        }  # fmt: skip
        return render(request, "proposals/spark_page.html", context, status=400 if wrong else 200)
