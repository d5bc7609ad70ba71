"""The payment files that went to the bank."""

from django.db import models


class PaymentFile(models.Model):
    """One file of released payments; never changed. The bytes are kept as they went out."""

    number = models.PositiveIntegerField(unique=True)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Payment file {self.number}"
