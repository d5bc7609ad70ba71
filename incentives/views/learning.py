"""Learning records: written by the team, read by two classifiers, shown to the team first."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.generic import ListView

from lifecycle.errors import NotPossible
from lifecycle.performing import available
from people.enums import Role
from people.models import User
from people.paging import OpenPaginator
from people.policies import holds, is_in_team
from people.timeline import timeline_of
from people.views import whole

from .. import queries
from ..enums import Kind, LearningState, Reach
from ..forms import ClassifyForm, LearningForm, PublishForm
from ..guards import learning_still_counts
from ..models import LearningRecord
from ..policies import may_classify, may_lead, may_verify
from ..services import learning, protection
from ..services.good_faith import checks_of
from .common import OfCase, led_by

WORDS = {
    "learning_saved": "wrote in the record", "submit": "sent the record", "begin_classifying": "began to classify",
    "classified": "classified the record", "facts_confirmed": "confirmed the facts", "show": "showed it to the team",
    "accept": "accepted the classification", "send_back": "sent it back", "contest": "asked others to read it again",
    "publish": "shared it beyond the team", "shown_to_hr": "put it into the own file for HR",
    "hidden_from_hr": "took it out of the own file for HR",
}  # fmt: skip
reads_letter_first = holds(Role.AUDITOR)
OPEN = (LearningState.SUBMITTED, LearningState.CLASSIFYING, LearningState.CONTESTED)
WITH_GRANT = ("grant__outcome", "grant__contribution")  # asked of each record by its checks
UNSETTLED = (LearningState.DRAFT, *OPEN, LearningState.SHOWN)


class LearningDetail(OfCase):
    """The record; the team sees its reading first, a classifier only their own."""

    model = LearningRecord
    joined = WITH_GRANT

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the record."""
        record, user = self.object, cast(User, request.user)
        team = is_in_team(record, user)
        letter = protection.letter_of(record) if reads_letter_first(None, user) else None
        checks = letter.checks if letter else checks_of(record)
        context = {
            "record": record, "grant": record.grant, "team": team, "moot": record.state in UNSETTLED
            and not learning_still_counts.holds(record), "answers": queries.answers_of(record), "checks": checks,
            "letter": letter,
            "actions": [a for a in available(record, user) if a.name != "begin_classifying"],
            "model_key": "incentives.learningrecord", "own": queries.own_classification(record, user),
            "readings": queries.readings_for(record, user),
            "classifies": record.state in OPEN and not record.settled_kind and may_classify(record, user)
            and queries.own_classification(record, user) is None,
            "confirms": record.state in OPEN and not record.facts_confirmed_at and may_verify(record, user),
            "known": all(check.passed is not None for check in checks),
            "timeline": timeline_of(record, WORDS) if team else [],
            "protected_by": queries.protected_by(record.case) if team else "",
            "reader": not team and record.state == LearningState.PUBLISHED,
            "cites": not team and record.state == LearningState.PUBLISHED and led_by(user).exists(),
            "reuse": queries.reuse_of(record) if record.state == LearningState.PUBLISHED else 0,
            "authors": queries.authors_of(record) if record.with_names else [],
        }  # fmt: skip
        return render(request, "incentives/learning_detail.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Confirm the facts as verifier of another agency."""
        try:
            learning.confirm_facts(self.object, by=cast(User, request.user))
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "You confirmed the facts.")
        return redirect("home")


class ShareLearning(OfCase):
    """Who may read it, and whether with names."""

    model = LearningRecord

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, PublishForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Share it."""
        form = PublishForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        said = form.cleaned_data
        try:
            learning.publish(
                self.object, by=cast(User, request.user), reach=Reach(said["reach"]), with_names=said["with_names"]
            )
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Done. It goes as far as you chose.")
        return redirect(self.object)

    def _page(self, request: HttpRequest, form: PublishForm) -> HttpResponse:
        if not may_lead(self.object, request.user):
            raise PermissionDenied
        if self.object.state != LearningState.ACCEPTED:
            messages.info(request, "It can be shared once the reading is accepted, and once.")
            return redirect(self.object)
        context = {"record": self.object, "form": form, "has_errors": bool(form.errors)}
        return render(request, "incentives/learning_share.html", context, status=400 if form.errors else 200)


@method_decorator(login_not_required, name="dispatch")
class Learned(ListView[LearningRecord]):
    """What was tried, did not work, and taught something: as far as each team shared it."""

    template_name = "incentives/learned.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def get_queryset(self) -> QuerySet[LearningRecord]:
        """Return what the reader may see, newest first."""
        return queries.learned_for(self.request.user, self.request.GET.get("q", "").replace("\x00", "").strip()[:100])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the search words."""
        return super().get_context_data(q=self.request.GET.get("q", "").replace("\x00", "").strip()[:100], **kwargs)


class WriteLearning(OfCase):
    """The five questions on one page."""

    model = LearningRecord

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is stored."""
        stored = {name: getattr(self.object, name) for name in learning.QUESTIONS}
        return self._page(request, LearningForm(initial=stored), self.object.version, 200)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; a stale page shows both texts and writes nothing."""
        form = LearningForm(request.POST)
        version = whole(request.POST.get("version"))
        if not form.is_valid():
            return self._page(request, form, version, 400)
        try:
            learning.save(self.object, by=cast(User, request.user), version=version, answers=form.cleaned_data)
        except learning.Stale as stale:
            theirs = queries.answers_of(stale.theirs)
            return self._page(request, form, stale.theirs.version, 409, theirs=theirs)
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Saved.")
        return redirect(self.object)

    def _page(self, request: HttpRequest, form: LearningForm, version: int, status: int, **extra: Any) -> HttpResponse:
        if not is_in_team(self.object, request.user):
            raise PermissionDenied
        if self.object.state != LearningState.DRAFT:
            messages.info(request, "The record has been sent and can no longer be changed.")
            return redirect(self.object)
        context = {"record": self.object, "form": form, "version": version, "has_errors": bool(form.errors), **extra}
        return render(request, "incentives/learning_form.html", context, status=status)


class Classify(OfCase):
    """One classifier's own reading; others' are not shown."""

    model = LearningRecord
    joined = WITH_GRANT

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, ClassifyForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Record the reading."""
        form = ClassifyForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            learning.classify(
                self.object, by=cast(User, request.user), kind=Kind(form.cleaned_data["kind"]),
                note=form.cleaned_data["reason"],
            )  # fmt: skip
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Your reading is recorded. The team sees it when it is settled.")
        return redirect("home")

    def _page(self, request: HttpRequest, form: ClassifyForm) -> HttpResponse:
        if not may_classify(self.object, request.user):
            raise PermissionDenied
        if self.object.state not in OPEN or queries.own_classification(self.object, cast(User, request.user)):
            messages.info(request, "Nothing waits for your reading here.")
            return redirect("home")
        context = {
            "record": self.object, "form": form, "answers": queries.answers_of(self.object),
            "checks": checks_of(self.object), "has_errors": bool(form.errors),
        }  # fmt: skip
        return render(request, "incentives/classify.html", context, status=400 if form.errors else 200)
