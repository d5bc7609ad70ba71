"""Forms of the room."""

import json
import re
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet

from documents.kinds import ACCEPTED
from fund.models import Grant
from people.fields import DayField, NumberField, WholeField
from people.models import Agency, User
from people.queries import find_person
from proposals.models import Proposal

from .enums import (
    FACT_VALUES,
    Confidence,
    ContestAbout,
    FactKind,
    FactValue,
    Kind,
    Purpose,
    Reach,
    SignalAnswer,
    SignalKind,
    Wish,
)
from .models import Outcome

CASE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)  # in the address of a page


def long_text(label: str, help_text: str = "", limit: int = 3000, rows: int = 5) -> forms.CharField:
    """Return a long-text field with a visible limit."""
    widget = forms.Textarea(attrs={"rows": rows, "data-maxlength": limit})
    return forms.CharField(label=label, help_text=help_text, max_length=limit, widget=widget)


def figure(label: str, help_text: str = "", required: bool = True) -> NumberField:
    """Return a figure with at most four decimals, typed as text."""
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return NumberField(
        label=label, help_text=help_text, max_digits=14, decimal_places=4, widget=widget, required=required
    )


class CommentForm(forms.Form):
    """What somebody thinks of a draft of the points policy."""

    text = long_text(
        "What should be different, and why?",
        "Your name is not shown to anybody who reads this. Only the trail keeps it.", 2000,
    )  # fmt: skip


class ClaimForm(forms.Form):
    """What was reached and what shows it."""

    endline = figure("What is it now?")
    evidence = long_text("What shows it?", "Say where a verifier can see the figure: register, file, place, person.")
    file = forms.FileField(
        label="A file that shows it (optional)", required=False, allow_empty_file=True,
        help_text="PDF, Word, Excel, PowerPoint, PNG, JPEG, text or CSV; at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip
    used_by = forms.ModelChoiceField(
        Agency.objects.none(), required=False, empty_label="None yet",
        label="Does an agency outside the team use it already?", help_text="Its approver is asked to confirm.",
    )  # fmt: skip

    def __init__(self, *args: Any, agencies: QuerySet[Agency], unit: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["used_by"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["endline"].label = f"What is it now, in {unit}?"


class VerdictForm(forms.Form):
    """What the verifier found."""

    endline = figure("What did you find?", "Leave it empty only if the figure cannot be checked.", required=False)
    unverifiable = forms.BooleanField(label="It cannot be checked", required=False)
    how = long_text("How did you check it?", "What you looked at, when, with whom.", 2000)
    confidence = forms.ChoiceField(label="How sure are you?", choices=[("", "Choose"), *Confidence.choices])
    served = long_text(
        "What did people served say?", "From Build up one check is with people served: whom you asked, and when.", 2000,
        rows=3,
    )  # fmt: skip

    def __init__(self, *args: Any, asks_people: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["served"].required = False
        if not asks_people:
            self.fields.pop("served")

    def clean(self) -> dict[str, Any]:
        """Ask for a figure or for the statement that there is none."""
        cleaned = super().clean() or self.cleaned_data
        has_figure = cleaned.get("endline") is not None
        if not has_figure and not cleaned.get("unverifiable") and "endline" not in self.errors:
            self.add_error("endline", "Enter the figure that you found, or say that it cannot be checked.")
        if has_figure and cleaned.get("unverifiable"):
            self.add_error("unverifiable", "Either enter a figure or say that it cannot be checked, not both.")
        return cleaned


class ContestForm(forms.Form):
    """What is wrong, in one's own words."""

    about = forms.ChoiceField(label="What should be looked at again?", choices=[("", "Choose"), *ContestAbout.choices])
    words = long_text("What is wrong?", "Say what should have been seen, and where it can be seen.", 5000)


class PublishForm(forms.Form):
    """How far a learning record goes, and whether with names."""

    reach = forms.ChoiceField(label="Who may read it?", choices=[("", "Choose"), *Reach.choices])
    with_names = forms.BooleanField(label="Name the team", required=False)


class LearningForm(forms.Form):
    """The five questions of a learning record; a save takes what is there."""

    believed = long_text("What did we believe?", rows=3)
    did = long_text("What did we do?", rows=3)
    saw = long_text("What did we see?", rows=3)
    why = long_text("Why, as far as we know?", rows=3)
    others = long_text("What should others do differently?", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class ClassifyForm(forms.Form):
    """One reading with its reason."""

    kind = forms.ChoiceField(
        label="How do you read it?", choices=[("", "Choose"), *Kind.choices],
        help_text="Well tested: a good test of an open question. Overtaken by events: a cause outside the team's "
        "control. Could have been avoided: known ways were not used.",
    )  # fmt: skip
    reason = long_text("Why?", limit=1000, rows=3)


class NominateForm(forms.Form):
    """What the person wishes, and why."""

    wish = forms.ChoiceField(label="What do you wish for?", choices=[("", "Choose"), *Wish.choices])
    statement = long_text("What should the committee know?", "Your verified record is attached by itself.", 2000)


class NominateReportForm(NominateForm):
    """The same for a direct report."""

    person = forms.ModelChoiceField(User.objects.none(), label="Whom do you nominate?", empty_label="Choose")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["wish"].label = "For what? The person can state another wish."
        self.fields["person"].label_from_instance = (  # type: ignore[attr-defined]
            lambda person: f"{person.full_name} · {person.employee_number}"
        )
        self.order_fields(["person", "wish", "statement"])


class WishForm(forms.Form):
    """Another wish."""

    wish = forms.ChoiceField(label="What do you wish for?", choices=Wish.choices)


class ResultForm(forms.Form):
    """What the RCSC decided."""

    granted = forms.ChoiceField(
        label="What was granted?", choices=[("", "Choose"), *Wish.choices, ("nothing", "Nothing")]
    )
    decided_on = DayField(label="On which day was it decided?")
    reason = long_text("Why?", "The person reads this.", 300, rows=3)
    all_the_same = forms.BooleanField(
        label="It was granted all the same", required=False,
        help_text="Only where the rules, the record or the wish say otherwise; you are told when they do.",
    )  # fmt: skip


class PolicyForm(forms.Form):
    """A version of the points policy as data."""

    valid_from = DayField(label="From which day?", help_text="Today or later: a version is never dated back.")
    rules = forms.CharField(
        label="The policy as data (JSON)", max_length=60_000, widget=forms.Textarea(attrs={"rows": 30}),
        help_text="Change the version's name and the figures; every fault is named by its key.",
    )  # fmt: skip

    def clean_rules(self) -> Any:
        """Return the parsed data; what cannot be read or stored is refused in words."""
        try:
            data = json.loads(self.cleaned_data["rules"])
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise forms.ValidationError(
                "A character in it is cut in half, and cannot be stored. Write it anew."
            ) from None
        except RecursionError:
            raise forms.ValidationError(
                "It is nested too deeply for a policy. Begin from the version in force."
            ) from None
        except ValueError as no:
            raise forms.ValidationError(f"This is not JSON: {no}.") from None
        return data


class SignalForm(forms.Form):
    """What the head found when looking at a signal."""

    outcome = WholeField(min_value=1)
    kind = forms.ChoiceField(choices=SignalKind.choices)
    answer = forms.ChoiceField(choices=SignalAnswer.choices)
    note = forms.CharField(max_length=1000)


class HoldForm(forms.Form):
    """Which record is held without a signal, and why."""

    reference = forms.CharField(
        label="Which grant?", max_length=40, help_text="Its reference number, as on the page of the grant."
    )
    reason = long_text("Why do you hold its record?", "What was said or seen, by whom, when.", 1000, rows=3)

    def clean(self) -> dict[str, Any]:
        """Find the result."""
        cleaned = super().clean() or self.cleaned_data
        text = cleaned.get("reference", "").strip()
        cleaned["outcome"] = Outcome.objects.filter(grant__reference__iexact=text).first() if text else None
        if text and cleaned["outcome"] is None:
            self.add_error("reference", "No grant with a promised result has this reference number.")
        return cleaned


class LegalHoldForm(forms.Form):
    """What is kept beyond its time, and why."""

    about = forms.CharField(
        label="Of what?", max_length=254,
        help_text="The reference number of a proposal or grant, a person's e-mail address or employee number (also of "
        "who has left), or of a draft, which has no number, the address of its page.",
    )  # fmt: skip
    reason = long_text("Why?", "Such as a court, an audit or an appeal that needs it.", 1000, rows=3)

    def clean(self) -> dict[str, Any]:
        """Find the case, or the person."""
        cleaned = super().clean() or self.cleaned_data
        text = cleaned.get("about", "").strip()
        proposal = _proposal_at(text) if text else None
        grant = Grant.objects.filter(reference__iexact=text).first() if text else None
        cleaned["case"] = proposal.case if proposal else grant.case if grant else None
        cleaned["person"] = find_person(text) if text and cleaned["case"] is None else None
        if text and cleaned["case"] is None and cleaned["person"] is None:
            self.add_error("about", "No proposal, grant or person has this number or address.")
        return cleaned


def _proposal_at(text: str) -> Proposal | None:
    """Return the proposal of a reference number, or of the address of its page."""
    found = CASE.search(text)
    if found is not None:
        return Proposal.objects.filter(case=UUID(found.group())).first()
    return Proposal.objects.filter(reference__iexact=text).first()


class LiftForm(forms.Form):
    """Why a record is free again."""

    hold = WholeField(min_value=1)
    note = forms.CharField(max_length=1000)


class CaseForm(forms.Form):
    """Which case a button on a page is about."""

    case = forms.CharField(max_length=36)

    def clean_case(self) -> UUID:
        """Return the case; not a text."""
        try:
            return UUID(self.cleaned_data["case"])
        except ValueError:
            raise forms.ValidationError("There is no such case.") from None


class PurposeForm(forms.Form):
    """Why somebody looks at people's records."""

    purpose = forms.ChoiceField(label="Why do you look?", choices=[("", "Choose"), *Purpose.choices])


class FactForm(forms.Form):
    """One fact that only HR knows."""

    kind = forms.ChoiceField(label="Which fact?", choices=[("", "Choose"), *FactKind.choices])
    value = forms.ChoiceField(label="What does the source say?", choices=[("", "Choose"), *FactValue.choices])
    as_of = DayField(label="As of which day?", help_text="For a rating, the last day of the year that was rated.")
    source = forms.CharField(label="Which source says so?", max_length=200, help_text="Such as a register or a letter.")

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that does not fit the fact."""
        cleaned = super().clean() or self.cleaned_data
        kind, value = cleaned.get("kind"), cleaned.get("value")
        if kind and value and value not in FACT_VALUES[FactKind(kind)]:
            fitting = ", ".join(answer.label for answer in FACT_VALUES[FactKind(kind)])
            self.add_error("value", f"“{FactKind(kind).label}” is answered by one of: {fitting}.")
        return cleaned


class SharesForm(forms.Form):
    """Whole percents, one per person; the rules name what is wrong."""

    note = forms.CharField(
        label="Why do you settle it so?", max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-maxlength": 1000}),
    )  # fmt: skip

    def __init__(self, *args: Any, people: list[tuple[int, str, int]], settling: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settling:
            self.fields.pop("note")
        for pk, name, percent in people:
            self.fields[f"person_{pk}"] = WholeField(
                label=name, min_value=0, max_value=100, initial=percent,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip
        self.order_fields([*(f"person_{pk}" for pk, _, _ in people), "note"])
        self.pks = [pk for pk, _, _ in people]

    def percents(self) -> dict[int, int]:
        """Return person pk -> percent."""
        return {pk: self.cleaned_data[f"person_{pk}"] for pk in self.pks}

    def add_problems(self, found: list[tuple[int | None, str]]) -> None:
        """Show each problem at its field, or above the form."""
        for pk, text in found:
            self.add_error(f"person_{pk}" if pk is not None else None, text)
