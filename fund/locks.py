"""Which rows a change of a grant holds: the whole family, so that no guard reads a moving row."""

from collections.abc import Iterable
from typing import Any

from django.db import models


def family(obj: Any) -> Iterable[models.Model | None]:
    """Return the grant of `obj` with its milestones, payments and reports."""
    grant = getattr(obj, "grant", obj)
    return [grant, *grant.milestones.all(), *grant.tranches.all(), *grant.reports.all()]


def family_and_lead(grant: Any) -> Iterable[models.Model | None]:
    """Return the family and the lead's own row: how many grants a person runs is counted under it."""
    return [grant.lead, *family(grant)]


def family_and_line(obj: Any) -> Iterable[models.Model | None]:
    """Return the family and the budget line: for every change that moves money."""
    return [getattr(obj, "grant", obj).line, *family(obj)]
