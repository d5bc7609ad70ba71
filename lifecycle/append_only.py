"""For migrations: triggers that make a table append-only on both databases."""

from typing import Any

from django.db import migrations

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION fund_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME; END $$;
"""
REFUSE = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"


def statements(vendor: str, table: str) -> list[str]:
    """Return the SQL that refuses update and delete (on PostgreSQL also truncate) of `table`."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {REFUSE}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {REFUSE}",
        ]
    call = "EXECUTE FUNCTION fund_refuse_change()"
    return [
        PG_FUNCTION,
        f"CREATE TRIGGER fund_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]


def guard(*tables: str) -> migrations.RunPython:
    """Return the operation of a `guards` migration for `tables`."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        for table in tables:
            for sql in statements(schema_editor.connection.vendor, table):
                schema_editor.execute(sql, params=None)

    return migrations.RunPython(forwards, migrations.RunPython.noop)
