"""The files that show that a milestone is reached."""

from django.db import models

from .delivery import Milestone


class MilestoneFile(models.Model):
    """One file that the team handed in with a milestone. It stays, also when the milestone is handed in again."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)
