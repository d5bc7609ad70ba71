"""Numbers, days, texts and files as people give them; every refusal names its field and gives an example."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lifecycle import clock

TIBETAN_DIGITS = str.maketrans({chr(0x0F20 + figure): str(figure) for figure in range(10)})
# 14,500 and 14 500 and 1,00,000: the last group has three digits, so that 14,5 stays what it is, a doubt
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,\s\u00a0\u202f]\d{2,3})*[,\s\u00a0\u202f]\d{3}(?:\.\d*)?")
BETWEEN = re.compile(r"[,\s\u00a0\u202f]")
EARLIEST = date(1900, 1, 1)
YEARS = 5  # a day further ahead is a mistyped year
# Letters that leave a blank, and marks that only change the letter beside them
BLANKS = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))}


def plain_number(value: Any) -> Any:
    """Return a typed number with plain digits and nothing between them; what is no number stays as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip().translate(TIBETAN_DIGITS)
    return BETWEEN.sub("", text) if GROUPED.fullmatch(text) else text


def shows_nothing(text: str) -> bool:
    """Tell whether no letter of a text can be seen."""
    return all(char in BLANKS or unicodedata.category(char)[0] in "ZC" for char in text)


def shows_something(text: str) -> None:
    """Refuse, as an empty answer, a text in which nothing can be seen; works on every text field."""
    if text and shows_nothing(text):
        raise ValidationError("Write something that can be read.", code="required")


def _said(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int | Decimal) else str(number)


class _Number:
    """Reads the number; a refusal says of which field and how it is written."""

    label: Any
    empty_values: Any
    min_value: Any
    max_value: Any
    example = "14,500"

    def to_python(self, value: Any) -> Any:
        """Read digits in groups and Tibetan digits; `1e3`, which nobody writes by hand, is no number."""
        plain = plain_number(value)
        if isinstance(plain, str) and "e" in plain.casefold():
            raise ValidationError("Not written in digits.", code="invalid")
        return super().to_python(plain)  # type: ignore[misc]

    def clean(self, value: Any) -> Any:
        """Word every refusal but that of an empty answer."""
        try:
            return super().clean(value)  # type: ignore[misc]
        except ValidationError as no:
            if value in self.empty_values:
                raise
            raise ValidationError(self.sentence({error.code for error in no.error_list}), code="invalid") from no

    def sentence(self, codes: set[Any]) -> str:
        """Return what is wrong."""
        if "min_value" in codes:
            return f"“{self.label}”: enter {_said(self.min_value)} or more."
        if "max_value" in codes:
            return f"“{self.label}”: enter {_said(self.max_value)} or less."
        if "max_decimal_places" in codes:
            return f"“{self.label}”: enter at most {self.decimal_places} digits after the point."  # type: ignore[attr-defined]
        if codes & {"max_digits", "max_whole_digits"}:
            return f"“{self.label}”: this number is too long."
        return f"“{self.label}”: enter a number, such as {self.example}."


class NumberField(_Number, forms.DecimalField):
    """A figure with decimals."""


class WholeField(_Number, forms.IntegerField):
    """A whole number."""

    example = "12"


class DayField(forms.DateField):
    """A day that can be meant: not before 1900, not more than `years` ahead."""

    def __init__(self, *, years: int = YEARS, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)
        self.years = years

    def to_python(self, value: Any) -> date | None:
        """Read Tibetan digits, too."""
        return super().to_python(plain_number(value))

    def validate(self, value: Any) -> None:
        """Refuse what is far from now."""
        super().validate(value)
        if value is None:
            return
        last = clock.today() + timedelta(days=366 * self.years)
        if value > last:
            raise ValidationError(f"“{self.label}”: the year {value.year} is too far ahead. Check the year.")
        if value < EARLIEST:
            raise ValidationError(f"“{self.label}”: the year {value.year} is too long ago. Check the year.")


class SeveralFilesInput(forms.FileInput):
    """The browser's own choice of files, with more than one."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Any number of files; the cleaned value is a list, empty when none was chosen."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files, each judged as one file is."""
        chosen = data if isinstance(data, list | tuple) else [data]
        cleaned = (super(SeveralFiles, self).clean(one, initial) for one in chosen)
        return [one for one in cleaned if one]
