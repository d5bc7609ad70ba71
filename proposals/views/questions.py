"""All questions of a call on one page, to print and to prepare."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.views.generic import DetailView

from fund.models import Call

from ..lane import keys_in
from ..sections import form_in


@dataclass(frozen=True)
class Asked:
    """One standard question with its hint."""

    label: str
    help: str


@dataclass(frozen=True)
class Standard:
    """One section of standard questions."""

    title: str
    rows: list[Asked]


def standard_questions(call: Call) -> list[Standard]:
    """Return what every proposal to the call answers, in the order of the form; of a list its first row."""
    return [
        Standard(key.label, [Asked(str(f.label), str(f.help_text)) for f in fields.values() if f.label])
        for key in keys_in(call)
        for fields in [form_in(call, key)().fields]
    ]


@method_decorator(login_not_required, name="dispatch")
class CallQuestions(DetailView[Call]):
    """The standard questions and the call's own, for everybody who sees the call."""

    template_name = "proposals/call_questions.html"
    slug_field = slug_url_kwarg = "reference"

    def get_queryset(self) -> QuerySet[Call]:
        """Return visible calls."""
        return Call.objects.visible_to(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the questions."""
        own = self.object.questions.select_related("shown_if")
        return super().get_context_data(standard=standard_questions(self.object), questions=own, **kwargs)
