"""Triggers: trail rows are never updated or deleted; a payload may only be blanked."""

from django.db import migrations

APPEND_ONLY = ("lifecycle_trailentry", "lifecycle_checkpoint")

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION fund_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME; END $$;
"""


def postgresql(schema_editor):
    def run(sql):
        schema_editor.execute(sql, params=None)

    run(PG_FUNCTION)
    for table in APPEND_ONLY:
        run(
            f"CREATE TRIGGER fund_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION fund_refuse_change()"
        )
    payload = "lifecycle_trailpayload"
    run(
        f"CREATE TRIGGER fund_append_only BEFORE DELETE ON {payload} FOR EACH ROW EXECUTE FUNCTION fund_refuse_change()"
    )
    run(
        f"CREATE TRIGGER fund_blank_only BEFORE UPDATE ON {payload} FOR EACH ROW "
        "WHEN (NEW.text <> '' OR NEW.blanked_at IS NULL OR NEW.entry_id <> OLD.entry_id) "
        "EXECUTE FUNCTION fund_refuse_change()"
    )
    for table in (*APPEND_ONLY, payload):
        run(
            f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION fund_refuse_change()"
        )


def sqlite(schema_editor):
    def run(sql):
        schema_editor.execute(sql, params=None)

    refuse = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"
    payload = "lifecycle_trailpayload"
    for table in APPEND_ONLY:
        run(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    for table in (*APPEND_ONLY, payload):
        run(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    run(
        f"CREATE TRIGGER {payload}_blank_only BEFORE UPDATE ON {payload} "
        f"WHEN NEW.text <> '' OR NEW.blanked_at IS NULL OR NEW.entry_id <> OLD.entry_id {refuse}"
    )


def forwards(apps, schema_editor):
    {"postgresql": postgresql, "sqlite": sqlite}[schema_editor.connection.vendor](schema_editor)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
