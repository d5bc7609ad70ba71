"""Stored files: one row for each file that came in or went out."""

import uuid

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact, LessThanOrEqual

from lifecycle import clock

from .names import NAME_LENGTH


class StoredFile(models.Model):
    """The facts of one stored file. The bytes lie in the default storage under `path`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.UUIDField(null=True, blank=True, db_index=True, help_text="The case that it belongs to.")
    kind = models.CharField(max_length=30, help_text="What it is, such as receipt or export.")
    original_name = models.CharField(max_length=NAME_LENGTH)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64, help_text="Lower-case hexadecimal digest of the bytes.")
    stored_name = models.CharField(max_length=32, unique=True, help_text="Random, without an ending.")
    owner_id = models.BigIntegerField(null=True, blank=True, db_index=True, help_text="The id of a user.")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("sha256"), 64), name="stored_file_sha256_length"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="stored_file_size_not_negative"),
            # SQLite ignores max_length, so the limit is written as a rule.
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("original_name"), NAME_LENGTH), name="stored_file_name_length"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def path(self) -> str:
        """Return the name inside the default storage; two digits spread the folders."""
        return f"documents/{self.stored_name[:2]}/{self.stored_name}"
