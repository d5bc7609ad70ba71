"""Reports on quarters, beside those on milestones."""

import django.db.models.deletion
from django.db import migrations, models

import lifecycle.fields


class Migration(migrations.Migration):
    dependencies = [
        ("fund", "0011_bank"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_state_known",
        ),
        migrations.AddField(
            model_name="report",
            name="covers_from",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="covers_until",
            field=models.DateField(help_text="The last day of the quarter.", null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="quarter",
            field=models.PositiveSmallIntegerField(
                help_text="Counted from 1 over the grant; none: a milestone.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="milestone",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="report", to="fund.milestone"
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=lifecycle.fields.StateField(
                choices=[
                    ("scheduled", "Opens after the quarter"),
                    ("open", "To be written"),
                    ("submitted", "Being looked at"),
                    ("returned", "Returned to the team"),
                    ("accepted", "Accepted"),
                    ("skipped", "Not needed"),
                ],
                default="open",
                max_length=50,
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["scheduled", "open", "submitted", "returned", "accepted", "skipped"])
                ),
                name="report_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("grant", "quarter"), name="report_quarter_once"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("covers_from", None), ("covers_until", None), ("milestone__isnull", False), ("quarter", None)
                    ),
                    models.Q(
                        ("covers_from__isnull", False),
                        ("covers_until__gte", models.F("covers_from")),
                        ("milestone", None),
                        ("quarter__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="report_on_milestone_or_quarter",
            ),
        ),
    ]
