"""The names of the panel: made known, objected to, objections answered; and the chair's permissions."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from fund.models import Call
from lifecycle import clock
from lifecycle.errors import NotPossible
from people.models import User
from people.queries import with_agency
from people.views import visible_or_404, whole
from proposals.enums import JUDGED
from proposals.models import Proposal
from proposals.policies import may_chair, may_lead
from proposals.views.base import OfProposal

from ..forms import NamesForm, ObjectionForm, YesNoForm
from ..models import Challenge, PanelName, Permission
from ..policies import may_answer_challenge
from ..services import challenging, naming, permitting
from ..services.conflicts import conflicts_of
from .panel import Judged


class PanelNames(View):
    """The secretariat chooses whose names the applicants of a call are told."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call; the page is the secretariat's."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if not naming.may_name(None, request.user) or self.call.is_practice:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show who is named and who could be."""
        return self._page(request)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Make the chosen names known."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            count = naming.name_panel(self.call, by=cast(User, request.user), people=form.chosen)
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, f"{count} names are known to the applicants now.")
        return redirect("panel_names", reference=self.call.reference)

    def _form(self, data: Any = None) -> NamesForm:
        people = naming.could_be_named(self.call)
        return NamesForm(data, people=people, initial={"people": [str(person.pk) for person in people]})

    def _page(self, request: HttpRequest, form: NamesForm | None = None) -> HttpResponse:
        named = self.call.panel_names.select_related("person")
        context = {"call": self.call, "named": named, "form": form or self._form(), "has_errors": bool(form)}
        return render(request, "evaluation/panel_names.html", context, status=400 if form else 200)


@dataclass(frozen=True)
class NamedPerson:
    """One name as the lead reads it: until when one can object, and the own objection."""

    person: User
    until: date
    objection: Challenge | None

    @property
    def open(self) -> bool:
        """Tell whether one can still object."""
        return self.objection is None and clock.today() <= self.until


class TeamNames(OfProposal):
    """The names of the panel as the lead reads them, and an objection to one; never who judges what."""

    def turned_away(self) -> None:
        """Exist for the lead of what is being judged; others who see the proposal may not."""
        if not may_lead(self.proposal, self.by):
            raise PermissionDenied
        if self.proposal.shown_state != JUDGED:  # type: ignore[attr-defined]
            raise Http404

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the names."""
        return self._page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Object."""
        form = self._form(self._names(), request.POST)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            challenging.challenge(self.proposal, by=self.by, person=form.chosen, reason=said["why"])
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, "Sent. The secretariat answers with a reason, and you get a message.")
        return redirect("team_names", case=self.proposal.case)

    def _names(self) -> list[NamedPerson]:
        rows = list(PanelName.objects.filter(call=self.proposal.call))
        people = with_agency(User.objects.filter(pk__in=[row.person_id for row in rows])).in_bulk()
        own = {row.person_id: row for row in self.proposal.challenges.all()}
        ends = {at: naming.last_day(self.proposal, at) for at in {row.named_at for row in rows}}
        return [
            NamedPerson(people[row.person_id], ends[row.named_at] or clock.today(), own.get(row.person_id))
            for row in rows
        ]

    def _form(self, names: list[NamedPerson], data: Any = None) -> ObjectionForm:
        return ObjectionForm(data, people=[row.person for row in names if row.open])

    def _page(self, request: HttpRequest, form: ObjectionForm | None = None) -> HttpResponse:
        names = self._names()
        context = {
            "proposal": self.proposal, "names": names, "open": any(row.open for row in names),
            "form": form or self._form(names), "has_errors": bool(form),
        }  # fmt: skip
        return render(request, "evaluation/team_names.html", context, status=400 if form else 200)


class Answering(Judged):
    """Base: a list of questions about people, each answered yes or no with a reason."""

    template = ""
    words: tuple[str, str, str] = ("", "", "")

    def may(self, user: Any) -> bool:
        """Tell whether the person answers here."""
        raise NotImplementedError  # each list of questions has its own

    def rows(self, proposal: Proposal) -> Any:
        """Return the questions."""
        raise NotImplementedError  # each list of questions has its own

    def answer(self, row: Any, yes: bool, why: str) -> None:
        """Write the answer down."""
        raise NotImplementedError  # each list of questions has its own

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the questions."""
        return self._page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer one."""
        if not self.may(request.user):
            raise PermissionDenied
        row = get_object_or_404(self.rows(self.proposal), pk=whole(request.POST.get("row")))
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form, row.pk)
        try:
            self.answer(row, form.says_yes, form.cleaned_data["why"])
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Your answer is recorded.")
        return redirect(request.path)

    def _form(self, data: Any = None, prefix: str = "") -> YesNoForm:
        yes, no, why = self.words
        return YesNoForm(data, yes=yes, no=no, why=why, auto_id=f"id_{prefix}%s")

    def _page(self, request: HttpRequest, bad: YesNoForm | None = None, bad_pk: int = 0) -> HttpResponse:
        if not self.may(request.user):
            raise PermissionDenied
        rows = [
            (row, None if row.answered_at else bad if row.pk == bad_pk else self._form(prefix=f"{row.pk}_"),
             conflicts_of(self.proposal, row.person))
            for row in self.rows(self.proposal)
        ]  # fmt: skip
        context = {"proposal": self.proposal, "rows": rows, "form": bad, "has_errors": bool(bad)}
        return render(request, self.template, context, status=400 if bad else 200)


class Objections(Answering):
    """The office answers what leads object to."""

    template = "evaluation/objections.html"
    words = (
        "Uphold: the person takes no part",
        "Dismiss: the person may take part",
        "Why? The lead of the proposal reads it.",
    )

    def may(self, user: Any) -> bool:
        """Tell whether the person is of the secretariat and free of conflicts."""
        return may_answer_challenge(self.proposal, user)

    def rows(self, proposal: Proposal) -> Any:
        """Return the objections."""
        return Challenge.objects.filter(proposal=proposal).select_related("person", "by", "answered_by", "proposal")

    def answer(self, row: Challenge, yes: bool, why: str) -> None:
        """Uphold or dismiss."""
        challenging.answer(row, by=self.by, upheld=yes, answer=why)


class Permissions(Answering):
    """The chair permits a review in spite of a conflict that can be lived with, or does not."""

    template = "evaluation/permissions.html"
    words = ("Yes, this person may review it", "No", "Why? It is kept with the proposal.")

    def may(self, user: Any) -> bool:
        """Tell whether the person chairs and is free of conflicts."""
        return may_chair(self.proposal, user)

    def rows(self, proposal: Proposal) -> Any:
        """Return whom the secretariat asks about."""
        return Permission.objects.filter(proposal=proposal).select_related("person", "asked_by", "answered_by")

    def answer(self, row: Permission, yes: bool, why: str) -> None:
        """Give or refuse."""
        permitting.answer(row, by=self.by, given=yes, answer=why)
