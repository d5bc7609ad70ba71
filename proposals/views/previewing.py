"""A call's form as an applicant sees it, for the office before the call opens. Nothing that is typed is kept."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from fund.models import Call
from fund.policies import sees_drafts
from people.views import visible_or_404

from ..enums import SectionKey
from ..forms import SectionForm, requested_in
from ..lane import keys_in
from ..sections import Written, sections_in

EXAMPLES = (("lead", "Your own agency"), ("partner", "A partner agency"))  # the budget asks who uses the money


@dataclass(frozen=True)
class Tried:
    """What came of a save: `missing` is what sending would still ask for."""

    missing: list[str]


class Preview(View):
    """Base: the office finds the form of any call; others find nothing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Load the call and its sections."""
        self.call = cast(Call, visible_or_404(Call, request.user, reference=kwargs["reference"]))
        if not sees_drafts(self.call, request.user):
            raise Http404
        self.sections = sections_in(self.call, EXAMPLES)
        return super().dispatch(request, *args, **kwargs)

    @property
    def small(self) -> bool:
        """Tell whether the call gives small ideas, which have pages in a row instead of a task list."""
        return SectionKey.SPARK in keys_in(self.call)


class PreviewTasks(Preview):
    """The tasks in the order of the form."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show them, none of them begun."""
        context = {"call": self.call, "sections": self.sections, "small": self.small}
        return render(request, "proposals/preview_tasks.html", context)


class PreviewSection(Preview):
    """One section: what is typed is checked as an applicant's would be, shown again, and kept nowhere."""

    def get(self, request: HttpRequest, reference: str, key: str) -> HttpResponse:
        """Show the empty form."""
        section = self._section(key)
        return self._page(section, section.form())

    def post(self, request: HttpRequest, reference: str, key: str) -> HttpResponse:
        """Check what was typed."""
        section = self._section(key)
        form = section.form(request.POST)
        if not form.is_valid():
            return self._page(section, form)
        answers = form.answers()
        return self._page(section, section.form(initial=answers), Tried(section.problems(answers)), answers)

    def _section(self, key: str) -> Written:
        found = next((section for section in self.sections if section.key == key), None)
        if found is None:
            raise Http404
        return found

    def _page(
        self, section: Written, form: SectionForm, tried: Tried | None = None, answers: dict[str, str] | None = None
    ) -> HttpResponse:
        place = self.sections.index(section)
        context: dict[str, Any] = {
            "call": self.call, "key": section.key, "form": form, "tried": tried, "has_errors": bool(form.errors),
            "after": self.sections[place + 1] if place + 1 < len(self.sections) else None, "small": self.small,
        }  # fmt: skip
        if section.key == SectionKey.BUDGET and not self.small:
            requested = requested_in(answers or {})
            over = max(requested - self.call.ceiling, 0) if self.call.ceiling else 0
            context |= {"requested": requested, "ceiling": self.call.ceiling, "over": over}
        return render(self.request, "proposals/preview_section.html", context, status=400 if form.errors else 200)
