"""Triggers: trail rows are never updated or deleted; a payload may only be blanked."""

from django.db import migrations

from lifecycle.append_only import REFUSE, guard

PAYLOAD = "lifecycle_trailpayload"
REMOVED_OR_REWRITTEN = "NEW.text <> '' OR NEW.blanked_at IS NULL OR NEW.entry_id <> OLD.entry_id"
CALL = "EXECUTE FUNCTION fund_refuse_change()"
BLANK_ONLY = {
    "postgresql": [
        f"CREATE TRIGGER fund_append_only BEFORE DELETE ON {PAYLOAD} FOR EACH ROW {CALL}",
        f"CREATE TRIGGER fund_blank_only BEFORE UPDATE ON {PAYLOAD} FOR EACH ROW WHEN ({REMOVED_OR_REWRITTEN}) {CALL}",
        f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {PAYLOAD} FOR EACH STATEMENT {CALL}",
    ],
    "sqlite": [
        f"CREATE TRIGGER {PAYLOAD}_no_delete BEFORE DELETE ON {PAYLOAD} {REFUSE}",
        f"CREATE TRIGGER {PAYLOAD}_blank_only BEFORE UPDATE ON {PAYLOAD} WHEN {REMOVED_OR_REWRITTEN} {REFUSE}",
    ],
}


def blank_only(apps, schema_editor):
    for sql in BLANK_ONLY[schema_editor.connection.vendor]:
        schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_initial")]
    operations = [
        guard("lifecycle_trailentry", "lifecycle_checkpoint"),
        migrations.RunPython(blank_only, migrations.RunPython.noop),
    ]
