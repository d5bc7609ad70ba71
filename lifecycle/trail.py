"""The hash-chained trail: one stream per object, written in the change's own transaction."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from . import clock
from .models import TrailEntry, TrailPayload, TrailStream

GENESIS = "0" * 64
BATCH = 500  # rows at a time in `record_many`


def stream_key(obj: models.Model) -> str:
    """Return the stable name of an object's stream, e.g. `proposals.Proposal:17`."""
    return f"{obj._meta.label}:{obj.pk}"


def picture(obj: models.Model) -> dict[str, Any]:
    """Return the concrete columns of a row as text, for before/after."""
    fields = obj._meta.concrete_fields
    return {f.attname: f.value_to_string(obj) if f.attname in obj.__dict__ else None for f in fields}


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Return attname -> [before, after] for each column that changed."""
    return {key: [before.get(key), value] for key, value in after.items() if before.get(key) != value}


def canonical(payload: Any) -> str:
    """Return canonical JSON text; NUL is stripped (PostgreSQL text refuses it)."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.replace("\\u0000", "").replace("\x00", "")


def payload_digest(salt: str, text: str) -> str:
    """Return sha256(salt + payload) as hex; it stays when retention blanks the payload."""
    return hashlib.sha256((salt + text).encode()).hexdigest()


def entry_hash(seq: int, previous: str, actor_id: int | None, action: str, at: datetime, digest: str) -> str:
    """Return the link of the chain over everything that an entry says."""
    said = canonical([seq, previous, actor_id, action, at.isoformat(), digest])
    return hashlib.sha256(said.encode()).hexdigest()


def _link(
    stream: TrailStream, *, action: str, by: Any, at: datetime, changes: dict[str, Any], note: str
) -> tuple[TrailEntry, TrailPayload]:
    """Return the next link of a locked stream, unsaved, with its details; moves the stream's head."""
    text = canonical({"changes": changes, "note": note})
    salt = secrets.token_hex(16)
    digest = payload_digest(salt, text)
    seq, previous = stream.head_seq + 1, stream.head_hash
    link = entry_hash(seq, previous, by.pk, action, at, digest)
    entry = TrailEntry(
        stream=stream, seq=seq, action=action, actor_id=by.pk, at=at, payload_digest=digest, previous_hash=previous,
        hash=link,
    )  # fmt: skip
    stream.head_seq, stream.head_hash = seq, link
    return entry, TrailPayload(entry=entry, salt=salt, text=text)


def record(
    obj: models.Model,
    *,
    action: str,
    by: Any,
    changes: dict[str, Any] | None = None,
    note: str = "",
    at: datetime | None = None,
) -> TrailEntry:
    """Append one entry to the object's stream; the stream's row lock serialises writers.

    Without a savepoint inside the change's transaction: a change whose entry fails is undone whole.
    """
    with transaction.atomic(savepoint=False):
        stream = _locked_stream(stream_key(obj))
        at = at or clock.now()
        entry, payload = _link(stream, action=action, by=by, at=at, changes=changes or {}, note=note)
        entry.save()
        payload.save()
        stream.save(update_fields=["head_seq", "head_hash"])
    return entry


def record_many(rows: Sequence[tuple[models.Model, dict[str, Any]]], *, action: str, by: Any) -> None:
    """Append one entry (object, changes) to the stream of each of many different objects.

    The same number of queries for each BATCH of rows; locks the streams in the order of their keys.
    """
    at = clock.now()
    with transaction.atomic():
        for start in range(0, len(rows), BATCH):
            changes = {stream_key(obj): changed for obj, changed in rows[start : start + BATCH]}
            TrailStream.objects.bulk_create([TrailStream(key=key) for key in changes], ignore_conflicts=True)
            streams = list(TrailStream.objects.select_for_update().filter(key__in=changes).order_by("key"))
            links = [_link(s, action=action, by=by, at=at, changes=changes[s.key], note="") for s in streams]
            TrailEntry.objects.bulk_create([entry for entry, _ in links])
            TrailPayload.objects.bulk_create([payload for _, payload in links])
            TrailStream.objects.bulk_create(  # many times faster than an update with a case for each stream
                streams, update_conflicts=True, unique_fields=["key"], update_fields=["head_seq", "head_hash"]
            )


def _locked_stream(key: str) -> TrailStream:
    """Return the stream with its row locked; the first writer makes it, and two first writers make one."""
    streams = TrailStream.objects.select_for_update()
    found = streams.filter(key=key).first()
    if found is None:
        TrailStream.objects.get_or_create(key=key)
        found = streams.get(key=key)
    return found


def entries_of(obj: models.Model) -> "models.QuerySet[TrailEntry]":
    """Return the object's entries, newest first, payloads joined."""
    return entries_in(stream_key(obj))


def entries_in(key: str) -> "models.QuerySet[TrailEntry]":
    """Return the entries of the stream so named, newest first, payloads joined."""
    found = TrailEntry.objects.filter(stream__key=key)
    return found.select_related("payload").order_by("-seq")
