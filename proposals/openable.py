"""Which written answers a request for information can open, each by the rules of its own section."""

from collections.abc import Mapping, Sequence

from django import forms

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
