"""Pages of one part of a grant (milestone, report, payment), its files, and the readings of the measure."""

from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from documents.models import StoredFile
from documents.responses import attachment_response
from lifecycle.errors import NotPossible
from lifecycle.performing import available, explain
from people.models import User
from people.timeline import timeline_of
from people.views import visible_or_404

from . import queries
from .enums import StopChoice, TrancheState
from .forms import ReadingForm, StopAnswerForm
from .grant_views import GrantForm
from .models import Grant, MilestoneFile, Reading, Receipt, Tranche
from .money_guards import accounts_not_closed
from .policies import may_correct_receipt, may_lead_grant, may_look_at_receipts, may_work
from .report_start import beside_report
from .services.following import answer_stop, read_measure

FORMS = {
    "milestone": "milestone_submit", "report": "report_submit", "quarter": "quarter_submit",
    "payment": "payment_account",
}  # fmt: skip
OWN_PAGE = ("submit", "account", "return_rest")  # each asks for more than a reason
WORDS = {
    "begin": "began it", "submit": "handed it in", "accept": "accepted it", "send_back": "returned it",
    "fall_due": "opened it after the quarter", "pass_over": "decided to do without it",
    "mark_not_met": "recorded that it was not reached", "waive": "waived it", "unlock": "opened the payment",
    "prepare": "prepared the payment", "pay": "released the payment", "acknowledge": "confirmed that it arrived",
    "account": "recorded what was spent", "settle": "closed the account", "return_rest": "recorded what came back",
    "count_receipt": "counted a receipt that finance accepted", "drop_receipt": "opened what finance returned",
    "uncount_receipt": "opened what finance corrected",
    "forgo": "did without the last payment",
    "attached": "added a file",
    "hold": "put it on hold", "lift_hold": "ended the hold", "cancel": "cancelled the payment",
    "sent_to_bank": "sent it to the bank", "paid_by_bank": "recorded the bank's answer: paid",
    "hold_unsent": "kept it from the bank: the release is undone",
    "bounce": "undid the payment: the bank rejected it",
}  # fmt: skip


def receipts_of(part: Tranche, user: Any) -> dict[str, Any]:
    """Return the receipts of a payment, and what of them the user may do: asked once for all."""
    receipts = list(part.receipts.select_related("file", "by", "answered_by"))
    looks = part.waiting > 0 and may_look_at_receipts(part, user)
    corrects = part.accounted > 0 and accounts_not_closed.holds(part) and may_correct_receipt(part, user)
    return {
        "receipts": receipts, "corrects": corrects,
        "look_path": reverse("payment_receipts", args=[part.case, part.position]) if looks else "",
    }  # fmt: skip


class PartDetail(TemplateView):
    """One milestone, report or payment: its state, what it says, why not yet, and what I may do."""

    template_name = "fund/part_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the part, its facts, files, actions and timeline."""
        grant = visible_or_404(Grant, self.request.user, case=kwargs["case"])
        try:
            part = queries.part_of(grant, kwargs["kind"], kwargs["position"])
        except ObjectDoesNotExist as none:
            raise Http404 from none
        kind, place = part._meta.model_name, [grant.case, kwargs["position"]]
        found = available(part, self.request.user)
        own = {action.name for action in found} & set(OWN_PAGE)
        return {
            "grant": grant, "part": part, "part_kind": kind, "model_key": part._meta.label_lower,
            "actions": [action for action in found if action.name not in own],
            "form_path": reverse(FORMS[kwargs["kind"]], args=place) if own - {"return_rest"} else "",
            "rest_path": reverse("payment_rest", args=place) if "return_rest" in own else "",
            "waits_for_close_out": kind == "tranche" and part.is_last,
            **(receipts_of(part, self.request.user) if kind == "tranche" else {}),
            "files": part.files.select_related("file", "by") if kind == "milestone" else (),
            "reasons": explain(part, "unlock") if part.state == TrancheState.LOCKED else [],
            "facts": beside_report(part) if kind == "report" else [], "timeline": timeline_of(part, WORDS),
        }  # fmt: skip


class ReceiptFile(View):
    """The file of one receipt, for whoever sees the grant."""

    def get(self, request: HttpRequest, case: UUID, pk: int) -> HttpResponse:
        """Hand it out."""
        grant = visible_or_404(Grant, request.user, case=case)
        receipts = Receipt.objects.filter(tranche__grant=grant, pk=pk)
        return attachment_response(get_object_or_404(StoredFile, pk__in=receipts.values("file")))


class EvidenceFile(View):
    """A file that shows that a milestone is reached, for whoever sees the grant."""

    def get(self, request: HttpRequest, case: UUID, pk: int) -> HttpResponse:
        """Hand it out."""
        grant = visible_or_404(Grant, request.user, case=case)
        files = MilestoneFile.objects.select_related("file")
        return attachment_response(get_object_or_404(files, milestone__grant=grant, pk=pk).file)


class Readings(TemplateView):
    """The promised measure over time, and what was answered where one passed a stop rule."""

    template_name = "fund/readings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the readings."""
        grant = visible_or_404(Grant, self.request.user, case=kwargs["case"])
        user = cast(User, self.request.user)
        return {
            "grant": grant, "rows": queries.readings_of(grant), "terms": grant.terms,
            "works": may_work(grant, user) and grant.is_running, "leads": may_lead_grant(grant, user),
        }  # fmt: skip


class RecordReading(GrantForm):
    """Records the promised measure on a day."""

    form_class, title, button, records = ReadingForm, "Record a reading", "Record", Reading

    def refused(self) -> NotPossible | None:
        """Keep out all but the team."""
        allowed = may_work(self.grant, self.request.user)
        return None if allowed else NotPossible("Only the team records readings.", forbidden=True)

    def extras(self) -> dict[str, Any]:
        """Name the unit."""
        return {"terms": self.grant.terms}

    def apply(self, data: dict[str, Any]) -> None:
        """Record."""
        self.reading = read_measure(self.grant, by=cast(User, self.request.user), key=self.key, **data)

    def done(self) -> HttpResponse:
        """Go to the readings, or to the question that this one asks."""
        if self.reading.stops and may_lead_grant(self.grant, self.request.user):
            return redirect("stop_answer", case=self.grant.case, position=self.reading.pk)
        return redirect("readings", case=self.grant.case)


class AnswerStop(GrantForm):
    """The lead's answer to “go on, change or stop?”."""

    form_class, title, button = StopAnswerForm, "Go on, change or stop?", "Answer"

    def load(self, position: int | None) -> Any:
        """Return the reading."""
        return get_object_or_404(self.grant.readings.select_related("grant"), pk=position, stops=True)

    def refused(self) -> NotPossible | None:
        """Keep out all but lead and deputy."""
        allowed = may_lead_grant(self.grant, self.request.user)
        return None if allowed else NotPossible("The lead or the deputy lead answers this.", forbidden=True)

    def apply(self, data: dict[str, Any]) -> None:
        """Answer."""
        self.answer = answer_stop(self.part, by=cast(User, self.request.user), **data)

    def done(self) -> HttpResponse:
        """Go where the answer leads."""
        to = {StopChoice.STOP: "grant_stop"}.get(StopChoice(self.answer.choice), "readings")
        return redirect(to, case=self.grant.case)
