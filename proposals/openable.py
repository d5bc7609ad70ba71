"""Which answers a request for information can open: written ones, and what partners give; each by its own rules."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from django import forms

from .lane import is_spark
from .models import DataNeed, OutsidePartner, Partner
from .part_forms import DataNeedForm, OutsideForm, PartnerForm
from .sections import Written

Stored = Mapping[str, dict[str, str]]


def fields_in(sections: Sequence[Written], stored: Stored) -> dict[str, forms.Field]:
    """Return `section.field` -> field of every answer, with the rows that are stored and one more to fill.

    An optional section that nobody began is left out.
    """
    return {
        f"{written.key}.{name}": field
        for written in sections
        for name, field in written.form(initial=stored.get(written.key, {}), complete=True).fields.items()
        if field.label and (written.needed or written.key in stored)
    }


def labels_in(sections: Sequence[Written], stored: Stored) -> dict[str, str]:
    """Return `section.field` -> the question."""
    return {place: str(field.label) for place, field in fields_in(sections, stored).items()}


# key -> the table, and which answers of a row can be opened
PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "partners": (Partner, ("days", "contribution")),
    "outside": (OutsidePartner, ("contribution", "interests")),
    "data": (DataNeed, ("answer",)),
}
FORMS: dict[str, Any] = {"partners": PartnerForm, "outside": OutsideForm, "data": DataNeedForm}


def _rows(proposal: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield key, row and its name, of everything around the written sections; a small idea has none.

    Partners may be prefetched with their agencies.
    """
    if is_spark(proposal):
        return
    for partner in proposal.partners.all():
        yield "partners", partner, partner.agency.name
    for outside in proposal.outside_partners.all():
        yield "outside", outside, outside.name
    for need in proposal.data_needs.all():
        yield "data", need, need.dataset


def parts_in(proposal: Any) -> dict[str, tuple[forms.Field, str]]:
    """Return `key.answer_row` -> (field, stored text) of what partners give and what is said of data."""
    found = {}
    for key, row, name in _rows(proposal):
        for answer in PARTS[key][1]:
            field = copy(FORMS[key].base_fields[answer])
            field.label = f"{name}: {field.label}"
            stored = getattr(row, answer)
            found[f"{key}.{answer}_{row.pk}"] = (field, "" if stored is None else str(stored))
    return found


def part_labels(proposal: Any) -> dict[str, str]:
    """Return `key.answer_row` -> the question."""
    return {place: str(field.label) for place, (field, _) in parts_in(proposal).items()}
