"""Grants that a conflict of interest keeps a person out of, where money is listed that must still add up."""

from typing import Any

from django.db.models import Exists, OuterRef

from documents.services import read_file
from people.models import User
from people.queries import blocked_cases

from .models import Grant, PaymentFile

HIDDEN = "a grant that is not shown to you"


def is_hidden_from(reader: User, case: str = "case") -> Exists:
    """Return, for use in a query, whether the row's case is one that the reader is kept out of."""
    return Exists(blocked_cases(reader).filter(case=OuterRef(case)))


def files_hidden_from(reader: User, files: Any) -> set[int]:
    """Return the numbers of the payment files that name such a grant; they are read only for a reader who has one."""
    kept_out = Grant.objects.filter(case__in=blocked_cases(reader))
    names = [f'"{reference}-'.encode() for reference in kept_out.values_list("reference", flat=True)]
    return {made.number for made in files if names and _names_one(made, names)}


def _names_one(made: PaymentFile, names: list[bytes]) -> bool:
    content = read_file(made.file)
    return any(name in content for name in names)
