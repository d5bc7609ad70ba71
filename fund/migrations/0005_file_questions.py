"""Questions that are answered by an attached file. SQLite rebuilds the table for it, so its triggers are made again."""

from django.db import migrations, models

KINDS = [
    ("text", "Text"), ("choice", "One of several choices"), ("number", "Number"), ("money", "Amount in ngultrum"),
    ("date", "Day"), ("table", "Small table"), ("file", "Attached file"),
]  # fmt: skip


REASON = "a call is frozen once it was handed over"


def triggers():
    """Yield the triggers of 0003 on this table."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
    for event, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
        calls = ", ".join(f"{row}.call_id" for row in rows)
        when = f"EXISTS (SELECT 1 FROM fund_call WHERE id IN ({calls}) AND state <> 'draft')"
        yield f"CREATE TRIGGER fund_question_no_{event} BEFORE {event} ON fund_question WHEN {when} {refuse}"


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in triggers():
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("fund", "0004_practice")]
    operations = [
        migrations.RemoveConstraint("question", "question_kind_known"),
        migrations.AlterField("question", "kind", models.CharField(choices=KINDS, max_length=6)),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _ in KINDS]), name="question_kind_known"
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
