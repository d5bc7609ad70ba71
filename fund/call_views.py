"""The office's pages of a call: set-up task by task, check and approval, more time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from lifecycle.errors import NotPossible
from lifecycle.performing import explain, refusal, rule_of
from people.clashes import as_sent, labels_of, merged, rows_of, shown, taken, with_errors
from people.models import User
from people.queries import find_civil_servant
from people.timeline import timeline_of
from people.views import visible_or_404

from . import set_up
from .call_forms import (
    ApproveForm,
    BasicsForm,
    CriteriaForm,
    DatesForm,
    DoneForm,
    ExtendForm,
    MoneyForm,
    NewCallForm,
    QuestionForm,
    RulesForm,
    TaskForm,
    reference_for,
)
from .call_queries import WORDS, last_save
from .enums import HIDDEN, CallState, CallTask, QuestionKind
from .models import Call, Question
from .people_check import checks_of
from .policies import may_approve, may_extend, may_set_up, sees_drafts
from .services import call_setup, calls, extensions

FORMS: dict[CallTask, type[TaskForm]] = {
    CallTask.BASICS: BasicsForm, CallTask.DATES: DatesForm, CallTask.RULES: RulesForm, CallTask.QUESTIONS: DoneForm,
}  # fmt: skip


class NewCall(View):
    """Begins a call, empty or as a copy; only the secretariat finds the page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to everybody else."""
        if not may_set_up(None, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for a title."""
        return self._page(NewCallForm(past=self._past()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin the set-up and show its task list."""
        form = NewCallForm(request.POST, past=self._past())
        if not form.is_valid():
            return self._page(form)
        mark, by = form.cleaned_data["begin"], cast(User, request.user)
        call = calls.begin_once(mark, by=by, begin=lambda: self._begun(form.cleaned_data))
        messages.success(request, f"Begun: {call.reference}. Nobody outside the fund's office sees it yet.")
        return redirect("call_set_up", reference=call.reference)

    def _past(self) -> Any:
        return Call.objects.real().exclude(state__in=HIDDEN).order_by("-opens_at")

    def _begun(self, said: dict[str, Any]) -> Call:
        by, past, mark = cast(User, self.request.user), said["copy_of"], said["begin"]
        stage = past.stage if past else said["stage"]
        reference = reference_for(stage, said["title"], Call.objects.values_list("reference", flat=True))
        if past:
            return calls.copy_call(past, by=by, reference=reference, title=said["title"], mark=mark)
        said = {name: said[name] for name in ("title", "kind")}
        return calls.start_call(by=by, reference=reference, stage=stage, mark=mark, **said)

    def _page(self, form: forms.Form) -> HttpResponse:
        context = {"form": form, "title": "Prepare a call", "button": "Begin", "has_errors": bool(form.errors)}
        return render(self.request, "fund/call_form.html", context, status=400 if form.errors else 200)


class OfCall(View):
    """Base: loads the call that one may see, and keeps out who may not do what the page is for."""

    call: Call
    who = may_set_up
    drafts_only = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load, refuse, or lead back to the call's page when it is no longer a draft."""
        self.call = visible_or_404(Call, request.user, reference=kwargs["reference"])
        if not sees_drafts(self.call, request.user):
            raise Http404
        if not type(self).who(self.call, request.user):
            raise PermissionDenied
        if self.drafts_only and self.call.state != CallState.DRAFT:
            messages.error(request, "This call was handed over. Take it back first if it has to change.")
            return redirect(self.call)
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> User:
        """Return who acts."""
        return cast(User, self.request.user)

    def page(self, template: str, form: Any = None, **extra: Any) -> HttpResponse:
        """Return the page; 400 when something has to be corrected."""
        bad = bool(form is not None and form.errors)
        context = {"call": self.call, "form": form, "has_errors": bad, **extra}
        undecided = "undecided" in extra
        status = 409 if "theirs" in extra and not undecided else 400 if bad or undecided else 200
        return render(self.request, template, context, status=status)

    def clash(
        self, form: forms.Form, page: Callable[..., HttpResponse], stored: dict[str, str], action: str
    ) -> HttpResponse:
        """Show both texts with who saved the other and when; nothing was written, and nothing is chosen beforehand.

        What only the other changed stands in the form already.
        """
        found = merged(self._began(form), as_sent(form), stored)
        rows = rows_of(form, as_sent(form), stored, shown, found.asked)
        merge = type(self)._form(self, found.answers) if found.brought else form  # type: ignore[attr-defined]
        return page(merge, rows=rows, theirs=last_save(self.call, action), brought=labels_of(merge, found.brought))

    def undecided(self, form: forms.Form, stored: dict[str, str]) -> list[dict[str, Any]]:
        """Return the rows of a sent clash page where one of them has no choice yet, else nothing."""
        rows = with_errors(rows_of(form, as_sent(form), stored, shown, self.request.POST.getlist("asked")))
        return rows if any("error" in row for row in rows) else []

    def _open(self, form: forms.Form, rows: list[dict[str, Any]], action: str) -> dict[str, Any]:
        """Return what the clash page shows again; it still knows what was seen, so that a third save clashes too."""
        return {
            "rows": rows, "undecided": [row for row in rows if "error" in row], "has_errors": True,
            "theirs": last_save(self.call, action), "seen": self.request.POST.get("seen"),
            "was": (self._began(form) or {}).items(),
        }  # fmt: skip

    def _began(self, form: forms.Form) -> dict[str, str] | None:
        """Return what the sent page was opened with; not told of criteria, whose rows can move."""
        said = {name[4:]: str(text) for name, text in self.request.POST.items() if name.startswith("was_")}
        return None if isinstance(form, CriteriaForm) else said or None

    def was(self, form: forms.Form, now: forms.Form) -> Any:
        """Return what the page keeps of what it was opened with."""
        began = self._began(form) if form.errors else None
        return (began or as_sent(now)).items()


class SetUp(OfCall):
    """The task list of a call in preparation."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the tasks and what happened."""
        tasks = set_up.tasks_of(self.call)
        done = sum(task.done for task in tasks)
        return self.page("fund/call_set_up.html", tasks=tasks, done=done, timeline=timeline_of(self.call, WORDS))


class EditTask(OfCall):
    """One task on one page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse a task that does not exist."""
        if kwargs["task"] not in CallTask.values:
            raise Http404
        self.task = CallTask(kwargs["task"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what is stored."""
        return self._page(self._form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; a task is marked as completed only when nothing is missing. A clash shows both texts."""
        sent, stored = self._form(request.POST), as_sent(self._form())
        if rows := self.undecided(sent, stored):
            return self._page(sent, **self._open(sent, rows, f"set_{self.task}"))
        form = self._form(taken(sent, as_sent(sent), stored))
        if not form.is_valid():
            return self._page(form)
        try:
            self._save(form, form.cleaned_data["done"] == "yes")
        except call_setup.Clash:
            return self.clash(form, self._page, as_sent(self._form()), f"set_{self.task}")
        except NotPossible as no:
            form.add_error(None, no.reason)
            return self._page(form)
        messages.success(request, f"Saved: {self.task.label.lower()}.")
        return redirect("call_set_up", reference=self.call.reference)

    def _form(self, data: Any = None) -> TaskForm:
        initial = initial_of(self.call) | {"done": "yes" if self.task in self.call.tasks_done else "no"}
        if self.task == CallTask.CRITERIA:
            return CriteriaForm(data, initial=initial, criteria=self.call.criteria.all())
        if self.task == CallTask.MONEY:
            return MoneyForm(data, initial=initial, reader=self.by)
        return FORMS[self.task](data, initial=initial)

    def _save(self, form: TaskForm, done: bool) -> None:
        seen = self.request.POST.get("seen")
        if isinstance(form, CriteriaForm):
            call_setup.save_criteria(self.call, by=self.by, rows=form.rows(), done=done, seen=seen)
        else:
            values = form.values()
            call_setup.save_task(self.call, by=self.by, task=self.task, values=values, done=done, seen=seen)

    def _page(self, form: TaskForm, **extra: Any) -> HttpResponse:
        special = {CallTask.CRITERIA: "fund/call_criteria.html", CallTask.QUESTIONS: "fund/call_own_questions.html"}
        seen = self.request.POST.get("seen") if form.errors else call_setup.print_of(self.call, self.task)
        shown = {"task": self.task, "questions": self.call.questions.select_related("shown_if"), "seen": seen}
        shown["was"] = self.was(form, self._form())
        return self.page(special.get(self.task, "fund/call_task.html"), form, **(shown | extra))


def initial_of(call: Call) -> dict[str, Any]:
    """Return the stored values as the forms show them."""
    columns = {name: getattr(call, name) for names in call_setup.COLUMNS.values() for name in names}
    return columns | {
        "ceiling": f"{call.ceiling / 100:g}" if call.ceiling % 100 else call.ceiling // 100,
        "opens_on": timezone.localtime(call.opens_at).date(),
        "last_day": timezone.localtime(call.closes_at - timedelta(seconds=1)).date() if call.closes_at else None,
        "sectors": [row.sector for row in call.sectors.all()],
    }


class EditQuestion(OfCall):
    """One own question: new, changed, moved up or taken out."""

    question: Question | None = None

    def get(self, request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
        """Show the form."""
        self._load(pk)
        return self._page(self._form())

    def post(self, request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
        """Save, move or remove."""
        self._load(pk)
        sent, stored = self._form(request.POST), as_sent(self._form())
        step = request.POST.get("step", "save")
        rows = self.undecided(sent, stored) if step == "save" else []
        if rows:
            return self._page(sent, **self._open(sent, rows, "question_saved"))
        form = self._form(taken(sent, as_sent(sent), stored))
        if step == "save" and not form.is_valid():
            return self._page(form)
        try:
            self._do(step, form)
        except call_setup.Clash:
            self._load(pk)
            return self.clash(form, self._page, as_sent(self._form()), "question_saved")
        except NotPossible as no:
            messages.error(request, no.reason)
        return redirect("call_task", reference=reference, task=CallTask.QUESTIONS)

    def _load(self, pk: int | None) -> None:
        self.question = get_object_or_404(self.call.questions, pk=pk) if pk else None

    def _do(self, step: str, form: QuestionForm) -> None:
        if step == "save":
            seen = self.request.POST.get("seen") if self.question else None
            values = form.cleaned_data
            call_setup.save_question(self.call, by=self.by, question=self.question, values=values, seen=seen)
        elif self.question is not None and step == "up":
            call_setup.move_question(self.call, by=self.by, question=self.question)
        elif self.question is not None and step == "remove":
            call_setup.remove_question(self.call, by=self.by, question=self.question)

    def _form(self, data: Any = None) -> QuestionForm:
        row = self.question
        earlier = self.call.questions.filter(kind=QuestionKind.CHOICE)
        initial: dict[str, Any] = {"limit": 500, "required": True}
        if row is not None:
            earlier = earlier.filter(position__lt=row.position)
            names = ("text", "help_text", "kind", "limit", "required", "hidden", "shown_if", "shown_value")
            initial = {name: getattr(row, name) for name in names}
            initial |= {"choices": "\n".join(row.choices), "columns": "\n".join(row.columns)}
        return QuestionForm(data, initial=initial, earlier=earlier)

    def _page(self, form: QuestionForm, **extra: Any) -> HttpResponse:
        now = call_setup.print_of_question(self.question) if self.question else ""
        seen = self.request.POST.get("seen") if form.errors else now
        held = {"question": self.question, "seen": seen, "was": self.was(form, self._form())}
        return self.page("fund/call_question_form.html", form, **(held | extra))


class CheckCall(OfCall):
    """Everything that was set, read by the whole office; while it is prepared also what is missing and what changed."""

    who = sees_drafts
    drafts_only = False

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show it."""
        tasks, newest = set_up.tasks_of(self.call), self.call.versions.last()
        facts, draft = set_up.facts_of(self.call), self.call.state == CallState.DRAFT
        return self.page(
            "fund/call_check.html", missing=[task for task in tasks if draft and not task.done], facts=facts.items(),
            obstacles=explain(self.call, "hand_over"), newest=newest, pays=set_up.money_of(self.call, self.by),
            hands_over=draft and may_set_up(self.call, self.by),
            changes=set_up.differences(newest.facts, facts) if newest and draft else [],
        )  # fmt: skip

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Hand over."""
        if not may_set_up(self.call, self.by):
            raise PermissionDenied
        try:
            calls.hand_over(self.call, by=self.by)
        except NotPossible as no:
            messages.error(request, no.reason)
            return redirect("call_check", reference=reference)
        messages.success(request, "Handed over. The head of secretariat has been told.")
        return redirect(self.call)


class CallPeople(OfCall):
    """Whether the people suffice; here the head approves, with too few only for a reason."""

    who = sees_drafts
    drafts_only = False

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show every check, and the version that is asked about with what changed since the one before."""
        return self._page(ApproveForm())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Approve."""
        if not may_approve(self.call, request.user):
            raise PermissionDenied
        form = ApproveForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        try:
            calls.approve(self.call, by=self.by, note=form.cleaned_data["note"])
        except NotPossible as no:
            if no.forbidden:
                raise PermissionDenied(no.reason) from no
            form.add_error("note", no.reason)
            return self._page(form)
        messages.success(request, "Approved. It opens by itself on its day.")
        return redirect(self.call)

    def _page(self, form: ApproveForm) -> HttpResponse:
        checks, versions = checks_of(self.call), list(self.call.versions.order_by("-number")[:2])
        no = refusal(self.call, rule_of(self.call, "approve"), self.request.user)
        return self.page(
            "fund/call_people.html", form, checks=checks, pays=set_up.money_of(self.call, self.by),
            short=any(check.short for check in checks), may_approve=no is None,
            why_not=no.reason if no and not no.forbidden and self.call.state == CallState.HANDED_OVER else "",
            version=versions[0] if versions else None,
            changes=set_up.differences(versions[1].facts, versions[0].facts) if len(versions) == 2 else [],
        )  # fmt: skip


class ExtendCall(OfCall):
    """More time, for all or for one person, with the reason."""

    who = may_extend
    drafts_only = False

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the present end and what was given so far."""
        return self._page(ExtendForm())

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Give more time."""
        form = ExtendForm(request.POST)
        if form.is_valid():
            try:
                self._extend(form)
            except NotPossible as no:
                form.add_error("last_day", no.reason)
            else:
                if not form.errors:
                    messages.success(request, form.given())
                    return redirect(self.call)
        return self._page(form)

    def _extend(self, form: ExtendForm) -> None:
        who = form.cleaned_data["who"]
        person = find_civil_servant(who) if who else None
        if who and person is None:
            form.add_error("who", "No civil servant has this e-mail address or employee number.")
            return
        reason = form.cleaned_data["reason"]
        extensions.extend(self.call, by=self.by, until=form.until(), reason=reason, person=person)

    def _page(self, form: ExtendForm) -> HttpResponse:
        given = self.call.extensions.select_related("person", "by")
        return self.page("fund/call_extend.html", form, given=given)
