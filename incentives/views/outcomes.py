"""A promised result: its page, the claim, the check."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from documents.responses import attachment_response
from fund.models import Grant
from lifecycle.errors import NotPossible
from lifecycle.performing import available, explain
from people.enums import Role
from people.models import User
from people.policies import holds, is_blocked, is_in_team
from people.timeline import Line, timeline_of

from .. import queries
from ..enums import OutcomeState
from ..forms import ClaimForm, VerdictForm
from ..models import Outcome
from ..models.outcome import CHECKED, SEES_ALL
from ..policies import is_verifier, may_contest, may_lead, may_settle, may_verify
from ..services import outcomes
from ..services.integrity import NOT_HELD
from .common import OfCase

WORDS = {
    "claim": "claimed the result", "begin_verifying": "took the check", "use_confirmed": "confirmed the use",
    "verify_met": "checked it: target reached", "verify_partial": "checked it: at least half of the way",
    "verify_not_met": "checked it: target not reached", "find_unverifiable": "found that it cannot be checked",
    "signal_reviewed": "looked at a signal", "held": "held the record", "hold_lifted": "let the record go",
    "reassign": "gave the check free, because its time was over", "contested": "asked for a second look",
    "reopen": "opened the check again", "revoke": "revoked the result", "publish": "published the result",
    "close_unclaimed": "closed the promise without a claim",
    "asked_again": "asked the verifiers again, because nobody had taken the check",
}  # fmt: skip


INTEGRITY = ("signal_reviewed", "held", "hold_lifted")  # steps that only the head and an auditor read
SECOND_CHECK = ("reopen", "begin_verifying", "reassign", "asked_again")  # told to others once it is recorded
sees_integrity = holds(Role.HEAD, Role.AUDITOR)
reads_evidence = (is_in_team | may_verify | is_verifier | SEES_ALL) & ~is_blocked


class OutcomeDetail(OfCase):
    """The promise beside what was claimed and found."""

    model = Outcome

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the result with my actions; verdict actions have one page, so they are shown once."""
        actions, seen = [], set()
        for action in available(self.object, request.user):
            if action.page == "" or action.page not in seen:
                actions.append(action)
                seen.add(action.page)
        context = {
            "outcome": self.object, "grant": self.object.grant, "actions": actions,
            "team": is_in_team(self.object, request.user),
            "sees_grant": Grant.objects.visible_to(request.user).filter(pk=self.object.grant_id).exists(),
            "model_key": "incentives.outcome", "timeline": self._timeline(),
            "contests": queries.contests_of(self.object, cast(User, request.user)),
            "held": self.object.holds.filter(until=None).exists(),
            "may_hold": self.object.state not in NOT_HELD and may_settle(self.object, request.user),
            "under_contest": self.object.contests.unsettled().exists(),
            "follow_ups": queries.follow_ups_for(self.object, cast(User, request.user)),
            "reads_file": self.object.evidence_file_id is not None and reads_evidence(self.object, request.user),
            "adoptions": queries.adoptions_of(self.object), "may_adopt": queries.may_adopt(self.object, request.user),
            "may_contest": self.object.state in CHECKED and may_contest(self.object, request.user),
            "confirms_use": queries.may_confirm_use(self.object, cast(User, request.user)),
        }  # fmt: skip
        return render(request, "incentives/outcome_detail.html", context)

    def _timeline(self) -> list[Line]:
        """Return the steps without those of integrity, and to others without those of a check not recorded yet."""
        row, user = self.object, cast(User, self.request.user)
        concealed = () if sees_integrity(None, user) else INTEGRITY
        lines = timeline_of(row, WORDS, without=concealed, unnamed=queries.unnamed_to(row, user))
        if not row.looked_at_again or Outcome.objects.by_part(user).filter(pk=row.pk).exists():
            return lines
        return [line for line in lines if line.action not in SECOND_CHECK or line.when <= row.verified_at]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Confirm, as approver of the agency named, that it uses the result."""
        try:
            outcomes.confirm_use(self.object, by=cast(User, request.user))
        except NotPossible as no:
            return self.refused(no)
        messages.success(request, "Recorded: your agency uses this result.")
        return redirect(self.object)


class Claim(OfCase):
    """The claim: what is it now, and what shows it."""

    model = Outcome

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Claim."""
        form = self._form(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        said = dict(form.cleaned_data)
        upload = said.pop("file")
        try:
            outcomes.claim(self.object, by=cast(User, request.user), upload=upload, **said)
        except NotPossible as no:
            if upload and not no.forbidden:
                form.add_error("file", no.reason)
                return self._page(request, form)
            return self.refused(no)
        messages.success(
            request,
            "Claimed. Verifiers of other agencies are asked, and again after 20 business days if none has taken the "
            "check. You are told then.",
        )
        return redirect(self.object)

    def _form(self, data: Any = None, files: Any = None) -> ClaimForm:
        return ClaimForm(data, files, agencies=queries.agencies_outside(self.object), unit=self.object.unit)

    def _page(self, request: HttpRequest, form: ClaimForm) -> HttpResponse:
        if not may_lead(self.object, request.user):
            raise PermissionDenied
        if self.object.state != OutcomeState.PRE_REGISTERED:
            messages.info(request, "The result has already been claimed.")
            return redirect(self.object)
        context = {
            "outcome": self.object, "form": form, "has_errors": bool(form.errors),
            "obstacles": explain(self.object, "claim"), "contribution": self.object.grant.contribution,
        }  # fmt: skip
        return render(request, "incentives/claim.html", context, status=400 if form.errors else 200)


class EvidenceFile(OfCase):
    """The file that shows a claimed result, for the team, the verifier and the offices."""

    model = Outcome

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Hand it out as a download."""
        if self.object.evidence_file is None or not reads_evidence(self.object, request.user):
            raise Http404
        return attachment_response(self.object.evidence_file)


class Verify(OfCase):
    """The promise beside the claim; the verifier enters a figure and the class follows from it."""

    model = Outcome

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self._page(request, self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Record what was found."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        try:
            outcomes.record_verdict(self.object, by=cast(User, request.user), **form.cleaned_data)
        except NotPossible as no:
            if "served" in form.fields and not form.cleaned_data["served"].strip():
                form.add_error("served", no.reason)
                return self._page(request, form)
            return self.refused(no)
        messages.success(request, "The check is recorded, and the lead has been told.")
        return redirect(self.object)

    def _form(self, data: Any = None) -> VerdictForm:
        return VerdictForm(data, asks_people=self.object.stage in outcomes.ASKS_PEOPLE)

    def _page(self, request: HttpRequest, form: VerdictForm) -> HttpResponse:
        if not is_verifier(self.object, request.user):
            raise PermissionDenied
        if self.object.state != OutcomeState.VERIFYING:
            messages.info(request, "The check is over.")
            return redirect(self.object)
        looks = self.object.contests.to_check()
        context = {"outcome": self.object, "form": form, "has_errors": bool(form.errors), "second_looks": looks}
        return render(request, "incentives/verify.html", context, status=400 if form.errors else 200)
