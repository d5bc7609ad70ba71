"""Forms of what stands around the written sections: agencies, outside partners, data, attachments."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from documents.kinds import ACCEPTED
from people.fields import WholeField
from people.models import Agency

from .enums import DataAnswer, OutsideKind
from .form_base import line
from .models import Attachment


class PartnerForm(forms.Form):
    """What one agency gives."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label="Agency", empty_label="Choose an agency")
    days = WholeField(
        label="Working days a month it gives", min_value=1, max_value=200,
        help_text="For all its people together. Its approver agrees to this number.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    contribution = line("What will it do?", "For example: two nurses test the form on the ward.", 300)

    def __init__(self, *args: Any, agencies: QuerySet[Agency] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agencies is None:
            self.fields.pop("agency")
        else:
            self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    def show_choices(self, agencies: Iterable[Agency]) -> None:
        """Show these agencies, read already, as the choices; what is sent is looked up all the same."""
        found = [(agency.pk, str(agency)) for agency in agencies]
        self.fields["agency"].choices = [("", "Choose an agency"), *found]  # type: ignore[attr-defined]


class OutsideForm(forms.Form):
    """A partner outside government; it gives, and gets no money from the fund."""

    name = line("Name of the partner")
    kind = forms.ChoiceField(label="What is it?", choices=[("", "Choose"), *OutsideKind.choices])
    contribution = line(
        "What does it give?", "For example: ten days of a programmer. It gets no money from the fund.", 300
    )
    interests = line(
        "What interest does it have in the result?",
        "For example: it sells the software. Write “none known” if you asked and there is none.",
        300,
    )
    letter = forms.ModelChoiceField(
        Attachment.objects.none(), label="Its letter, if you have one", required=False, empty_label="No letter yet",
        help_text="Attach the letter to the proposal first; then it can be chosen here.",
    )  # fmt: skip

    def __init__(self, *args: Any, attachments: QuerySet[Attachment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["letter"].queryset = attachments  # type: ignore[attr-defined]


class DataNeedForm(forms.Form):
    """Data that another agency holds."""

    dataset = line("Which data do you need?", "For example: birth registrations by chiwog and month.")
    owner = forms.ModelChoiceField(
        Agency.objects.none(), label="Which agency holds it?", empty_label="Choose an agency"
    )
    answer = forms.ChoiceField(label="How far are you?", choices=[("", "Choose"), *DataAnswer.choices])

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = agencies  # type: ignore[attr-defined]


class AttachmentForm(forms.Form):
    """One file with what it shows. What the file is, the service judges."""

    file = forms.FileField(
        label="File", required=False, allow_empty_file=True,
        help_text="PDF, Word, Excel, PowerPoint, PNG, JPEG, text or CSV; at most 10 MB. Choose it or drag it here.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip
    description = forms.CharField(label="What does it show?", required=False, max_length=200)
