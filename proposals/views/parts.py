"""A page that adds, changes or takes out one part of a draft, which somebody else may have open as well."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from lifecycle.errors import NotPossible
from people.clashes import Merge, as_sent, labels_of, merged, rows_of, shown, taken, with_errors
from people.views import whole

from ..services import parts
from .base import DraftPart

WAS = "was_"  # before a name: what stood there when the page was opened
TRIES = 3  # others may save once more while one merges


@dataclass(frozen=True)
class Opened:
    """What a page was opened with: the row's number of edits, and its answers."""

    edit: int
    was: dict[str, str]


def opened_in(said: QueryDict) -> Opened:
    """Return what a sent page says that it was opened with."""
    was = {name[len(WAS) :]: str(text) for name, text in said.items() if name.startswith(WAS)}
    return Opened(whole(said.get("edit")), was)


class PartForm(DraftPart):
    """Adds one part, changes it, or takes it out. What others changed or took out meanwhile is shown, never lost."""

    template_name = "proposals/part_form.html"
    back = add = "proposal_partners"  # where to go after it, and where a part is added
    title = ""
    gone = False

    def find(self, rows: QuerySet[Any], pk: Any) -> Any:
        """Return the row; None for a new one, or for one that was taken out since its form was opened; else Http404."""
        found = rows.filter(pk=pk).first() if pk else None
        sent = self.request.method == "POST" and "edit" in self.request.POST
        self.gone = bool(pk) and found is None
        if self.gone and (not sent or rows.model.objects.filter(pk=pk).exists()):
            raise Http404
        return found

    def form(self, data: Any = None, files: Any = None) -> forms.Form:
        """Return the form, filled from the part at first."""
        raise NotImplementedError

    def save(self, form: forms.Form) -> None:
        """Write; NotPossible is shown beside the form."""
        raise NotImplementedError

    def remove(self) -> None:
        """Take the part out."""
        raise NotImplementedError

    def labels(self) -> dict[str, str]:
        """Return the labels of the part's form."""
        return {name: str(field.label or name) for name, field in self.form().fields.items()}

    def held(self) -> dict[str, str]:
        """Return what the part says, as the page keeps it to tell later what its writer changed."""
        return as_sent(self.form())

    def must_be_sent_again(self, opened: Opened) -> str:
        """Return the field of a file that cannot be put beside what the other saved, or nothing."""
        return ""

    @property
    def now(self) -> Opened:
        """Return what a page is opened with now."""
        return Opened(self.part.edit, self.held()) if self.part is not None else Opened(0, {})

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form; ask first when agreements would fall."""
        return self.sure(request, self.title) or self._page(self.form(), self.now)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save or take out."""
        if self.gone:
            return self._after_removal()
        opened = opened_in(request.POST)
        form = self.form(request.POST, request.FILES)
        try:
            if self.part is not None and "remove" in request.POST:
                return self._remove(opened)
            if not form.is_valid():
                return self._page(form, opened)
            return self._change(form, opened) if self.part is not None else self._add(form)
        except parts.Gone:
            return self._after_removal()
        except NotPossible as no:
            if self.moved_on():
                return self.refused(no)
            form.is_valid()
            form.add_error("file" if "file" in form.fields else None, no.reason)
            return self._page(form, opened)

    def _add(self, form: forms.Form) -> HttpResponse:
        self.save(form)
        return self._done("Saved.")

    def _remove(self, opened: Opened) -> HttpResponse:
        """Take out what its reader has seen; what another changed meanwhile is shown first."""
        if self.part.edit == opened.edit:
            try:
                self.remove()
                return self._done("Taken out.")
            except parts.Overtaken:
                self.part = self.load(self.part.pk)
        return self._page(self.form(), self.now, overtaken=self.part)

    def _change(self, form: forms.Form, opened: Opened) -> HttpResponse:
        """Save, merged with what others saved meanwhile; ask where both changed the same answer."""
        asked = self.request.POST.getlist("asked")
        rows = with_errors(rows_of(form, as_sent(form), opened.was, shown, asked))
        if missing := [row for row in rows if "error" in row]:
            return self._page(form, opened, rows=rows, undecided=missing, theirs=self.part)
        mine = taken(form, as_sent(form), opened.was)
        for _ in range(TRIES):
            beside = self.part.edit != opened.edit
            found = merged(opened.was or None, mine, as_sent(self.form())) if beside else Merge(mine, [], [])
            field = self.must_be_sent_again(opened) if beside else ""
            if found.asked or field:
                return self._clash(form, mine, found, field)
            form = self.form(found.answers, self.request.FILES)
            if not form.is_valid():
                return self._page(form, self.now)
            try:
                self.save(form)
            except parts.Overtaken:
                self.part = self.load(self.part.pk)
            else:
                return self._done("Saved.", labels_of(form, found.brought))
        return self._page(form, opened, overtaken=self.part)

    def _clash(self, sent: forms.Form, mine: dict[str, str], found: Merge, field: str) -> HttpResponse:
        """Show the merge, both texts of what is asked, and which file has to be chosen again."""
        rows = rows_of(sent, mine, as_sent(self.form()), shown, found.asked)
        form = self.form(found.answers)
        if field:
            form.add_error(field, "Somebody put another file in its place meanwhile. Choose yours again to replace it.")
        return self._page(form, self.now, rows=rows, theirs=self.part, brought=labels_of(form, found.brought))

    def _done(self, words: str, brought: str = "") -> HttpResponse:
        messages.success(self.request, words)
        if brought:
            who = self.part.edited_by.full_name if self.part.edited_by else "Somebody"
            messages.info(self.request, f"{who} changed {brought} in the meantime. Both changes are kept.")
        return redirect(self.back, case=self.proposal.case)

    def _after_removal(self) -> HttpResponse:
        """Show what was typed into a part that is gone, and the way to add it again."""
        if "remove" in self.request.POST:
            messages.info(self.request, "Somebody of your team has taken it out already.")
            return redirect(self.back, case=self.proposal.case)
        self.part = None
        address = reverse(self.add, args=[self.proposal.case])
        return self._page(self.form(self.request.POST), Opened(0, {}), gone=address)

    def _page(self, form: forms.Form, opened: Opened, **extra: Any) -> HttpResponse:
        context = {
            "proposal": self.proposal, "part": self.part, "form": form, "title": self.title, "back": self.back,
            "has_errors": bool(form.errors or "undecided" in extra), "opened": opened, "was": opened.was.items(),
            **self.around(), **extra,
        }  # fmt: skip
        bad = 400 if context["has_errors"] else 200
        stale = {"rows", "overtaken", "gone", "theirs"} & set(extra)
        return render(self.request, self.template_name, context, status=409 if stale and bad == 200 else bad)

    def around(self) -> dict[str, Any]:
        """Return what else the page shows."""
        return {}
