"""A request for information: the officer opens fields, the lead answers."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lifecycle.errors import NotPossible
from people.models import User
from people.templatetags.fund import moment

from .. import queries
from ..enums import ProposalState
from ..information_forms import AnswerForm, AskForm
from ..models import InfoRequest, Partner, Proposal
from ..openable import fields_in, parts_in
from ..policies import may_lead, may_screen
from ..reading import groups_of
from ..sections import sections_of, stored_answers
from ..services import information
from .base import OfProposal


def with_parts(proposal: Proposal) -> Proposal:
    """Load sections, and partners with their agencies, which the forms read several times."""
    prefetch_related_objects([proposal], "sections", Prefetch("partners", Partner.objects.select_related("agency")))
    return proposal


class Ask(OfProposal):
    """The officer writes what is asked, which answers may change, and until when."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form beside the text."""
        return self._page(request, AskForm(fields=information.openable(with_parts(self.proposal))))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        form = AskForm(request.POST, fields=information.openable(self.proposal))
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            information.ask(
                self.proposal, by=cast(User, request.user), fields=tuple(said["opened"]), question=said["question"],
                days=said["days"],
            )  # fmt: skip
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "The team has been asked. You are told when it answers.")
        return redirect(self.proposal)

    def labels(self) -> dict[str, str]:
        """Return the label of the question."""
        return {"question": str(AskForm.base_fields["question"].label)}

    def _back(self, words: str) -> HttpResponse:
        messages.info(self.request, words)
        return redirect(self.proposal)

    def _page(self, request: HttpRequest, form: AskForm) -> HttpResponse:
        if not may_screen(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state != ProposalState.SCREENING:
            words = "You can ask during the first check only."
            return self.not_taken(words) or self._back(words)
        content = queries.content_of(self.proposal) or {}
        context = {
            "proposal": self.proposal, "form": form, "content": content, "groups": groups_of(content),
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/info_ask.html", context, status=400 if form.errors else 200)


class Answer(OfProposal):
    """The lead changes the opened answers and hands them in."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the question and the opened answers."""
        return self._page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand in; any other answer of the form in the request is refused."""
        asked = information.open_request(self.proposal)
        if asked is None or not may_lead(self.proposal, request.user):
            return self._page(request)
        form = self._form(asked, request.POST)
        if set(information.openable(self.proposal)) & set(request.POST) - set(asked.fields):
            form.add_error(None, "Only the answers that the secretariat opened can change.")
        if not form.is_valid():
            return self._page(request, form)
        try:
            information.answer(
                self.proposal, by=cast(User, request.user), answers=form.answers(),
                explanation=form.cleaned_data["explanation"],
            )  # fmt: skip
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            form.add_error(None, no.reason)
            self.proposal.refresh_from_db()
            return self._page(request, form)
        messages.success(request, "Your answer is with the secretariat. The first check goes on.")
        return redirect(self.proposal)

    def _form(self, asked: InfoRequest, data: Any = None) -> AnswerForm:
        with_parts(self.proposal)
        stored = {f"{s.key}.{name}": text for s in self.proposal.sections.all() for name, text in s.answers.items()}
        sections, answers = sections_of(self.proposal), stored_answers(self.proposal)
        fields = fields_in(sections, answers)
        for place, (field, text) in parts_in(self.proposal).items():
            fields[place], stored[place] = field, text
        opened = {place: fields[place] for place in asked.fields}
        return AnswerForm(data, opened=opened, sections=sections, stored=answers, initial=stored)

    def _page(self, request: HttpRequest, form: AnswerForm | None = None) -> HttpResponse:
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
        asked = information.open_request(self.proposal)
        if self.proposal.state != ProposalState.INFO_REQUESTED or asked is None:
            return self._over()
        form = form or self._form(asked)
        context = {"proposal": self.proposal, "asked": asked, "form": form, "has_errors": bool(form.errors)}
        return render(request, "proposals/info_answer.html", context, status=400 if form.errors else 200)

    def labels(self) -> dict[str, str]:
        """Return the labels of what the newest request opened."""
        newest = self.proposal.info_requests.order_by("pk").last()
        return {name: str(field.label) for name, field in self._form(newest).fields.items()} if newest else {}

    def _over(self) -> HttpResponse:
        """Say that nothing is asked now: who answered, with what this person typed, or on the proposal's page."""
        newest = self.proposal.info_requests.select_related("answered_by").order_by("pk").last()
        if newest is not None and newest.answered_by is not None:
            words = f"{newest.answered_by.full_name} answered the secretariat {moment(newest.answered_at)}."
            follows = (
                "That answer stands on the proposal's page. If yours says more, tell the secretariat: it can ask again."
            )
            shown = self.not_taken(f"{words} Yours was not sent.", follows)
        else:
            shown = self.not_taken("The secretariat does not ask anything now.")
        if shown is not None:
            return shown
        messages.info(self.request, "The secretariat does not ask anything now.")
        return redirect(self.proposal)
