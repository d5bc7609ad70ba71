"""Writing a row that several people may have open: nothing is replaced that its writer has not seen."""

from typing import Any

from django.db.models import F

from lifecycle import clock
from people.models import User

from ..models import Attachment, DataNeed, OutsidePartner, Partner

Part = Partner | OutsidePartner | DataNeed | Attachment


class Overtaken(Exception):
    """Somebody saved the row after it was opened; nothing was written."""

    def __init__(self, theirs: Any) -> None:
        super().__init__("The row was changed in the meantime.")
        self.theirs = theirs


class Gone(Exception):
    """Somebody took the row out after it was opened; nothing was written."""


def write(row: Part, *, by: User, values: dict[str, Any]) -> bool:
    """Set the columns of a row that is still at `row.edit`; False when it says all of that already.

    Raises Overtaken with the row as it is now, or Gone. Call with the proposal locked.
    """
    model: Any = type(row)
    found = model.objects.filter(pk=row.pk).first()
    if found is not None and all(getattr(found, name) == value for name, value in values.items()):
        row.edit = found.edit
        return False
    changed = model.objects.filter(pk=row.pk, edit=row.edit).update(
        edit=F("edit") + 1, edited_by=by, edited_at=clock.now(), **values
    )
    if not changed:
        refuse_stale(row)
    row.edit += 1
    return True


def refuse_stale(row: Part) -> None:
    """Raise Gone or Overtaken unless the row is still at `row.edit`."""
    model: Any = type(row)
    found = model.objects.filter(pk=row.pk).select_related("edited_by").first()
    if found is None:
        raise Gone
    if found.edit != row.edit:
        raise Overtaken(found)
