"""Pages of a grant: the list, the grant itself, and the forms of its team."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import DetailView, ListView, View

from documents.errors import FileRefused
from lifecycle import clock, trail
from lifecycle.errors import NotPossible
from lifecycle.performing import available, refusal, rule_of
from people.models import User
from people.paging import OpenPaginator
from people.timeline import timeline_of
from people.views import visible_or_404

from . import grant_page, ledger_queries, queries
from .enums import CloseOutState, GrantState, MilestoneState, ReportState
from .forms import FieldNoteForm, MilestoneForm, ReportForm
from .models import FieldNote, Grant
from .money_views import year_asked
from .policies import may_audit, may_work, sees_money
from .report_start import beside_report, report_so_far
from .services.delivery import add_note, submit_milestone, submit_report
from .spent_forms import key_in
from .terms import in_words

WORDS = {
    "offered": "offered the grant",
    "sign_as_lead": "signed as lead",
    "sign_as_sponsor": "signed for the agency",
    "activate": "started the grant with the second signature",
    "decline": "declined the offer",
    "expire": "let the offer expire",
    "stop": "asked to stop early",
    "restate": "stated anew what is unspent",
    "stop_early": "confirmed the early stop",
    "complete": "completed the grant",
    "carried": "carried what is not paid into the next fiscal year",
    "unspent_lowered": "lowered what is unspent, because a payment was undone",
    "suspend": "suspended the grant",
    "resume": "let the grant go on",
    "terminate": "ended the grant for the board",
    "noted": "wrote a field note",
    "measured": "recorded a reading",
    "answered_stop": "answered “go on, change or stop?”",
}
NEXT = {
    GrantState.OFFERED: "Lead and agency approver sign the agreement. If they do not in time, the offer expires.",
    GrantState.ACTIVE: "The team works on its milestones; each accepted milestone opens the next payment.",
    GrantState.STOPPING: (
        "The secretariat confirms that the grant stops. The team accounts for what it spent and pays back the rest, "
        "before or after that."
    ),
    GrantState.SUSPENDED: "Nothing is paid or accepted until the head of secretariat lets it go on.",
    GrantState.TERMINATED: "The team accounts for what it was paid; then the lead fills in the close-out checklist.",
    GrantState.DECLINED: "Nothing more happens. The money is free for others.",
    GrantState.EXPIRED: "Nothing more happens. The money is free for others.",
    GrantState.STOPPED_EARLY: (
        "The team writes down what was learned, and accounts for what it spent; finance records what came back. When "
        "nothing is open and the lead has filled in the close-out checklist, finance closes the accounts."
    ),
    GrantState.COMPLETED: (
        "The lead claims the result, and fills in the close-out checklist: a last payment waits for it. "
        "Then finance closes the accounts."
    ),
}


class GrantList(ListView[Grant]):
    """The grants that one may see."""

    template_name = "fund/grant_list.html"
    paginate_by = 50
    paginator_class = OpenPaginator

    def asked(self) -> dict[str, str]:
        """Return the filters of the address."""
        query = self.request.GET
        return {
            "words": query.get("q", "").strip()[:100], "state": query.get("state", ""),
            "agency": query.get("agency", "")[:40], "due": query.get("due", ""),
        }  # fmt: skip

    def get_queryset(self) -> QuerySet[Grant]:
        """Return visible grants, narrowed."""
        return queries.grants_for(cast(User, self.request.user), **self.asked(), year=year_asked(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter's values, and to each grant what is due next."""
        user, asked, year = cast(User, self.request.user), self.asked(), year_asked(self.request)
        money = sees_money(None, user)
        context = super().get_context_data(**kwargs)
        return context | asked | {
            "rows": [(grant, *queries.next_due(grant)) for grant in context["object_list"]],
            "states": GrantState.choices, "agencies": queries.agencies_with_grants(user),
            "dues": queries.DUE_WORDS.items(), "narrowed": bool(year) or any(asked.values()), "filters": asked,
            "sees_money": money, "year": year, "years": ledger_queries.years_to_choose() if money else (),
        }  # fmt: skip


class GrantDetail(DetailView[Grant]):
    """One grant: what happens next, what waits for me, and everything that it consists of."""

    template_name = "fund/grant_detail.html"
    slug_field = slug_url_kwarg = "case"

    def get_object(self, queryset: QuerySet[Grant] | None = None) -> Grant:
        """Return what one may see."""
        found = grant_page.grant_page(self.kwargs["case"], cast(User, self.request.user))
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add parts, actions and timeline."""
        grant, user = self.object, cast(User, self.request.user)
        actions = available(grant, user)
        return super().get_context_data(
            next_step=NEXT[GrantState(grant.state)],
            waiting=queries.waiting_on(grant, user),
            findings=grant_page.findings_on(grant, user),
            may_audit=may_audit(grant, user),
            actions=[action for action in actions if action.name != "stop"],
            may_stop=any(action.name == "stop" for action in actions),
            model_key="fund.grant",
            terms=in_words(grant.terms),
            notes=grant_page.notes_on(grant),
            timeline=timeline_of(grant, WORDS),
            **kwargs,
        )


SENT_BACK = (MilestoneState.RETURNED, ReportState.RETURNED, CloseOutState.TO_DO)


def too_late(form: Any, no: NotPossible) -> Any:
    """Return the form with what was typed, and why it can no longer be sent: somebody else was first."""
    form.is_valid()
    form.errors.clear()
    form.add_error(None, f"{no.reason} Nothing of yours was sent. Copy from below what you want to keep.")
    form.late = True
    return form


def of_file(no: NotPossible) -> bool:
    """Tell whether a file is what was refused."""
    return isinstance(no.__cause__, FileRefused)


def file_field(form: forms.Form) -> str | None:
    """Return the name of the field in which files are chosen."""
    return next((name for name, field in form.fields.items() if isinstance(field, forms.FileField)), None)


def why_returned(part: Any) -> str:
    """Return why an officer sent the part back, while it waits to be handed in again."""
    if getattr(part, "state", "") not in SENT_BACK:
        return ""
    entry = trail.entries_of(part).filter(action="send_back").first()
    return entry.payload.note if entry else ""


class GrantForm(View):
    """Base of the team's forms: load, refuse early, check, act, return to the grant."""

    form_class: type[forms.Form]
    title = ""
    name = ""  # of the transition
    button = "Send"
    said = ""  # once it is done, where “Done: title” says too little
    records: type[Model] | None = None  # of which one opened page makes one row, however often its button is pressed

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the grant and the part that the form is about."""
        self.grant = visible_or_404(Grant, request.user, case=kwargs["case"])
        self.part = self.load(kwargs.get("position"))
        self.key = key_in(request.POST) if self.records else None
        return super().dispatch(request, *args, **kwargs)

    def is_repeated(self) -> bool:
        """Tell whether the same page was recorded before: the answer is the first one's, not why it cannot be now."""
        return bool(self.records and self.key and self.records._base_manager.filter(key=self.key).exists())

    def load(self, position: int | None) -> Any:
        """Return the object of the transition."""
        return self.grant

    def refused(self) -> NotPossible | None:
        """Return why the person may not, before anything is typed."""
        return refusal(self.part, rule_of(self.part, self.name), self.request.user)

    def extras(self) -> dict[str, Any]:
        """Return further arguments of the form."""
        return {}

    def beside(self) -> dict[str, Any]:
        """Return what the page shows besides the form."""
        return {}

    def apply(self, data: dict[str, Any]) -> None:
        """Do it; NotPossible is shown beside the form."""
        raise NotImplementedError  # each form of a grant has its own

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the empty form."""
        no = self.refused()
        if no is not None:
            return self._back(request, no)
        return self._page(request, self.form_class(**self.extras()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Act on a valid form."""
        no = None if self.is_repeated() else self.refused()
        if no is not None and no.forbidden:
            return self._back(request, no)
        form = self.form_class(request.POST, request.FILES, **self.extras())
        if no is not None:
            return self._page(request, too_late(form, no))
        if form.is_valid():
            try:
                self.apply(form.cleaned_data)
            except NotPossible as refused:
                again = " Your text is kept; choose the files again." if request.FILES else ""
                form.add_error(file_field(form) if of_file(refused) else None, refused.reason + again)
            else:
                messages.success(request, self.said or f"Done: {self.title.lower()}.")
                return self.done()
        return self._page(request, form)

    def done(self) -> HttpResponse:
        """Return to the grant."""
        return redirect(self.grant)

    def _back(self, request: HttpRequest, no: NotPossible) -> HttpResponse:
        if no.forbidden:
            raise PermissionDenied(no.reason)
        messages.error(request, no.reason)
        return redirect(self.grant)

    def _page(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        context = self.beside() | {
            "form": form, "grant": self.grant, "part": self.part, "title": self.title, "button": self.button,
            "has_errors": bool(form.errors), "late": getattr(form, "late", False),
            "why_returned": why_returned(self.part), "once": uuid4() if self.records else None,
        }  # fmt: skip
        return render(request, "fund/grant_form.html", context, status=400 if form.errors else 200)


class SubmitMilestone(GrantForm):
    """Hands in a milestone."""

    form_class, title, name, button = MilestoneForm, "Hand in a milestone", "submit", "Hand in"

    def load(self, position: int | None) -> Any:
        """Return the milestone."""
        return get_object_or_404(self.grant.milestones.select_related("grant"), position=position)

    def extras(self) -> dict[str, Any]:
        """Start from what was handed in before."""
        return {"initial": {"evidence": self.part.evidence}}

    def beside(self) -> dict[str, Any]:
        """Show the files that were handed in before."""
        return {"files": self.part.files.select_related("file")}

    def apply(self, data: dict[str, Any]) -> None:
        """Hand in."""
        submit_milestone(self.part, by=cast(User, self.request.user), **data)


class SubmitReport(GrantForm):
    """Hands in the report on a milestone."""

    form_class, title, name, button = ReportForm, "Write a report", "submit", "Hand in"

    def load(self, position: int | None) -> Any:
        """Return the report."""
        return get_object_or_404(self.grant.reports.select_related("grant", "milestone"), milestone__position=position)

    def extras(self) -> dict[str, Any]:
        """Start from what was handed in before, else from field notes and readings."""
        return {"initial": report_so_far(self.part)}

    def beside(self) -> dict[str, Any]:
        """Show the promise, the figures and the money above the form."""
        return {"facts": beside_report(self.part), "readings_path": reverse("readings", args=[self.grant.case])}

    def apply(self, data: dict[str, Any]) -> None:
        """Hand in."""
        submit_report(self.part, by=cast(User, self.request.user), **data)


class SubmitQuarter(SubmitReport):
    """Hands in the report on a quarter."""

    title = "Write the quarterly report"

    def load(self, position: int | None) -> Any:
        """Return the report."""
        return get_object_or_404(self.grant.reports.select_related("grant"), quarter=position)


class WriteNote(GrantForm):
    """Writes a field note."""

    form_class, title, button, records = FieldNoteForm, "Write a field note", "Save the note", FieldNote

    def extras(self) -> dict[str, Any]:
        """Propose today."""
        return {"initial": {"happened_on": clock.today()}}

    def refused(self) -> NotPossible | None:
        """Keep out all but the team."""
        allowed = may_work(self.grant, self.request.user)
        return None if allowed else NotPossible("Only the team writes field notes.", forbidden=True)

    def apply(self, data: dict[str, Any]) -> None:
        """Save."""
        add_note(self.grant, by=cast(User, self.request.user), key=self.key, **data)
