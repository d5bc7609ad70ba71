"""A reviewer's pages: interests first, then the form beside the text, then the others."""

from types import SimpleNamespace
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import ListView, View

from documents.errors import FileRefused
from documents.models import StoredFile
from documents.responses import attachment_response
from documents.uploads import unsigned_copy
from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people import kept
from people.clashes import rows_of, taken, with_errors
from people.models import User
from people.paging import OpenPaginator
from people.sessions import ends_at
from people.toxic import ConflictOfInterest
from people.views import visible_or_404, whole
from proposals.blinding import blinded, files_for_reviewers
from proposals.reading import groups_of, shown_answer
from proposals.views.base import wants_json
from proposals.views.drafting import KeepsText, autosave_key, refused_words

from .. import queries, review_queries
from ..enums import LIVE, OPEN, VALID, WRITING, Interest, ReviewState
from ..forms import ReviewForm, ShortReviewForm
from ..guards import reviews_are_open
from ..interest_forms import InterestForm, NamesInterestForm, RecuseForm
from ..models import Review
from ..policies import may_assign
from ..services import declaring, reviewing
from ..services.knowing import is_reviewer
from ..services.training import scored_by

ASIDE = "Thank you. You have stepped aside; somebody else is asked."


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


class OfReview(View):
    """Base: loads the review that one may see."""

    review: Review

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load one's own review; a chair and the secretariat may read what was handed in."""
        seen = Review.objects.visible_to(request.user).select_related("proposal__call", "version", "reviewer")
        self.review = get_object_or_404(seen, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def own(self) -> bool:
        """Tell whether the review is the reader's."""
        return self.review.reviewer_id == cast(User, self.request.user).pk


class ReviewPage(KeepsText, OfReview):
    """One review: declare, write, or read what was handed in. What is typed is kept, also after being signed out."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the page of the review's state."""
        if self.own and self.review.state == ReviewState.ASSIGNED:
            return self._declare_page(request, self._interests())
        if self.own and self.review.state in WRITING and reviews_are_open.holds(self.review):
            waiting = kept.kept(request)
            if waiting is None:
                return self._write_page(request, self._form(), self.review.edit, 200)
            return self._write_page(request, self._form(waiting), whole(waiting.get("version")), 200, kept=True)
        if not self.own and self.review.state not in VALID:
            if may_assign(self.review.proposal, request.user):
                return redirect("assign_reviewers", case=self.review.case)
            raise PermissionDenied
        return self._read_page(request)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Declare, save or hand in."""
        if not self.own:
            raise PermissionDenied
        if "forget" in request.POST:
            kept.forget(request)
            return redirect(request.path)
        try:
            return self._declare(request) if self.review.state == ReviewState.ASSIGNED else self._save(request)
        except NotPossible as no:
            return self._refused(request, no)

    def _refused(self, request: HttpRequest, no: NotPossible) -> HttpResponse:
        """Answer a refusal; what was typed stays on the page, to be copied."""
        if wants_json(request):
            return refused_words(no)
        if no.forbidden:
            raise PermissionDenied(no.reason) from no
        if self.review.state in WRITING and not isinstance(no, ConflictOfInterest):
            form = self._form(request.POST)
            form.add_error(None, f"{no.reason} What you typed is not saved. It stands below, so that you can copy it.")
            return self._write_page(request, form, whole(request.POST.get("version")), 409, refused=True)
        messages.error(request, no.reason)
        return redirect("my_reviews")

    def _interests(self, data: Any = None) -> InterestForm | NamesInterestForm | None:
        """Return the form to declare in; None where it was done for the whole call."""
        if not self.review.names_hidden:
            return InterestForm(data)
        if not declaring.is_to_declare(self.review):
            return None
        before = declaring.newest(self.review.proposal.call, self.review.reviewer)
        said = {} if before is None else {
            "tied": list(map(str, before.tied)), "known": list(map(str, before.known)), "interest": before.interest,
            "note": before.note,
        }  # fmt: skip
        return NamesInterestForm(data, names=queries.mixed_names(self.review.proposal), before=said)

    def _declare(self, request: HttpRequest) -> HttpResponse:
        form, by = self._interests(request.POST), cast(User, request.user)
        if form is None:
            reviewing.declare(self.review, by=by, interest=Interest.NONE)
            return redirect(self.review)
        if not form.is_valid():
            return self._declare_page(request, form)
        said = form.cleaned_data
        interest = Interest(said["interest"]) if said["interest"] else None
        if isinstance(form, NamesInterestForm):
            tied, known = map(int, said["tied"]), map(int, said["known"])
            row = declaring.declare_names(
                self.review, by=by, tied=tied, known=known, interest=interest, note=said["note"]
            )
        else:
            row = reviewing.declare(self.review, by=by, interest=interest, note=said["note"])
        if row.state != ReviewState.RECUSED:
            return redirect(self.review)
        messages.success(request, ASIDE)
        return redirect("my_reviews")

    def _save(self, request: HttpRequest) -> HttpResponse:
        form, edit = self._form(request.POST), whole(request.POST.get("version"))
        said = form.typed()
        if edit == self.review.edit:
            stored = review_queries.answers_of(self.review)
            rows = with_errors(rows_of(form, said, stored, shown_answer, request.POST.getlist("asked")))
            if missing := [row for row in rows if "error" in row]:
                return self._write_page(request, form, edit, 400, **self._beside(self.review, rows), undecided=missing)
            said = taken(form, said, stored)
        try:
            saved = reviewing.save(self.review, by=cast(User, request.user), edit=edit, draft=form.draft_of(said))
        except reviewing.Stale:
            return self._clash(request, form, said)
        kept.forget(request)
        form = self._form(said)
        if wants_json(request):
            return JsonResponse(_saved_words(request, form, saved))
        if form.is_valid() and {"hand_in", "hand_in_next"} & set(request.POST):
            return self._hand_in(request, form, saved)
        if form.errors:
            return self._write_page(request, form, saved.edit, 400, saved_at=saved.saved_at)
        messages.success(request, "Saved. Nobody else sees it before you hand it in.")
        return self._go_on(request, saved) if "keep_next" in request.POST else redirect(saved)

    def _hand_in(self, request: HttpRequest, form: ReviewForm, saved: Review) -> HttpResponse:
        form.add_missing()
        if form.errors:
            return self._write_page(request, form, saved.edit, 400, saved_at=saved.saved_at)
        handed_in = reviewing.submit(saved, by=cast(User, request.user))
        messages.success(request, "Handed in.")
        return self._go_on(request, handed_in) if "hand_in_next" in request.POST else redirect("my_reviews")

    def _go_on(self, request: HttpRequest, review: Review) -> HttpResponse:
        following = review_queries.next_for(review)
        if following is None:
            messages.info(request, "You have no other review to write.")
            return redirect("my_reviews")
        return redirect(following)

    def _clash(self, request: HttpRequest, form: ReviewForm, mine: dict[str, str]) -> HttpResponse:
        stored = Review.objects.get(pk=self.review.pk)
        if wants_json(request):
            at = timezone.localtime(stored.saved_at) if stored.saved_at else timezone.localtime()
            return JsonResponse({"clash": f"You saved this review from another page at {at:%H:%M}"}, status=409)
        rows = rows_of(form, mine, review_queries.answers_of(stored), shown_answer, form.fields)
        return self._write_page(request, form, stored.edit, 409, **self._beside(stored, rows))

    def _beside(self, stored: Review, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return what the page shows of the text that was saved elsewhere; which one is kept is chosen for each."""
        theirs = SimpleNamespace(edited_by=stored.reviewer, edited_at=stored.saved_at)
        return {"rows": rows, "theirs": theirs, "what": "this review"}

    def _form(self, data: Any = None) -> ReviewForm:
        form = ShortReviewForm if self.review.short else ReviewForm
        initial = review_queries.answers_of(self.review)
        return form(data, initial=initial, criteria=queries.criteria_of(self.review.proposal.call))  # type: ignore[arg-type]

    def _declare_page(self, request: HttpRequest, form: InterestForm | NamesInterestForm | None) -> HttpResponse:
        content, hidden = self.review.version.facts, self.review.names_hidden
        actions, wrong = available(self.review, request.user, ["refuse"]), bool(form and form.errors)
        context = {
            "review": self.review, "form": form, "partners": [] if hidden else content["partners"],
            "team": [] if hidden else content["team"], "actions": actions, "has_errors": wrong,
        }  # fmt: skip
        return render(request, "evaluation/declare.html", context, status=400 if wrong else 200)

    def _write_page(self, request: HttpRequest, form: ReviewForm, edit: int, status: int, **extra: Any) -> HttpResponse:
        done, total = queries.progress_of(cast(User, request.user))
        content = self.review.version.facts
        content = blinded(content) if self.review.names_hidden else content
        context = {
            "review": self.review, "form": form, "version": edit, "content": content,
            "groups": groups_of(content, for_reviewer=True), "done": done, "total": total,
            "own_rows": review_queries.own_elsewhere(self.review), "criteria": form.criteria,
            "actions": available(self.review, request.user, ["recuse", "abstain"]),
            "model_key": "evaluation.review", "has_errors": bool(form.errors), "session_ends": ends_at(request),
            "example_due": not self.review.short and scored_by(cast(User, request.user)) is None,
            "autosave": autosave_key(request, f"review:{self.review.pk}"), "saved_at": self.review.saved_at, **extra,
        }  # fmt: skip
        return render(request, "evaluation/review_form.html", context, status=status)

    def _read_page(self, request: HttpRequest) -> HttpResponse:
        context = {
            "review": self.review, "scores": self.review.scores.select_related("criterion"), "own": self.own,
            "others": queries.others_for(self.review) if self.own else [], "model_key": "evaluation.review",
            "closed": self.own and self.review.state in WRITING,
            "actions": available(self.review, request.user, ["send_back", "invalidate"]),
        }  # fmt: skip
        return render(request, "evaluation/review_detail.html", context)


class Recuse(OfReview):
    """Step aside because of an interest that came up after accepting."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask which interest."""
        return self._page(request, RecuseForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Recuse: from now on the proposal does not exist for the person."""
        form = RecuseForm(request.POST)
        if not self.own or self.review.state not in OPEN or not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        reviewing.declare(
            self.review, by=cast(User, request.user), interest=Interest(said["interest"]), note=said["note"]
        )
        messages.success(request, ASIDE)
        return redirect("my_reviews")

    def _page(self, request: HttpRequest, form: RecuseForm) -> HttpResponse:
        if not self.own:
            raise PermissionDenied
        context = {
            "review": self.review, "form": form, "closed": self.review.state not in OPEN,
            "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "evaluation/recuse.html", context, status=400 if form.errors else 200)


def _saved_words(request: HttpRequest, form: ReviewForm, saved: Review) -> dict[str, Any]:
    """Return what the page's script shows after a save."""
    at = timezone.localtime(saved.saved_at) if saved.saved_at else timezone.localtime()
    wrong = {form[name].id_for_label: list(map(str, errors)) for name, errors in form.errors.items()}
    return {
        "version": saved.edit, "words": f"Saved at {at:%H:%M}", "wrong": wrong,
        "session_ends": ends_at(request).isoformat(),
    }  # fmt: skip
