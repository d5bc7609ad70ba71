"""Since when somebody works at the agency, where the register says it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_grant_ends")]
    operations = [
        migrations.AddField(
            "employmentsnapshot",
            "agency_since",
            models.DateField(help_text="Where the register says it.", null=True),
        ),
    ]
