"""A reviewer's pages: interests first, then the form beside the text, then the others."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

from documents.errors import FileRefused
from documents.models import StoredFile
from documents.responses import attachment_response
from documents.uploads import unsigned_copy
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.models import User
from people.paging import OpenPaginator
from people.views import visible_or_404, whole
from proposals.blinding import blinded, files_for_reviewers
from proposals.reading import groups_of

from .. import queries
from ..enums import LIVE, READING_ON, VALID, WRITING, Interest, ReviewState
from ..forms import InterestForm, ReviewForm, ShortReviewForm
from ..models import Review
from ..policies import may_assign
from ..services import reviewing
from ..services.knowing import is_reviewer


class MyReviews(ListView[Review]):
    """The reviewer's own reviews with how far they are."""

    template_name = "evaluation/review_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[Review]:
        """Return own live reviews, those to write first."""
        person = cast(User, self.request.user)
        own = Review.objects.visible_to(person).of_practice(False).filter(reviewer=person, state__in=LIVE)
        return own.select_related("proposal__call").order_by("submitted_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add "7 of 12"."""
        done, total = queries.progress_of(cast(User, self.request.user))
        reviews_here = is_reviewer(None, self.request.user)
        return super().get_context_data(done=done, total=total, reviews_here=reviews_here, **kwargs)


class ReviewFile(View):
    """A file of a proposal whose names are hidden, under a number, for its reviewer after the declaration."""

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Hand it out as a download."""
        review = visible_or_404(Review, request.user, pk=pk)
        files = {place: (name, found) for place, name, found in files_for_reviewers(review.version.facts)}
        reads = review.reviewer_id == cast(User, request.user).pk and review.state in (*WRITING, *VALID)
        if not reads or number not in files:
            raise Http404
        name, found = files[number]
        stored = get_object_or_404(StoredFile, pk=found["file"], case=review.case)
        if stored.content_type != "application/pdf" or not review.names_hidden:
            return attachment_response(stored, name)
        try:
            return attachment_response(stored, name, unsigned_copy(stored))
        except FileRefused:
            messages.error(request, f"{name} could not be made ready without names. Try again in a minute.")
            return redirect(review)


class ReviewPage(View):
    """One review: declare, write, or read what was handed in."""

    review: Review

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load one's own review; a chair and the secretariat may read what was handed in."""
        self.review = visible_or_404(Review, request.user, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def own(self) -> bool:
        """Tell whether the review is the reader's."""
        return self.review.reviewer_id == cast(User, self.request.user).pk

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the page of the review's state."""
        if self.own and self.review.state == ReviewState.ASSIGNED:
            return self._declare_page(request, InterestForm())
        if self.own and self.review.state in WRITING:
            return self._write_page(request, self._form(), self.review.edit, 200)
        if not self.own and self.review.state not in (ReviewState.SUBMITTED, ReviewState.LOCKED):
            if may_assign(self.review.proposal, request.user):
                return redirect("assign_reviewers", case=self.review.case)
            raise PermissionDenied
        return self._read_page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Declare, save or hand in."""
        if not self.own:
            raise PermissionDenied
        try:
            if self.review.state == ReviewState.ASSIGNED:
                return self._declare(request)
            return self._save(request)
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            messages.error(request, no.reason)
            return redirect("my_reviews")

    def _declare(self, request: HttpRequest) -> HttpResponse:
        form = InterestForm(request.POST)
        if not form.is_valid():
            return self._declare_page(request, form)
        interest = Interest(form.cleaned_data["interest"])
        reviewing.declare(self.review, by=cast(User, request.user), interest=interest, note=form.cleaned_data["note"])
        if interest in READING_ON:
            return redirect(self.review)
        messages.success(request, "Thank you. You have stepped aside; somebody else is asked.")
        return redirect("my_reviews")

    def _save(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST)
        edit = whole(request.POST.get("edit"))
        if not form.is_valid():
            return self._write_page(request, form, edit, 400)
        by = cast(User, request.user)
        try:
            saved = reviewing.save(self.review, by=by, edit=edit, draft=form.draft())
        except reviewing.Stale:
            form.add_error(None, "You saved this review from another page since. Your text is below; save it again.")
            return self._write_page(request, form, Review.objects.get(pk=self.review.pk).edit, 409)
        if "hand_in" not in request.POST:
            messages.success(request, "Saved. Nobody else sees it before you hand it in.")
            return redirect(self.review)
        form.add_missing()
        if form.errors:
            return self._write_page(request, form, saved.edit, 400)
        reviewing.submit(saved, by=by)
        messages.success(request, "Handed in.")
        return redirect("my_reviews")

    def _form(self, data: Any = None) -> ReviewForm:
        review = self.review
        initial: dict[str, Any] = {
            "strength": review.strength, "weakness": review.weakness, "change": review.change, "chance": review.chance,
        }  # fmt: skip
        for score in review.scores.all():
            initial |= {f"score_{score.criterion_id}": score.halves, f"reason_{score.criterion_id}": score.reason}
        form = ShortReviewForm if review.short else ReviewForm
        return form(data, initial=initial, criteria=review.proposal.call.criteria.all())  # type: ignore[union-attr]

    def _declare_page(self, request: HttpRequest, form: InterestForm) -> HttpResponse:
        content, hidden = self.review.version.facts, self.review.names_hidden
        actions = [a for a in available(self.review, request.user) if a.name == "refuse"]
        context = {
            "review": self.review, "form": form, "partners": [] if hidden else content["partners"],
            "team": queries.mixed_names(self.review.proposal) if hidden else content["team"],
            "actions": actions, "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/declare.html", context, status=400 if form.errors else 200)

    def _write_page(self, request: HttpRequest, form: ReviewForm, edit: int, status: int) -> HttpResponse:
        done, total = queries.progress_of(cast(User, request.user))
        content = self.review.version.facts
        content = blinded(content) if self.review.names_hidden else content
        context = {
            "review": self.review, "form": form, "edit": edit, "content": content,
            "groups": groups_of(content, for_reviewer=True),
            "done": done, "total": total, "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/review_form.html", context, status=status)

    def _read_page(self, request: HttpRequest) -> HttpResponse:
        context = {
            "review": self.review, "scores": self.review.scores.select_related("criterion"), "own": self.own,
            "others": queries.others_for(self.review) if self.own else [], "model_key": "evaluation.review",
            "actions": [a for a in available(self.review, request.user) if a.name in ("send_back", "invalidate")],
        }  # fmt: skip
        return render(request, "evaluation/review_detail.html", context)
