"""Where an entry of the ledger comes from, in words, with the page of it where the reader may open that."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from documents.models import StoredFile
from lifecycle.fiscal import fiscal_label
from people.models import User

from .enums import EntryKind

NUMBERED = ("account", "refund")  # of these a payment has several, and its place stands behind their own number
OF_PAYMENT = ("pay", *NUMBERED, "forgo", "bounce", "hold_unsent")
WORDS = {
    "approve": "Decision to fund it", "stop_early": "Stopped early", "complete": "Completed", "terminate": "Ended",
    "decline": "Offer declined", "expire": "Offer expired", "withdraw": "Withdrawn",
    "change": "Change of the agreement",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What caused an entry; without `path` it has no page that the reader may open."""

    words: str
    path: str = ""


def sources_of(entries: Iterable[Any], reader: User) -> list[tuple[Any, Source]]:
    """Return each entry of `entries_of` with its source; at most one query, for the files of imports."""
    rows = list(entries)
    keys = {key for entry in rows if (key := _file_of(_cause(entry)))}
    files = {file.pk: file for file in StoredFile.objects.filter(pk__in=keys)} if keys else {}
    return [(entry, _source(entry, files, reader)) for entry in rows]


def _cause(entry: Any) -> str:
    """Return what caused the movement, for a correction that of the entry which it corrects."""
    return str(entry.reverses.source if entry.reverses else entry.source)


def _file_of(source: str) -> UUID | None:
    kind, _, rest = source.partition(":")
    try:
        return UUID(rest.partition(":")[0]) if kind == "budget" else None
    except ValueError:
        return None


def _source(entry: Any, files: dict[UUID, StoredFile], reader: User) -> Source:
    if entry.hidden:
        return Source("")
    source = _cause(entry)
    kind, _, rest = source.partition(":")
    if kind == "transfer" and rest.isdecimal():
        return Source(f"Transfer {rest}", f"{reverse('transfers')}?number={rest}")
    if kind == "year_end" and rest.isdecimal():
        year = entry.line.fiscal_year - (entry.kind == EntryKind.CARRY_FORWARD)
        return Source(f"Year end {fiscal_label(year)}", f"{reverse('year_end', args=[year])}#item-{rest}")
    file = files.get(_file_of(source) or UUID(int=0))
    if file:
        path = reverse("own_file", args=[file.pk]) if file.owner_id == reader.pk else ""
        return Source(f"Imported from {file.original_name}", path)
    if entry.case and kind == str(entry.case):
        return _of_grant(entry, rest.split(":"))
    return Source("Recorded by hand")


def _of_grant(entry: Any, parts: list[str]) -> Source:
    """Return the payment that the entry is of, or what became of the grant: `pay:2`, `account:17:2`, `stop:1`."""
    what, *numbers = parts
    place = numbers[1:2] if what in NUMBERED else numbers[:1]
    if what in OF_PAYMENT and place and place[0].isdecimal():
        words = f"Payment {place[0]}"
        if entry.title is None:
            return Source(words)
        return Source(words, reverse("grant_part", args=[entry.case, "payment", int(place[0])]))
    return Source(WORDS.get(what, ""))
