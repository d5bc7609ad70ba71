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
    """Return the family and its budget lines, all earlier years' too: for every change that moves money."""
    known = getattr(obj, "grant", obj)
    grant = type(known)._base_manager.select_related("line").get(pk=known.pk)  # its line moves at year end
    paid = [tranche.paid_from for tranche in grant.tranches.select_related("paid_from")]
    carried = [item.line for item in grant.year_end.exclude(into=None).select_related("line")]
    return [grant.line, *paid, *carried, *family(grant)]


def year_end_rows(item: Any) -> Iterable[models.Model | None]:
    """Return the lines that money leaves and reaches, and the grant's family where it is a grant's."""
    return [item.line, item.into, *(family_and_line(item.grant) if item.grant else ())]
