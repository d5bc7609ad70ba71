"""What one opened page records, and no second press of its button records again."""

from uuid import uuid4

from django.db import models


class RecordedOnce(models.Model):
    """Base of a row that carries the key of the page on which it was recorded; `services.once` looks for it."""

    key = models.UUIDField(
        unique=True, default=uuid4, editable=False, help_text="Of the page that recorded it: sent twice, it is one."
    )

    class Meta:
        abstract = True
