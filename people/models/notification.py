"""The outbox: one row is a message in the inbox and, until sent, an e-mail to send."""

from django.db import models
from django.db.models import Q

from ..enums import MailState


class Notification(models.Model):
    """A message to one person; `key` makes it exactly once."""

    person = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="notifications")
    key = models.CharField(max_length=160, unique=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    path = models.CharField(max_length=200, blank=True)
    case = models.UUIDField(null=True)  # what the message is about; whom a conflict keeps out of it no longer reads it
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_state = models.CharField(max_length=8, choices=MailState, default=MailState.QUEUED)
    message_id = models.CharField(max_length=120, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["mail_state", "lease_until"], name="notification_waiting"),
            models.Index(fields=["person", "read_at"], name="notification_unread"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(mail_state__in=MailState.values), name="notification_mail_known")
        ]
