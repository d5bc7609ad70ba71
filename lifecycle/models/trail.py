"""The trail's tables. Database triggers refuse update and delete (0002_guards)."""

import json

from django.db import models

HASH = 64  # hex digits of SHA-256
GENESIS = "0" * HASH


class TrailStream(models.Model):
    """One object's chain; its row lock serialises the writers."""

    key = models.CharField(max_length=120, unique=True)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=HASH, default=GENESIS)


class TrailEntry(models.Model):
    """One link: who did what when, and the digest of the details."""

    stream = models.ForeignKey(TrailStream, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    at = models.DateTimeField()
    payload_digest = models.CharField(max_length=HASH)
    previous_hash = models.CharField(max_length=HASH)
    hash = models.CharField(max_length=HASH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="trail_entry_seq_once")]


class TrailPayload(models.Model):
    """The details of a link; retention may blank `text`, the digest stays."""

    entry = models.OneToOneField(TrailEntry, on_delete=models.PROTECT, related_name="payload")
    salt = models.CharField(max_length=32)
    text = models.TextField()
    blanked_at = models.DateTimeField(null=True)

    @property
    def note(self) -> str:
        """Return the reason that was given, empty when none or blanked."""
        return str(json.loads(self.text).get("note", "")) if self.text else ""


class Checkpoint(models.Model):
    """The heads that moved since the checkpoint before; exported, so that a lost stream shows."""

    at = models.DateTimeField()
    heads = models.TextField()
    previous_hash = models.CharField(max_length=HASH)
    hash = models.CharField(max_length=HASH)
