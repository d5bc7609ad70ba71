"""All questions of a call on one page, to print and to prepare."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.views.generic import DetailView

from fund.enums import Stage
from fund.models import Call
from people.models import Agency

from ..lane import keys_in
from ..models import Attachment
from ..part_forms import DataNeedForm, OutsideForm, PartnerForm
from ..sections import form_in


@dataclass(frozen=True)
class Asked:
    """One standard question with its hint, its limit and its choices."""

    label: str
    help: str


@dataclass(frozen=True)
class Standard:
    """One section of standard questions."""

    title: str
    rows: list[Asked]


def standard_questions(call: Call) -> list[Standard]:
    """Return what every proposal to the call answers, in the order of the form; of a list its first row."""
    found = [Standard(key.label, _asked(form_in(call, key)())) for key in keys_in(call)]
    if call.stage == Stage.SPARK:
        return found
    none = Agency.objects.none()
    return [
        *found,
        Standard("Partner agencies, for each", _asked(PartnerForm(agencies=none))),
        Standard("Partners outside government, for each", _asked(OutsideForm(attachments=Attachment.objects.none()))),
        Standard("Data of other agencies, for each", _asked(DataNeedForm(agencies=none))),
    ]


def _asked(form: forms.Form) -> list[Asked]:
    return [Asked(str(field.label), _help(field)) for field in form.fields.values() if field.label]


def _help(field: forms.Field) -> str:
    """Return hint, limit and choices of one question."""
    parts = [str(field.help_text)]
    if isinstance(field, forms.ModelChoiceField):
        return parts[0]
    if isinstance(field, forms.ChoiceField):
        labels = [str(label) for value, label in field.choices if value]  # type: ignore[misc, union-attr]
        parts.append(f"One of: {', '.join(labels)}.")
    limit = getattr(field, "limit", None)
    parts.append(f"At most {limit:,} characters." if limit and f"at most {limit:,}" not in parts[0] else "")
    parts.append("A day." if isinstance(field, forms.DateField) else "")
    parts.append("A number." if isinstance(field, forms.IntegerField | forms.DecimalField) else "")
    return " ".join(part for part in parts if part)


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
