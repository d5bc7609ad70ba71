"""Fields and bases of the written sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from fund.enums import Stage
from people.fields import YEARS, DayField, NumberField

from .graphemes import SIGNS, count

LONG = 3000


class Words(forms.CharField):
    """A text of at most so many letters as a reader counts them; a longer one is refused with how much is too many."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def run_validators(self, value: Any) -> None:
        """Say by how much it is too long; heaps of signs on single letters are refused, too."""
        said = value or ""
        extra = count(said) - self.limit if len(said) > self.limit else 0  # there are never more letters than signs
        if extra > 0:
            limit = f"“{self.label}” can have {self.limit} characters"
            raise forms.ValidationError(f"{limit}; this is {extra} too many. Shorten it.", code="max_length")
        if len(said) > self.limit * SIGNS:
            raise forms.ValidationError(
                f"“{self.label}”: too many signs stand on one letter. Shorten it.", code="signs"
            )
        super().run_validators(value)


def text(label: str, help_text: str = "", rows: int = 5, limit: int = LONG) -> Words:
    """Return a long-text field with a visible limit."""
    widget = forms.Textarea(attrs={"rows": rows, "data-maxlength": limit})
    return Words(label=label, help_text=help_text, limit=limit, widget=widget)


def line(label: str, help_text: str = "", limit: int = 200) -> Words:
    """Return a one-line field."""
    return Words(label=label, help_text=help_text, limit=limit)


def figure(label: str) -> NumberField:
    """Return a figure with at most four decimals, typed as text so that a phone shows digits and keeps mistakes."""
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return NumberField(label=label, max_digits=14, decimal_places=4, widget=widget)


@dataclass(frozen=True)
class Frame:
    """What the sections of one proposal are read against: stage, ceiling in chhetrum, agencies, files, the end."""

    stage: str = ""
    ceiling: int = 0
    agencies: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    after: date | None = None  # the last day of the call; the work begins later
    lead: str = ""  # which of the agencies leads

    @property
    def needs_wellbeing(self) -> bool:
        """Tell whether the nine domains have to be looked at: from Build up."""
        return self.stage in (Stage.BUILD, Stage.SCALE)


def frame_of(proposal: Any) -> Frame:
    """Return the frame of a proposal; its partners may be prefetched with their agencies."""
    agencies = tuple((partner.agency.code, partner.agency.name) for partner in proposal.partners.all())
    lead = next((p.agency.code for p in proposal.partners.all() if p.agency_id == proposal.lead_agency_id), "")
    return Frame(agencies=agencies, lead=lead) if proposal.call is None else frame_in(proposal.call, agencies, lead)


def frame_in(call: Any, agencies: tuple[tuple[str, str], ...], lead: str) -> Frame:
    """Return the frame of a proposal to `call` by these agencies, of which `lead` leads."""
    return Frame(call.stage, call.ceiling, agencies, after=_last_day(call), lead=lead)


def _last_day(call: Any) -> date:
    """Return the last day of a call; of one that has no end yet, the day on which it opened."""
    moment = call.ends_at - timedelta(seconds=1) if call.ends_at else call.opens_at
    return timezone.localtime(moment).date()


class SectionForm(forms.Form):
    """Base of the sections: with `complete` every field that is not optional is required."""

    optional: tuple[str, ...] = ()

    def __init__(self, *args: Any, complete: bool = False, frame: Frame | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complete = complete
        self.frame = frame or Frame()
        for name, field in self.fields.items():
            field.required = complete and name not in self.optional
            field.error_messages["required"] = f"Answer “{field.label}”."

    def written(self) -> dict[str, str]:
        """Return the cleaned values as text, each under its own field."""
        return {name: as_text(value) for name, value in self.cleaned_data.items()}

    def answers(self) -> dict[str, str]:
        """Return the cleaned values as text, for storage."""
        return self.written()


class RowsForm(SectionForm):
    """A section with as many rows as were filled, and one more to fill."""

    template_name = "forms/rows.html"
    row_title = "Row"
    most = 40
    needed: tuple[str, ...] = ()  # the first of them opens a row
    offers: Sequence[Any] = ()  # rows that are known already; one tap takes one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.optional = tuple(self.row_fields(1))
        self.rows = range(1, self._count() + 1)
        for row in self.rows:
            for name, field in self.row_fields(row).items():
                field.required = False
                self.fields[f"{name}_{row}"] = field

    def row_fields(self, row: int) -> dict[str, forms.Field]:
        """Return name -> field of one row."""
        raise NotImplementedError  # each table of rows has its own

    def _count(self) -> int:
        """Return how many rows there are: those sent, or those stored and one more."""
        said = self.data if self.is_bound else self.initial
        names = set(self.row_fields(1))
        numbers = [
            int(found[2]) for key, value in said.items()
            if (found := re.fullmatch(r"([a-z_]+)_([1-9]\d?)", key)) and found[1] in names
            and (value or (self.is_bound and not self.complete))
        ]  # fmt: skip
        return min(max([*numbers, 1 if self.is_bound else 0]) + (0 if self.is_bound else 1), self.most)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return (title, fields) of each row, for the page."""
        names = tuple(self.row_fields(1))
        return [(f"{self.row_title} {row}", [self[f"{name}_{row}"] for name in names]) for row in self.rows]

    @property
    def plain(self) -> list[Any]:
        """Return the fields that stand in no row."""
        return [self[name] for name in self.base_fields]

    def _filled(self, row: int) -> bool:
        return any(self[f"{name}_{row}"].data for name in self.row_fields(1))

    def clean(self) -> dict[str, Any]:
        """Refuse a row without its first answer; with `complete`, a row with a gap."""
        cleaned = super().clean() or self.cleaned_data
        for row in self.rows:
            if not self._filled(row) and not (self.complete and row == 1):
                continue
            for name in self.needed if self.complete else self.needed[:1]:
                key = f"{name}_{row}"
                if cleaned.get(key) in (None, "") and key not in self.errors:
                    self.add_error(key, self.missing(name, row))
        return cleaned

    def missing(self, name: str, row: int) -> str:
        """Return the sentence for an empty answer of a row."""
        return f"Answer “{self.fields[f'{name}_{row}'].label}”."

    def answers(self) -> dict[str, str]:
        """Return the cleaned values as text; rows close up, so that an emptied one is gone."""
        said = self.written()
        names = tuple(self.row_fields(1))
        full = [row for row in self.rows if any(said.get(f"{name}_{row}") for name in names)]
        kept = {f"{name}_{new}": said.get(f"{name}_{old}", "") for new, old in enumerate(full, 1) for name in names}
        return {name: kept.get(name, "") if name not in self.base_fields else said[name] for name in said}


def as_text(value: Any) -> str:
    """Return a cleaned value as it is stored; nothing is an empty text."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def day(label: str, help_text: str = "", years: int = YEARS) -> DayField:
    """Return a date field that a browser shows as a calendar."""
    errors = {"invalid": f"“{label}”: enter a day, such as 2027-06-30."}
    return DayField(label=label, help_text=help_text, years=years, error_messages=errors)


def money_line(label: str) -> NumberField:
    """Return an amount in ngultrum with two decimals at most."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "data-prefix": "Nu."})
    return NumberField(label=label, min_value=0, max_digits=12, decimal_places=2, widget=widget)


def number_in(text: str, field: NumberField | None = None) -> Decimal | None:
    """Return the number that a stored text is, as a figure or by `field`; None for what a form would not take."""
    try:
        return (field or figure("")).clean(text)  # type: ignore[no-any-return]
    except ValidationError:
        return None  # a draft keeps what was typed


def day_in_words(text: str) -> str:
    """Return a stored day written out; what is no day stays as it was typed."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text  # a draft keeps what was typed
    return f"{found.day} {found:%B %Y}"
