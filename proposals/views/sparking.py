"""The Spark lane for the applicant: the idea, the money, the approver, check and send. Each page saves."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from fund.enums import Stage
from fund.models import Call
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import User
from people.queries import snapshot_of
from people.views import visible_or_404
from people.views import whole as whole_number

from .. import writing_queries
from ..answer_times import promised_for
from ..enums import ProposalState, SectionKey
from ..forms import ApproverForm, SectionForm, SparkForm, SubmitForm
from ..lane import is_spark
from ..models import Partner, Proposal
from ..policies import may_lead
from ..reading import groups_of
from ..sections import section_named
from ..services import drafting, sparking, submitting
from ..services.versions import compose
from ..writing_forms import as_typed

LATER = "later"  # the button that saves what is there and leaves
PAGES = {SectionKey.SPARK: "spark_idea", SectionKey.BUDGET: "spark_money"}


def page_of(proposal: Proposal, key: str) -> str:
    """Return the address on which a section is written; the call's own questions have the page of every form."""
    route = PAGES.get(SectionKey(key)) if key in PAGES else None
    return reverse(route, args=[proposal.case]) if route else reverse("section", args=[proposal.case, key])


def whole_or_later(request: HttpRequest, form: forms.Form) -> bool:
    """Tell whether the answers may be left: nothing is missing, or the person comes back later."""
    return LATER in request.POST or form.is_valid()


class BeginSpark(View):
    """Page 1 for somebody who has not begun: the three questions."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call, which must give Sparks."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"], stage=Stage.SPARK)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Ask the three questions."""
        return self._page(request, SparkForm())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Start the draft with what is there; only a name is needed for that."""
        form = SparkForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        if not form.cleaned_data["title"]:
            form.add_error("title", "Give your idea a name: it is saved under it.")
            return self._page(request, form)
        try:
            made = sparking.begin(by=cast(User, request.user), call=self.call, answers=form.answers())
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(request, form)
        whole = SparkForm(request.POST, complete=True)
        if LATER in request.POST:
            messages.success(request, "Saved. You find your idea under “In progress” on my work.")
            return redirect("home")
        if whole.is_valid():
            return redirect("spark_money", case=made.case)
        messages.info(request, "What you wrote is saved. Answer all three questions to go on.")
        return redirect("spark_idea", case=made.case)

    def _page(self, request: HttpRequest, form: SparkForm) -> HttpResponse:
        context = {"form": form, "call": self.call, "page": 1, "has_errors": bool(form.errors)}
        return render(request, "proposals/spark_page.html", context, status=400 if form.errors else 200)


class OfSpark(View):
    """Base: a small idea that is still a draft and that one leads."""

    proposal: Proposal
    by: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the draft; what was sent leads to its confirmation."""
        seen = Proposal.objects.visible_to(request.user).select_related("call", "lead_agency")
        self.proposal, self.by = get_object_or_404(seen, case=kwargs["case"]), cast(User, request.user)
        if not is_spark(self.proposal):
            raise Http404
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.submitted_at:
            return redirect("proposal_submitted", case=self.proposal.case)
        if self.proposal.state != ProposalState.DRAFT:
            return redirect(self.proposal)
        return super().dispatch(request, *args, **kwargs)

    def leave(self, request: HttpRequest, route: str) -> HttpResponse:
        """Go to the next page, or home for later."""
        if LATER in request.POST:
            messages.success(request, "Saved. You find your idea under “In progress” on my work.")
            return redirect("home")
        return redirect(route, case=self.proposal.case)


class SectionPage(OfSpark):
    """Base of the pages with written answers."""

    key: SectionKey
    page = 1
    next_route = ""

    def form(self, *args: Any, **kwargs: Any) -> SectionForm:
        """Return the section's form."""
        written = section_named(self.proposal, self.key)
        if written is None:
            raise Http404
        return written.form(*args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is stored."""
        stored = self.proposal.sections.filter(key=self.key).first()
        version = stored.version if stored else 0
        return self._page(request, self.form(initial=stored.answers if stored else {}), version, 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save what is there; going on needs all of it."""
        form = self.form(request.POST)
        version, answers = whole_number(request.POST.get("version")), as_typed(form)
        try:
            saved = drafting.save_section(self.proposal, by=self.by, key=self.key, version=version, answers=answers)
        except drafting.Clash as clash:
            form.add_error(None, "This page was saved from elsewhere since. Your text is below; save it again.")
            return self._page(request, form, clash.theirs.version, 409)
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect(self.proposal)
        if form.errors:
            return self._page(request, form, saved.version, 400)
        whole = self.form(request.POST, complete=True)
        if whole_or_later(request, whole):
            return self.leave(request, self.next_route)
        whole.add_error(None, "What you wrote is saved. Something is still missing.")
        return self._page(request, whole, saved.version, 400)

    def _page(self, request: HttpRequest, form: forms.Form, version: int, status: int) -> HttpResponse:
        context = {
            "proposal": self.proposal, "call": self.proposal.call, "form": form, "version": version,
            "page": self.page, "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/spark_page.html", context, status=status)


class Idea(SectionPage):
    """Page 1: the three questions."""

    key, page, next_route = SectionKey.SPARK, 1, "spark_money"


class Money(SectionPage):
    """Page 2: the amount in one to three lines."""

    key, page, next_route = SectionKey.BUDGET, 2, "spark_approver"


class Approver(OfSpark):
    """Page 3: who says yes for the agency, proposed from the register."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the person proposed."""
        named = self.proposal.approver or sparking.proposed_approver(self.proposal, self.by)
        return self._page(request, {"initial": {"approver": named}})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Name the person; an agency without an approver is no obstacle."""
        people = sparking.approvers_for(self.proposal, self.by)
        if not people:
            return self.leave(request, "spark_send")
        form = self._form(people, data=request.POST)
        if not form.is_valid():
            return self._page(request, {"data": request.POST})
        try:
            sparking.name_approver(self.proposal, by=self.by, approver=form.cleaned_data["approver"])
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("spark_approver", case=self.proposal.case)
        return self.leave(request, "spark_send")

    def _form(self, people: list[User], **values: Any) -> ApproverForm:
        return ApproverForm(people=User.objects.filter(pk__in=[person.pk for person in people]), **values)

    def _page(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        people = sparking.approvers_for(self.proposal, self.by)
        form = self._form(people, **values)
        context = {
            "proposal": self.proposal, "call": self.proposal.call, "form": form, "people": people, "page": 3,
            "post": snapshot_of(self.by), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/spark_approver.html", context, status=400 if form.errors else 200)


class Send(OfSpark):
    """Page 4: everything that was written, with links to change it; the word that it is true; send."""

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
        prefetch_related_objects([self.proposal], "sections", "members", partners)  # the guards below read them often
        content = compose(self.proposal)
        faults = writing_queries.faults_in(self.proposal)
        context = {
            "proposal": self.proposal, "call": self.proposal.call, "form": form, "content": content, "page": 4,
            "groups": [(page_of(self.proposal, group.key), group) for group in groups_of(content)],
            "missing": [(page_of(self.proposal, fault.key), fault) for fault in faults],
            "obstacles": explain(self.proposal, "send_small"),
            "answer_by": promised_for(self.proposal.call, clock.now()), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/spark_send.html", context, status=400 if form.errors else 200)
