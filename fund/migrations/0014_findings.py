"""The audit's findings."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lifecycle.fields


class Migration(migrations.Migration):
    dependencies = [
        ("fund", "0013_signed_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "office",
                    models.CharField(
                        choices=[
                            ("team", "The team of the grant"),
                            ("finance", "Finance"),
                            ("secretariat", "The secretariat"),
                        ],
                        help_text="Who answers.",
                        max_length=11,
                    ),
                ),
                ("title", models.CharField(max_length=150)),
                ("text", models.TextField(max_length=4000)),
                ("raised_at", models.DateTimeField()),
                ("due_on", models.DateField(help_text="The last day to answer.")),
                (
                    "answer",
                    models.TextField(
                        blank=True, help_text="The newest; earlier ones are in the trail.", max_length=4000
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "state",
                    lifecycle.fields.StateField(
                        choices=[
                            ("raised", "Waiting for an answer"),
                            ("answered", "Answered, the auditor looks at it"),
                            ("escalated", "With the head of secretariat"),
                            ("closed", "Closed"),
                        ],
                        default="raised",
                        max_length=50,
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="fund.grant"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="fund.budgetline",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "tranche",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="fund.tranche",
                    ),
                ),
            ],
            options={
                "ordering": ["-raised_at", "-pk"],
                "indexes": [models.Index(fields=["-raised_at", "-id"], name="finding_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["raised", "answered", "escalated", "closed"])),
                        name="finding_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("office__in", ["team", "finance", "secretariat"])),
                        name="finding_office_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grant__isnull", False), ("line", None)),
                            models.Q(("grant", None), ("line__isnull", False), ("tranche", None)),
                            _connector="OR",
                        ),
                        name="finding_on_grant_or_line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("office", "team"), _negated=True), ("grant__isnull", False), _connector="OR"
                        ),
                        name="finding_team_has_grant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answered_by", models.F("raised_by")), _negated=True),
                        name="finding_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            ("answered_by__isnull", False),
                            _connector="OR",
                        ),
                        name="finding_answer_has_author",
                    ),
                ],
            },
        ),
    ]
