"""The Spark lane for the applicant: the idea, the money, the approver, check and send. Each page saves.

Its written pages are those of the long form: autosave, clash, history, and text kept after being signed out.
"""

from typing import Any, cast

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fund.models import Call
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import User
from people.queries import snapshot_of

from ..answer_times import promised_for
from ..enums import CallSection, ProposalState, SectionKey
from ..forms import ApproverForm, SubmitForm
from ..lane import is_spark
from ..models import Member, Partner, Section
from ..policies import may_lead
from ..questions import questions_in
from ..reading import groups_of
from ..services import sparking, submitting
from ..services.versions import compose
from .base import OfProposal, page_of, wants_json
from .drafting import WriteSection, refused_words
from .mending import gaps_in, with_pages

LATER = "later"  # the button that saves what is there and leaves
# address -> what the link back to it says, in their order
STEPS = {
    "spark_idea": "Your three answers", "spark_money": "The money", "spark_questions": "Questions of this call",
    "spark_approver": "Your agency's yes", "spark_send": "Check and send",
}  # fmt: skip


def step(call: Call, route: str, case: Any = None) -> dict[str, Any]:
    """Return where a page stands: its number, of how many, the page before it and the next route."""
    routes = [name for name in STEPS if name != "spark_questions" or questions_in(call.pk)]
    place = routes.index(route)
    before = routes[place - 1] if place else ""
    return {
        "page": place + 1, "pages": len(routes), "back_text": STEPS.get(before, "Back"),
        "back": reverse(before, args=[case]) if before else call.get_absolute_url(),
        "next_route": routes[min(place + 1, len(routes) - 1)],
    }  # fmt: skip


def home(request: HttpRequest) -> HttpResponse:
    """Leave for later."""
    messages.success(request, "Saved. You find your idea under “In progress” on my work.")
    return redirect("home")


class OfSpark(OfProposal):
    """Base: a small idea that is still a draft and that one leads."""

    route = ""

    @property
    def by(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)

    def turned_away(self) -> HttpResponse | None:
        """Lead on from what was sent; for any other proposal the page does not exist."""
        if not is_spark(self.proposal):
            raise Http404
        if not may_lead(self.proposal, self.by):
            return self.refused(NotPossible("Only the lead writes a small idea.", forbidden=True))
        if self.proposal.state == ProposalState.DRAFT:
            return None
        if wants_json(self.request):
            return refused_words(NotPossible("It is no longer a draft."))
        shown = self.not_taken("It is no longer a draft, so nothing in it can be changed.")
        if shown is not None:
            return shown
        if self.proposal.submitted_at:
            return redirect("proposal_submitted", case=self.proposal.case)
        return redirect(self.proposal)

    def around(self) -> dict[str, Any]:
        """Return call and place of the page."""
        call = cast(Call, self.proposal.call)
        return {"call": call, **step(call, self.route, self.proposal.case)}

    def leave(self) -> HttpResponse:
        """Go to the next page, or home for later."""
        if LATER in self.request.POST:
            return home(self.request)
        return redirect(self.around()["next_route"], case=self.proposal.case)


class SparkSection(OfSpark, WriteSection):
    """Base of the pages with written answers: going on needs all of them."""

    template_name = "proposals/spark_page.html"
    key: SectionKey | CallSection

    def key_asked(self) -> str:
        """Return the page's own section."""
        return str(self.key)

    def turned_away(self) -> HttpResponse | None:
        """Ask for the draft first, then for the section."""
        away = OfSpark.turned_away(self)
        return WriteSection.turned_away(self) if away is None else away

    def saved(self, request: HttpRequest, saved: Section) -> HttpResponse:
        """Go on, unless something is missing."""
        form = self.section.form(saved.answers, complete=True)
        if LATER in request.POST or form.is_valid():
            return self.leave()
        form.add_error(None, "What you wrote is saved. Something is still missing.")
        return self._page(request, form, saved.version, 400, section=saved)


class Idea(SparkSection):
    """The three questions."""

    key, route = SectionKey.SPARK, "spark_idea"

    def around(self) -> dict[str, Any]:
        """Add what the register says about the writer."""
        return super().around() | {"post": snapshot_of(self.by)}


class Money(SparkSection):
    """The amount in one to three lines."""

    key, route = SectionKey.BUDGET, "spark_money"


class Questions(SparkSection):
    """What this call asks besides, where it does."""

    key, route = CallSection.QUESTIONS, "spark_questions"


class Approver(OfSpark):
    """Who says yes for the agency, proposed from the register."""

    route = "spark_approver"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the person proposed."""
        named = self.proposal.approver or sparking.proposed_approver(self.proposal, self.by)
        return self._page(request, {"initial": {"approver": named}})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Name the person; an agency without an approver is no obstacle."""
        people = sparking.approvers_for(self.proposal, self.by)
        if not people:
            return self.leave()
        form = self._form(people, data=request.POST)
        if not form.is_valid():
            return self._page(request, {"data": request.POST})
        try:
            sparking.name_approver(self.proposal, by=self.by, approver=form.cleaned_data["approver"])
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("spark_approver", case=self.proposal.case)
        return self.leave()

    def _form(self, people: list[User], **values: Any) -> ApproverForm:
        return ApproverForm(people=User.objects.filter(pk__in=[person.pk for person in people]), **values)

    def _page(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        people = sparking.approvers_for(self.proposal, self.by)
        form = self._form(people, **values)
        context = {
            "proposal": self.proposal, "form": form, "people": people, "post": snapshot_of(self.by),
            "has_errors": bool(form.errors), **self.around(),
        }  # fmt: skip
        return render(request, "proposals/spark_approver.html", context, status=400 if form.errors else 200)


class Send(OfSpark):
    """Everything that was written, with links to change it; the word that it is true; send."""

    route = "spark_send"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the answers."""
        return self._page(request, SubmitForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send once; a second press shows the same confirmation."""
        form = SubmitForm(request.POST)
        if form.is_valid():
            try:
                submitting.send(self.proposal, by=self.by)
            except NotPossible as no:
                form.add_error(None, no.reason)
            else:
                return redirect("proposal_submitted", case=self.proposal.case)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: SubmitForm) -> HttpResponse:
        partners = Prefetch("partners", Partner.objects.select_related("agency"))
        members = Prefetch("members", Member.objects.select_related("person"))
        prefetch_related_objects([self.proposal], "sections", members, partners)  # the guards below read them often
        content = compose(self.proposal)
        context = {
            "proposal": self.proposal, "form": form, "content": content, "post": snapshot_of(self.by), **self.around(),
            "groups": [(page_of(self.proposal, group.key), group) for group in groups_of(content)],
            "gaps": gaps_in(self.proposal),
            "obstacles": with_pages(self.proposal, explain(self.proposal, "send_small")),
            "answer_by": promised_for(self.proposal.call, clock.now()), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/spark_send.html", context, status=400 if form.errors else 200)
