"""Checkpoints over all heads, and the verifier of the whole trail."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from . import clock, trail
from .models import Checkpoint, TrailEntry, TrailStream


def _last_heads() -> dict[str, tuple[int, str]]:
    """Return key -> (seq, hash) as the checkpoints so far know them."""
    known: dict[str, tuple[int, str]] = {}
    for text in Checkpoint.objects.order_by("pk").values_list("heads", flat=True).iterator():
        known.update(parse_heads(text))
    return known


def parse_heads(text: str) -> dict[str, tuple[int, str]]:
    """Read lines `key seq hash` back."""
    rows = (line.rsplit(" ", 2) for line in text.splitlines())
    return {key: (int(seq), link) for key, seq, link in rows}


def make_checkpoint() -> Checkpoint | None:
    """Store and export the heads that moved since the last one; None when none did."""
    with transaction.atomic():
        known = _last_heads()
        streams = TrailStream.objects.order_by("key").values_list("key", "head_seq", "head_hash")
        moved = [f"{k} {s} {h}" for k, s, h in streams.iterator() if known.get(k) != (s, h)]
        if not moved:
            return None
        last = Checkpoint.objects.order_by("-pk").first()
        previous, heads = last.hash if last else trail.GENESIS, "\n".join(moved)
        link = hashlib.sha256(f"{previous}\n{heads}".encode()).hexdigest()
        made = Checkpoint.objects.create(at=clock.now(), heads=heads, previous_hash=previous, hash=link)
    folder = Path(settings.DATA_DIR) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{made.pk:08d}-{link}.txt").write_text(heads)
    return made


def faults() -> Iterator[str]:
    """Yield one sentence for each place where the trail was changed; none means intact."""
    yield from _chain_faults()
    yield from _checkpoint_faults()
    yield from _export_faults()


def _chain_faults() -> Iterator[str]:
    """Walk each stream: numbers, links, digests, and the stored head."""
    heads: dict[int, tuple[int, str]] = {}
    rows = TrailEntry.objects.select_related("stream", "payload").order_by("stream_id", "seq")
    for row in rows.iterator(chunk_size=2000):
        seq, previous = heads.get(row.stream_id, (0, trail.GENESIS))
        name = f"{row.stream.key} entry {row.seq}"
        if row.seq != seq + 1:
            yield f"{name}: entry {seq + 1} is missing"
        elif row.previous_hash != previous:
            yield f"{name}: does not follow the entry before it"
        digest = row.payload_digest
        if row.hash != trail.entry_hash(row.seq, row.previous_hash, row.actor_id, row.action, row.at, digest):
            yield f"{name}: was altered"
        payload = getattr(row, "payload", None)
        if payload is None:
            yield f"{name}: its details were deleted"
        elif payload.blanked_at is None and trail.payload_digest(payload.salt, payload.text) != digest:
            yield f"{name}: its details were altered"
        heads[row.stream_id] = (row.seq, row.hash)
    for stream in TrailStream.objects.order_by("pk").iterator():
        if heads.get(stream.pk, (0, trail.GENESIS)) != (stream.head_seq, stream.head_hash):
            yield f"{stream.key}: its last entries are missing"


def _missing_heads(heads: dict[str, tuple[int, str]], where: str) -> Iterator[str]:
    keys = list(heads)
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        found = TrailEntry.objects.filter(stream__key__in=part).values_list("stream__key", "seq", "hash")
        stored = set(found)
        for key in part:
            if (key, *heads[key]) not in stored:
                yield f"{key}: entry {heads[key][0]} named by {where} is gone or changed"


def _checkpoint_faults() -> Iterator[str]:
    previous = trail.GENESIS
    for point in Checkpoint.objects.order_by("pk").iterator():
        link = hashlib.sha256(f"{previous}\n{point.heads}".encode()).hexdigest()
        if point.previous_hash != previous or point.hash != link:
            yield f"checkpoint {point.pk}: was altered or one before it is missing"
        previous = point.hash
        yield from _missing_heads(parse_heads(point.heads), f"checkpoint {point.pk}")


def _export_faults() -> Iterator[str]:
    """Compare the exported files with the table, so that a deleted checkpoint shows."""
    stored = set(Checkpoint.objects.values_list("hash", flat=True))
    for file in sorted((Path(settings.DATA_DIR) / "checkpoints").glob("*.txt")):
        link = file.stem.split("-", 1)[1]
        if link not in stored:
            yield f"checkpoint {file.name}: was exported but is not in the database"
            yield from _missing_heads(parse_heads(file.read_text()), f"the export {file.name}")
