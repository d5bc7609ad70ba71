"""Practice calls. What a call practises never changes: by triggers on both databases.

The column is nullable and has no default, so that SQLite adds it without rebuilding the table, whose triggers stay.
"""

import django.db.models.deletion
from django.db import migrations, models

REASON = "a call never becomes or ceases to be a practice"
SQLITE = f"""
CREATE TRIGGER fund_call_practice BEFORE UPDATE ON fund_call WHEN (NEW.practice_of_id IS NOT OLD.practice_of_id)
BEGIN SELECT RAISE(ABORT, '{REASON}'); END
"""
POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION fund_refuse_practice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER fund_practice BEFORE UPDATE ON fund_call
FOR EACH ROW WHEN (NEW.practice_of_id IS DISTINCT FROM OLD.practice_of_id) EXECUTE FUNCTION fund_refuse_practice();
"""


def forwards(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL, params=None)


class Migration(migrations.Migration):
    dependencies = [("fund", "0003_call_guards")]
    operations = [
        migrations.AddField(
            "call",
            "practice_of",
            models.ForeignKey(
                blank=True,
                help_text="The call that this one practises: its proposals are invented, and it counts nowhere.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="practices",
                to="fund.call",
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
