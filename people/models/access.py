"""Who looked at whose record, when and why; shown to the person."""

from django.db import models


class AccessLog(models.Model):
    """One look at a person's record by somebody else; append-only."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="looked_at")
    viewer = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "-at"], name="access_log_person")]
