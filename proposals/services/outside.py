"""Partners outside government, and data that other agencies hold."""

from typing import Any

from lifecycle import trail
from lifecycle.errors import NotPossible
from lifecycle.locking import locked
from people.models import Agency, User

from ..models import Attachment, DataNeed, OutsidePartner, Proposal
from . import parts
from .drafting import refuse_unless_writable


def save_partner(
    proposal: Proposal,
    *,
    by: User,
    partner: OutsidePartner | None,
    name: str,
    kind: str,
    contribution: str,
    interests: str,
    letter: Attachment | None,
) -> OutsidePartner:
    """Add a partner outside government (`partner` None) or change one. NotPossible for the same name twice."""
    with locked([proposal]):
        rows = _rows(proposal, OutsidePartner, by)
        if rows.filter(name=name).exclude(pk=partner.pk if partner else None).exists():
            raise NotPossible(f"{name} is already a partner.")
        values = {"name": name, "kind": kind, "contribution": contribution, "interests": interests, "letter": letter}
        saved: OutsidePartner = _save(proposal, OutsidePartner, partner, values, by, "outside_partner")
        return saved


def save_data_need(
    proposal: Proposal, *, by: User, need: DataNeed | None, dataset: str, owner: Agency, answer: str
) -> DataNeed:
    """Add data that is needed (`need` None) or change the entry. NotPossible for the same data twice."""
    with locked([proposal]):
        rows = _rows(proposal, DataNeed, by)
        if rows.filter(dataset=dataset, owner=owner).exclude(pk=need.pk if need else None).exists():
            raise NotPossible("This data is already on the list.")
        values = {"dataset": dataset, "owner": owner, "answer": answer}
        saved: DataNeed = _save(proposal, DataNeed, need, values, by, "data_need")
        return saved


def remove(row: OutsidePartner | DataNeed, *, by: User) -> None:
    """Take a partner or data out of a draft."""
    word = "outside_partner" if isinstance(row, OutsidePartner) else "data_need"
    with locked([row.proposal]):
        rows = _rows(row.proposal, type(row), by)
        parts.refuse_stale(row)
        rows.filter(pk=row.pk).delete()
        trail.record(row.proposal, action=f"{word}_removed", by=by, changes={"name": [str(row), None]})


def _rows(proposal: Proposal, model: Any, by: User) -> Any:
    """Return the proposal's rows of a table after asking who and in which state."""
    refuse_unless_writable(Proposal.objects.get(pk=proposal.pk), by)
    return model.objects.filter(proposal=proposal)


def _save(proposal: Proposal, model: Any, row: Any, values: dict[str, Any], by: User, word: str) -> Any:
    """Add a row, or change one that is still as `row` says; Overtaken or Gone when it is not."""
    if row is None:
        row, done = model.objects.create(proposal=proposal, **values), "added"
    elif parts.write(row, by=by, values=values):
        row, done = model.objects.get(pk=row.pk), "changed"
    else:
        return row
    trail.record(proposal, action=f"{word}_{done}", by=by, changes={"name": [None, str(row)]})
    return row
