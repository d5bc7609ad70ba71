"""Who ended a grant of a role, and why."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_guards")]
    operations = [
        migrations.AddField("rolegrant", "end_reason", models.CharField(blank=True, max_length=300)),
        migrations.AddField(
            "rolegrant",
            "ended_by",
            models.ForeignKey(
                null=True, on_delete=models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            "rolegrant",
            models.CheckConstraint(
                condition=models.Q(ended_by=None, end_reason="")
                | models.Q(ended_by__isnull=False, until__isnull=False) & ~models.Q(end_reason=""),
                name="grant_end_has_person_and_reason",
            ),
        ),
    ]
