"""Starting a draft and writing its sections."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.generic import View

from fund.enums import Stage
from fund.models import Call
from fund.queries import has_room_for_grant
from lifecycle.errors import NotPossible
from people import kept
from people.clashes import labels_of, rows_of, taken, with_errors
from people.models import User
from people.queries import snapshot_of
from people.sessions import ends_at
from people.templatetags.fund import moment
from people.views import visible_or_404, whole

from .. import beginning, earlier, queries, writing_queries
from ..enums import SectionKey
from ..forms import BudgetForm, SectionForm
from ..lane import is_spark
from ..merging import answers_at
from ..models import Proposal, Section
from ..reading import shown_answer
from ..sections import Written, section_named
from ..services import co_writing, drafting
from ..services.copying import left_behind
from ..writing_forms import StartFromForm, as_typed
from . import rescue
from .base import OfProposal, wants_json


class Start(View):
    """Starts a draft in an open call with one question, empty or from an earlier proposal."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call, which must be visible."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if self.call.stage == Stage.SPARK:
            return redirect("spark_start", reference=self.call.reference)
        self.sources = writing_queries.own_proposals(cast(User, request.user))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask for a title; `?from=` proposes an earlier proposal."""
        case = request.GET.get("from", "")
        source = next((row for row in self.sources if str(row.case) == case), None)
        initial = {"title": source.title, "source": source.case} if source else {}
        return self._page(request, StartFromForm(initial=initial, sources=self.sources))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start the draft and show its task list."""
        form = StartFromForm(request.POST, sources=self.sources)
        if form.is_valid():
            try:
                return redirect(self._started(request, form.cleaned_data["title"], form.cleaned_data.get("source")))
            except NotPossible as no:
                form.add_error(None, no.reason)
        return self._page(request, form)

    def _started(self, request: HttpRequest, title: str, source: Proposal | None) -> Proposal:
        """Start it, once for each opened page, and once for two tabs; say what of an earlier proposal stayed behind."""
        by = cast(User, request.user)
        case = beginning.case_of(request.POST.get("begin"), by, self.call)
        twin = drafting.begun(by, case) or writing_queries.just_started(by, self.call, title, source)
        if twin is not None:
            messages.info(request, f"You started “{twin.title}” a moment ago. Here it is; no second draft was made.")
            return twin
        made = drafting.start(by=by, title=title, call=self.call, source=source, case=case)
        if source is not None and (left := left_behind(source, made)):
            messages.error(request, f"These files could not be copied: {', '.join(left)}. Attach them again.")
        if (before := queries.led_before(made)) is not None:
            words = f"{before.name} led the earlier proposal; {made.lead_agency.name} leads this one."
            messages.info(request, f"{words} Look in the budget which agency spends each item.")
        return made

    def _page(self, request: HttpRequest, form: StartFromForm) -> HttpResponse:
        context = {
            "form": form, "call": self.call, "has_errors": bool(form.errors),
            "begin": request.POST.get("begin") or beginning.mark_for(cast(User, request.user), self.call),
            "post": snapshot_of(cast(User, request.user)), "has_room": has_room_for_grant(cast(User, request.user)),
        }  # fmt: skip
        return render(request, "proposals/start.html", context, status=400 if form.errors else 200)


@method_decorator(login_not_required, name="dispatch")
class KeepsText(View):
    """Base: what is sent after its writer was signed out waits for them until they have signed in again."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep the text of who was signed out."""
        if request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        if request.method == "POST" and wants_json(request):
            return JsonResponse({"signed_out": True}, status=401)
        if request.method == "POST":
            kept.keep(request)
        return redirect_to_login(request.get_full_path())


class WriteSection(KeepsText, OfProposal):
    """Base: one section on one page. What is typed is kept: half, wrong, after a clash, and after being signed out."""

    template_name: str
    section: Written

    def key_asked(self) -> str:
        """Return the key of the section that the page is about."""
        return str(self.kwargs["key"])

    def turned_away(self) -> HttpResponse | None:
        """Say of a section that this proposal does not have that it does not exist."""
        found = section_named(self.proposal, self.key_asked())
        if found is None:
            raise Http404
        self.section = found
        return None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the section as it is stored, or the text that was kept; ask first when agreements would fall."""
        try:
            drafting.refuse_unless_writable(self.proposal, cast(User, request.user))
        except NotPossible as no:
            return self.refused(no)
        waiting = kept.kept(request)
        if waiting is not None:
            return self._page(request, self.section.form(waiting), whole(waiting.get("version")), 200, kept=True)
        at_stake = writing_queries.agreements_at_stake(self.proposal)
        if at_stake and "sure" not in request.GET:
            context = {"proposal": self.proposal, "words": self.section.key.label, "at_stake": at_stake}
            return render(request, "proposals/agreement_falls.html", context)
        stored = writing_queries.section_of(self.proposal, self.section.key)
        answers = stored.answers if stored else {}
        form = self.section.form(answers)
        if form.is_valid():
            form = self.section.form(initial=answers)
        return self._page(request, form, stored.version if stored else 0, 200, section=stored)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; on a clash show both texts with who and when, and write nothing."""
        if "forget" in request.POST:
            kept.forget(request)
            return redirect(request.path)
        form = self.section.form(self.sent())
        version, stored = whole(request.POST.get("version")), self._stored()
        began = (answers_at(self.proposal, stored, version) if stored else None) or {}
        typed = as_typed(form)
        rows = with_errors(rows_of(form, typed, began, shown_answer, request.POST.getlist("asked")))
        if missing := [row for row in rows if "error" in row]:
            return self._page(request, form, version, 400, rows=rows, theirs=stored, undecided=missing)
        mine = taken(form, typed, began)
        try:
            done = co_writing.save(
                self.proposal, by=cast(User, request.user), key=self.section.key, version=version, form=form, mine=mine,
                page=request.POST if wants_json(request) else None,
            )  # fmt: skip
        except co_writing.Asks as asks:
            return self._clash(request, form, mine, asks)
        except NotPossible as no:
            return self.refused(no)
        kept.forget(request)
        return self._done(request, self.section.form(done.merge.answers), done)

    def sent(self) -> QueryDict:
        """Return what was typed."""
        return self.request.POST

    def _stored(self) -> Section | None:
        return writing_queries.section_of(self.proposal, self.section.key)

    def _done(self, request: HttpRequest, form: SectionForm, done: co_writing.Kept) -> HttpResponse:
        """Say that it is saved, and what of others was brought in."""
        words = beside_words(form, done)
        if wants_json(request):
            brought = {name: done.merge.answers[name] for name in done.merge.brought}
            return JsonResponse(saved_words(request, form, done.section) | {"brought": brought, "beside": words})
        if words:
            messages.info(request, words)
        if form.errors:
            return self._page(request, form, done.section.version, 400, section=done.section)
        return self.saved(request, done.section)

    def saved(self, request: HttpRequest, saved: Section) -> HttpResponse:
        """Return the way on after a save by the button without a mistake."""
        raise NotImplementedError

    def around(self) -> dict[str, Any]:
        """Return what the page shows around the form."""
        raise NotImplementedError

    def _clash(
        self, request: HttpRequest, form: SectionForm, mine: dict[str, str], asks: co_writing.Asks
    ) -> HttpResponse:
        theirs, found = asks.theirs, asks.found
        if wants_json(request):
            when = (
                f"{theirs.edited_by.full_name} saved this section at {moment(theirs.edited_at)}, after you opened it."
            )
            return JsonResponse({"clash": f"{when} Your text is not saved yet, and nothing is lost."}, status=409)
        rows = rows_of(form, mine, theirs.answers, shown_answer, found.asked)
        form = self.section.form(found.answers)
        brought = labels_of(form, found.brought)
        return self._page(request, form, theirs.version, 409, rows=rows, theirs=theirs, brought=brought)

    def refused(self, no: NotPossible) -> HttpResponse:
        """Answer a refusal, to the page's script in its own way."""
        if wants_json(self.request):
            return refused_words(no)
        return super().refused(no)

    def unseen(self) -> HttpResponse:
        """Show a member the text that they wrote into a draft which the lead has deleted meanwhile."""
        gone = writing_queries.deleted_draft_of(cast(User, self.request.user), self.kwargs["case"])
        if gone is None or self.request.method != "POST":
            return super().unseen()
        if wants_json(self.request):
            return refused_words(NotPossible("The lead has deleted this draft."))
        self.proposal = gone
        pieces = rescue.typed_in(self.request.POST, self.labels())
        return rescue.page(self.request, gone, "The lead has deleted this draft.", pieces, seen=False)

    def typed(self) -> QueryDict | None:
        """Return what was sent, or what was kept when its writer was signed out."""
        return super().typed() or kept.kept(self.request)

    def labels(self) -> dict[str, str]:
        """Return the labels of the section, with as many rows as were typed."""
        found = section_named(self.proposal, self.key_asked())
        fields = found.form(self.typed()).fields if found else {}
        return {name: str(field.label or name) for name, field in fields.items()}

    def _page(self, request: HttpRequest, form: SectionForm, version: int, status: int, **extra: Any) -> HttpResponse:
        context = {
            "proposal": self.proposal, "key": self.section.key, "form": form, "version": version,
            "has_errors": bool(form.errors), "session_ends": ends_at(request),
            "autosave": autosave_key(request, f"{self.proposal.case}:{self.section.key}"), **self.around(), **extra,
        }  # fmt: skip
        return render(request, self.template_name, context, status=status)


class EditSection(WriteSection):
    """A section of a long form; those of a small idea have pages of their own."""

    template_name = "proposals/section_form.html"

    def turned_away(self) -> HttpResponse | None:
        """Say of a small idea that this page does not exist."""
        if is_spark(self.proposal):
            raise Http404
        return super().turned_away()

    def saved(self, request: HttpRequest, saved: Section) -> HttpResponse:
        """Go back to the task list, or stay for one more row."""
        taken_from = f" “{self.cost.item}” is taken from {self.cost.source}. Say how many." if self.cost else ""
        messages.success(request, f"Saved: {self.section.key.label.lower()}.{taken_from}")
        page = reverse("section", args=[self.proposal.case, self.section.key])
        if self.cost is not None:
            return redirect(f"{page}#id_count_{earlier.row_of(saved.answers, self.cost)}")
        return redirect(page if "add" in request.POST else self.proposal)

    @property
    def offers(self) -> list[earlier.UnitCost]:
        """Return the costs that the budget offers; nothing elsewhere."""
        return earlier.unit_costs_for(self.proposal) if self.section.key == SectionKey.BUDGET else []

    @cached_property
    def cost(self) -> earlier.UnitCost | None:
        """Return the known cost whose button was pressed, or None."""
        key = self.request.POST.get("take")
        return next((offer for offer in self.offers if offer.key == key), None) if key else None

    def sent(self) -> QueryDict:
        """Return what was typed, with the cost that was taken in its next empty row."""
        return super().sent() if self.cost is None else earlier.with_cost(super().sent(), self.cost)

    def _page(self, request: HttpRequest, form: SectionForm, version: int, status: int, **extra: Any) -> HttpResponse:
        if isinstance(form, BudgetForm):
            form.offers = self.offers
        return super()._page(request, form, version, status, **extra)

    def around(self) -> dict[str, Any]:
        """Return notices, costs and what was asked for so far."""
        return queries.help_for(self.proposal, self.section.key)


def autosave_key(request: HttpRequest, place: str) -> str:
    """Return under which name a browser keeps this person's text of one form: the next one on it finds nothing."""
    return f"{request.user.pk}:{place}"


def refused_words(no: NotPossible) -> JsonResponse:
    """Return a refusal as the page's script understands it."""
    return JsonResponse({"refused": no.reason}, status=403 if no.forbidden else 410)


def beside_words(form: SectionForm, done: co_writing.Kept) -> str:
    """Return who saved other answers in the meantime, and which; empty where nobody did."""
    if done.beside is None or not done.merge.brought:
        return ""
    what = labels_of(form, done.merge.brought)
    return f"{done.beside.edited_by.full_name} changed {what} in the meantime. Both changes are kept."


def saved_words(request: HttpRequest, form: SectionForm, saved: Section) -> dict[str, Any]:
    """Return what the page's script shows after a save."""
    ends = ends_at(request)
    wrong = {
        form[name].id_for_label: list(map(str, errors)) for name, errors in form.errors.items() if name in form.fields
    }
    return {
        "version": saved.version, "words": f"Saved at {timezone.localtime(saved.edited_at):%H:%M}", "wrong": wrong,
        "session_ends": ends.isoformat(), "session_ends_words": f"{timezone.localtime(ends):%H:%M}",
    }  # fmt: skip
