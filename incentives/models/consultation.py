"""What people say about a draft of the points policy."""

from django.db import models
from django.db.models import Q


class PolicyComment(models.Model):
    """One comment on one draft; append-only. Its author is shown to nobody but themself; the trail knows."""

    version = models.ForeignKey("incentives.PolicyVersion", on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="policy_comment_says_something")]
