"""The chair's pages: where reviewers differ, notes, a review returned, its versions, and the feedback."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from fund.models import Call
from lifecycle.errors import NotPossible
from lifecycle.performing import explain
from people.models import User
from people.views import whole
from proposals.lane import is_spark

from .. import moderation_queries, review_queries
from ..enums import Fault, ReviewState
from ..feedback import as_read, released_feedback
from ..moderation_forms import FeedbackForm, ModerationNoteForm, ReturnForm
from ..policies import may_compare, may_return, reads_moderation, sees_queue
from ..queries import criteria_of
from ..services import moderating, reviewing
from .panel import Judged, page_of
from .reviews import OfReview


class Queue(View):
    """The proposals of a call whose reviews are closed, those that differ most first."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the queue, narrowed by `?show=`; for others the page does not exist."""
        call = get_object_or_404(Call.objects.visible_to(request.user), reference=reference)
        user = cast(User, request.user)
        if not sees_queue(None, user):
            raise Http404
        show = request.GET.get("show", "")
        show = show if show in moderation_queries.SHOWN else moderation_queries.ALL
        rows = moderation_queries.queue_of(call, user, show)
        context = {
            "call": call, **page_of(request, rows), "show": show, "filters": moderation_queries.SHOWN.items(),
            "chairs": moderation_queries.chairs(None, user),
        }  # fmt: skip
        return render(request, "evaluation/queue.html", context)


class Notes(Judged):
    """The chair's notes on a proposal; the secretariat and an auditor read them."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the notes."""
        return self._page(request, ModerationNoteForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Add a note."""
        form = ModerationNoteForm(request.POST)
        if form.is_valid():
            try:
                moderating.note(self.proposal, by=cast(User, request.user), text=form.cleaned_data["text"])
            except NotPossible as no:
                refuse_forbidden(no)
                form.add_error(None, no.reason)
            else:
                messages.success(request, "Noted.")
                return redirect("moderation_notes", case=self.proposal.case)
        return self._page(request, form)

    def _page(self, request: HttpRequest, form: ModerationNoteForm) -> HttpResponse:
        if not reads_moderation(self.proposal, request.user):
            raise PermissionDenied
        context = {
            "proposal": self.proposal, "notes": moderation_queries.notes_on(self.proposal), "form": form,
            "writes": may_compare(self.proposal, request.user) and self.proposal.released_at is None,
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/moderation_notes.html", context, status=400 if form.errors else 200)


class WriteFeedback(Judged):
    """What the applicants will read: prepared and certified by the chair, read by the secretariat and an auditor."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the newest text, or at first what the reviewers wrote."""
        return self._page(request, self._form(), moderation_queries.last_number(self.proposal))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save a draft, or certify."""
        if not may_compare(self.proposal, request.user):
            raise PermissionDenied
        form, number = self._form(request.POST), whole(request.POST.get("version"))
        certify = "certify_it" in request.POST
        if form.is_valid() and certify:
            form.add_missing()
        if form.errors:
            return self._page(request, form, number)
        try:
            moderating.write_feedback(
                self.proposal, by=cast(User, request.user), number=number, words=form.words(), certify=certify,
                looked_at=request.POST.get("looked_at", "").split(),
            )  # fmt: skip
        except reviewing.Stale:
            form.add_error(None, "Somebody saved this feedback since you opened it. Yours is below; save it again.")
            return self._page(request, form, moderation_queries.last_number(self.proposal))
        except moderating.MayName as unsure:
            form.add_error(None, f"This may name a reviewer: {unsure}. If it does, take it out. If it does not, press "
                                 "“Certify” once more.")  # fmt: skip
            return self._page(request, form, number, unsure.words)
        except NotPossible as no:
            refuse_forbidden(no)
            form.add_error(None, no.reason)
            return self._page(request, form, number)
        messages.success(request, "Certified." if certify else "Saved. It is not certified yet.")
        return redirect("feedback", case=self.proposal.case)

    def _form(self, data: Any = None) -> FeedbackForm:
        initial = moderation_queries.words_of(self.proposal)
        return FeedbackForm(data, initial=initial, sources=moderation_queries.sources_of(self.proposal))

    def _page(
        self, request: HttpRequest, form: FeedbackForm, number: int, looked_at: Sequence[str] = ()
    ) -> HttpResponse:
        if is_spark(self.proposal):
            raise Http404
        if not reads_moderation(self.proposal, request.user):
            raise PermissionDenied
        newest = moderation_queries.newest_feedback(self.proposal)
        stands = released_feedback(self.proposal) if newest and not newest.certified else None
        context = {
            "proposal": self.proposal, "form": form, "version": number, "newest": newest, "stands": stands,
            "looked_at": " ".join(looked_at),
            "read": as_read(newest, criteria_of(self.proposal.call)) if newest and self.proposal.call else None,
            "writes": may_compare(self.proposal, request.user) and moderation_queries.takes_feedback(self.proposal),
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/feedback.html", context, status=400 if form.errors else 200)


class ReturnReview(OfReview):
    """The chair returns a review because of its words."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask what is wrong."""
        return self._page(request, ReturnForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Return it."""
        form = ReturnForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            reviewing.give_back(self.review, by=cast(User, request.user), note=said["note"], fault=Fault(said["fault"]))
        except NotPossible as no:
            refuse_forbidden(no)
            form.add_error(None, no.reason)
            return self._page(request, form)
        messages.success(request, "Returned to the reviewer.")
        return redirect(self.review.proposal)

    def _page(self, request: HttpRequest, form: ReturnForm) -> HttpResponse:
        if not may_return(self.review, request.user):
            raise PermissionDenied
        closed = self.review.state != ReviewState.SUBMITTED or explain(self.review, "send_back")
        context = {"review": self.review, "form": form, "closed": closed, "has_errors": bool(form.errors)}
        return render(request, "evaluation/return.html", context, status=400 if form.errors else 200)


class ReviewHistory(OfReview):
    """Each version of a review that was handed in, and what each later one changed."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them, oldest first."""
        context = {"review": self.review, "own": self.own, "versions": review_queries.handed_in(self.review)}
        return render(request, "evaluation/review_history.html", context)


def refuse_forbidden(no: NotPossible) -> None:
    """Answer with 403 what the person may not do at all."""
    if no.forbidden:
        raise PermissionDenied(no.reason) from no
