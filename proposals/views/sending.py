"""From the finished draft into the call: check, agree, submit, receipt."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from documents.responses import attachment_response
from lifecycle.errors import NotPossible
from lifecycle.models import Job
from lifecycle.performing import explain
from people.enums import Part
from people.models import User
from people.policies import is_in_team
from people.queries import parts_in, snapshot_of
from people.services import delegates
from people.views import whole

from .. import queries
from ..enums import ProposalState
from ..forms import EndorseForm, SubmitForm
from ..lane import is_spark
from ..models import Member, Partner
from ..own_review import declares_first
from ..policies import may_endorse, may_lead
from ..reading import groups_of
from ..services import endorsing, submitting
from ..services.receipts import receipt_of
from ..services.team import leads_of
from ..services.versions import compose
from . import rescue
from .base import OfProposal
from .mending import gaps_in, with_pages

IN_CHECK = (
    "Your no is with the secretariat and the team, with your reason. The officer opens answers for the team again, and "
    "then you are asked again; or the first check ends."
)


class CheckAnswers(OfProposal):
    """Everything that was written, with links to change it, and what is missing."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the answers of a draft."""
        if not is_in_team(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.state != ProposalState.DRAFT:
            return redirect(self.proposal)
        partners = Prefetch("partners", Partner.objects.select_related("agency"))
        members = Prefetch("members", Member.objects.select_related("person"))
        prefetch_related_objects([self.proposal], "sections", members, partners)  # the guards below read them often
        content = compose(self.proposal)
        context = {
            "proposal": self.proposal, "content": content, "groups": groups_of(content),
            "post": snapshot_of(self.by), "gaps": gaps_in(self.proposal),
            "obstacles": with_pages(self.proposal, queries.other_obstacles(self.proposal)),
            "leads": bool(parts_in(self.proposal.case, cast(User, request.user)) & {Part.LEAD, Part.DEPUTY}),
        }  # fmt: skip
        return render(request, "proposals/check_answers.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask the agencies to agree."""
        try:
            endorsing.ask(self.proposal, by=cast(User, request.user))
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
            return redirect("proposal_check", case=self.proposal.case)
        messages.success(request, "The agencies have been asked to agree.")
        return redirect(self.proposal)


class Endorse(OfProposal):
    """An approver reads the exact version, or only what changed since the last answer, and answers."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the version and the days that the agency promises."""
        return self._page(request, EndorseForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Agree to exactly the version shown, or return it with a reason."""
        form, by = EndorseForm(request.POST), cast(User, request.user)
        version = whole(request.POST.get("version"))
        if not form.is_valid():
            return self._page(request, form, version)
        try:
            if form.cleaned_data["answer"] == "agree":
                endorsing.agree(self.proposal, by=by, version=version)
                messages.success(request, "Your agreement is recorded. The team is told as soon as all have agreed.")
            else:
                done = endorsing.give_back(self.proposal, by=by, note=form.cleaned_data["reason"], version=version)
                messages.success(request, IN_CHECK if done.submitted_at else "Returned to the team with your reason.")
        except endorsing.NotTheNewest:
            self.proposal.refresh_from_db()
            return self._page(request, form, version)
        except NotPossible as no:
            return self.refused(no)
        return redirect("home")

    def labels(self) -> dict[str, str]:
        """Return the label of the reason."""
        return {"reason": str(EndorseForm.base_fields["reason"].label)}

    def unseen(self) -> HttpResponse:
        """Say to an approver who was asked that the team took it back meanwhile, with the reason that was typed."""
        back = queries.taken_back_from(self.by, self.kwargs["case"])
        if back is None or self.request.method != "POST":
            return super().unseen()
        self.proposal = back
        words = "The team took the proposal back to change it, so your answer was not recorded."
        lead = ", ".join(person.full_name for person in leads_of(back))
        follows = (
            f"You are asked again when the team has a next version. If it should know your reason now, tell {lead}."
        )
        pieces = rescue.typed_in(self.request.POST, self.labels())
        return rescue.page(self.request, back, words, pieces, follows, seen=False)

    def _page(self, request: HttpRequest, form: EndorseForm, read: int = 0) -> HttpResponse:
        """Show the newest version; with `read`, an older one, what is new since."""
        if not may_endorse(self.proposal, request.user):
            raise PermissionDenied
        rows = list(queries.own_endorsements(self.proposal, cast(User, request.user)))
        if self.proposal.state not in endorsing.ASKED_IN or not rows:
            messages.info(request, "Nothing waits for your agreement here now.")
            return redirect(self.proposal)
        content, missed = rows[0].version.facts, queries.changes_since_read(self.proposal, read)
        codes = {row.agency.code for row in rows}
        context = {
            "proposal": self.proposal, "form": form, "rows": rows, "version": rows[0].version, "content": content,
            "own": [p for p in content["partners"] if p["agency"] in codes], "groups": groups_of(content),
            "since": missed or queries.changes_since_last_answer(rows[0].version, [row.agency for row in rows]),
            "names_delegates": delegates.agencies_of(self.by).exists(),
            "waits": any(row.answer == "asked" for row in rows), "has_errors": bool(form.errors), "missed": missed,
        }  # fmt: skip
        status = 400 if form.errors else 409 if missed else 200
        return render(request, "proposals/endorse.html", context, status=status)


class Submit(OfProposal):
    """The last look and the lead's word that it is true."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what will be sent, and why it cannot be yet."""
        return self._page(request, SubmitForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Submit once; a second press shows the same confirmation."""
        form = SubmitForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            submitting.submit(self.proposal, by=cast(User, request.user))
        except NotPossible as no:
            return self.refused(no)
        return redirect("proposal_submitted", case=self.proposal.case)

    def _page(self, request: HttpRequest, form: SubmitForm) -> HttpResponse:
        if not may_lead(self.proposal, request.user):
            raise PermissionDenied
        if self.proposal.submitted_at:
            return redirect("proposal_submitted", case=self.proposal.case)
        if self.proposal.state != ProposalState.AWAITING_ENDORSEMENT:
            messages.error(request, "The agencies have to agree before you can submit.")
            return redirect(self.proposal)
        context = {
            "proposal": self.proposal, "form": form, "obstacles": explain(self.proposal, "submit"),
            "endorsements": queries.endorsements_of(self.proposal), "content": queries.content_of(self.proposal),
            "ends_at": self.proposal.call.ends_for(self.proposal.case) if self.proposal.call else None,
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "proposals/submit.html", context, status=400 if form.errors else 200)


class Submitted(OfProposal):
    """The confirmation: reference number, PDF copy, what happens next. Safe to open again."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the confirmation."""
        if not self.proposal.submitted_at:
            raise Http404
        context = {"proposal": self.proposal, "receipt": receipt_of(self.proposal), "small": is_spark(self.proposal)}
        return render(request, "proposals/submitted.html", context)


class Receipt(OfProposal):
    """The PDF copy, or how far it is; a reviewer first declares interests."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand out the file when it is ready."""
        if not self.proposal.submitted_at:
            raise Http404
        if first := declares_first(self.proposal, self.by):
            return redirect(first)
        stored = receipt_of(self.proposal)
        if stored is not None:
            return attachment_response(stored)
        job = Job.objects.filter(name="proposals.make_receipt", key=submitting.receipt_key(self.proposal)).first()
        context = {"proposal": self.proposal, "job": job}
        return render(request, "proposals/receipt_waiting.html", context)
