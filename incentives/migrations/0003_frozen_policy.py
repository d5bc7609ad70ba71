"""Triggers: once a policy version has left the draft, its data, name and first day never change."""

from django.db import migrations

TABLE = "incentives_policyversion"
CHANGED = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("data", "sha256", "name", "valid_from"))
WHEN = f"WHEN (OLD.state <> 'draft' AND ({CHANGED}))"


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        act = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"
        sql = f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW {WHEN} {act}"
    else:
        act = "EXECUTE FUNCTION fund_refuse_change()"
        sql = f"CREATE TRIGGER fund_frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW {WHEN} {act}"
    schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_guards"), ("lifecycle", "0002_guards")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
