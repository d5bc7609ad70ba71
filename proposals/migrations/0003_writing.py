"""Deputies, handover, deletion with undo, copies, and a day by which an agency answers."""

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

import lifecycle.fields


def give_a_due_day(apps, schema_editor):
    """Rows asked before there was a due day get the fifth weekday after; holidays of that time are let be."""
    rows = apps.get_model("proposals", "Endorsement").objects.filter(due_on=None)
    for row in rows:
        row.due_on = timezone.localtime(row.asked_at).date() + timedelta(days=7)
        row.secretariat_on = row.due_on + timedelta(days=2)
        row.save(update_fields=["due_on", "secretariat_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("fund", "0004_money_guards"),
        ("people", "0003_guards"),
        ("proposals", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="member",
            name="member_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="proposal_state_known",
        ),
        migrations.AddField(
            model_name="endorsement",
            name="due_on",
            field=models.DateField(help_text="Five business days after it was asked.", null=True),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="secretariat_on",
            field=models.DateField(null=True, help_text="When the secretariat helps to find an approver."),
        ),
        migrations.AddField(
            model_name="endorsement",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="lead_offered_at",
            field=models.DateTimeField(help_text="When the lead asked this member to take over.", null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="copied_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="proposals.proposal",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="member",
            name="status",
            field=models.CharField(
                choices=[
                    ("invited", "Invited, has not joined yet"),
                    ("joined", "Joined"),
                    ("left", "Left"),
                    ("declined", "Declined the invitation"),
                ],
                default="invited",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="state",
            field=lifecycle.fields.StateField(
                choices=[
                    ("draft", "Draft"),
                    ("awaiting_endorsement", "Waiting for the agencies to agree"),
                    ("submitted", "Submitted"),
                    ("screening", "In the first check"),
                    ("eligible", "Passed the first check"),
                    ("in_review", "With the reviewers"),
                    ("review_closed", "Reviews are in"),
                    ("in_moderation", "Reviewers differ, being talked over"),
                    ("ranked", "Ranked"),
                    ("recommended", "Recommended to the board"),
                    ("not_recommended", "Not recommended to the board"),
                    ("decision_pending", "With the board"),
                    ("approved", "Approved, not yet released"),
                    ("declined", "Declined"),
                    ("deferred", "Deferred"),
                    ("offered", "Offered"),
                    ("offer_declined", "Offer declined by the team"),
                    ("offer_expired", "Offer expired"),
                    ("funded", "Funded"),
                    ("completed", "Completed"),
                    ("stopped_early", "Stopped early"),
                    ("ineligible", "Did not pass the first check"),
                    ("lapsed", "Lapsed: the call closed"),
                    ("withdrawn", "Withdrawn"),
                    ("deleted", "Deleted"),
                ],
                default="draft",
                max_length=50,
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["invited", "joined", "left", "declined"])),
                name="member_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lead_offered_at__isnull", False)),
                fields=("proposal",),
                name="member_lead_offered_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("lead_offered_at", None), ("status", "joined"), _connector="OR"),
                name="member_lead_offered_to_joined",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "draft",
                            "awaiting_endorsement",
                            "submitted",
                            "screening",
                            "eligible",
                            "in_review",
                            "review_closed",
                            "in_moderation",
                            "ranked",
                            "recommended",
                            "not_recommended",
                            "decision_pending",
                            "approved",
                            "declined",
                            "deferred",
                            "offered",
                            "offer_declined",
                            "offer_expired",
                            "funded",
                            "completed",
                            "stopped_early",
                            "ineligible",
                            "lapsed",
                            "withdrawn",
                            "deleted",
                        ],
                    )
                ),
                name="proposal_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleted_at__isnull", False), ("state", "deleted")),
                    models.Q(models.Q(("state", "deleted"), _negated=True), ("deleted_at", None)),
                    _connector="OR",
                ),
                name="proposal_deleted_has_time",
            ),
        ),
        migrations.RunPython(give_a_due_day, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="endorsement",
            name="due_on",
            field=models.DateField(help_text="Five business days after it was asked."),
        ),
        migrations.AlterField(
            model_name="endorsement",
            name="secretariat_on",
            field=models.DateField(help_text="When the secretariat helps to find an approver."),
        ),
    ]
