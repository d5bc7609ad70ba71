"""Triggers: what is written about money is never updated or deleted."""

from django.db import migrations

APPEND_ONLY = ("fund_ledgerentry", "fund_signature", "fund_fieldnote")


def statements(vendor, table):
    """Return the triggers of one table by name; `fund_refuse_change` is made by the room lifecycle."""
    if vendor == "postgresql":
        each = "EXECUTE FUNCTION fund_refuse_change()"
        return {
            "change": f"CREATE TRIGGER fund_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {each}",
            "truncate": f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {each}",
        }
    refuse = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"
    return {
        event: f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} {refuse}" for event in ("update", "delete")
    }


def forwards(apps, schema_editor):
    for table in APPEND_ONLY:
        for statement in statements(schema_editor.connection.vendor, table).values():
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("fund", "0003_money"), ("lifecycle", "0002_guards")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
