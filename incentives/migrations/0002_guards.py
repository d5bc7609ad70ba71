"""Triggers: points, evaluations, readings and facts are only ever added; a policy past its draft never changes.

Frozen of it are its data, name and first day.
"""

from django.db import migrations

from lifecycle.append_only import guard

TABLE = "incentives_policyversion"
CHANGED = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("data", "sha256", "name", "valid_from"))
WHEN = f"WHEN (OLD.state <> 'draft' AND ({CHANGED}))"


def freeze(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        act = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"
        sql = f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW {WHEN} {act}"
    else:
        act = "EXECUTE FUNCTION fund_refuse_change()"
        sql = f"CREATE TRIGGER fund_frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW {WHEN} {act}"
    schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [
        guard("incentives_pointevent", "incentives_eligibilityrun", "incentives_classification", "incentives_hrfact"),
        guard("incentives_workconfirmation", "incentives_policycomment"),
        migrations.RunPython(freeze, migrations.RunPython.noop),
    ]
