"""For migrations: triggers that make a table append-only on both databases."""

from collections.abc import Sequence
from typing import Any

from django.db import migrations

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION fund_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME; END $$;
"""
REFUSE = "BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END"


def statements(vendor: str, table: str, frozen: Sequence[str] = ()) -> list[str]:
    """Return the SQL that refuses update and delete (on PostgreSQL also truncate) of `table`.

    With `frozen` an update is refused only where it changes one of these columns: what was said stays, and only the
    answer to it moves.
    """
    if vendor == "sqlite":
        when = f"WHEN {_changed('IS NOT', frozen)} " if frozen else ""
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {when}{REFUSE}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {REFUSE}",
        ]
    call = "EXECUTE FUNCTION fund_refuse_change()"
    if frozen:
        when = _changed("IS DISTINCT FROM", frozen)
        return [
            PG_FUNCTION,
            f"CREATE TRIGGER fund_frozen BEFORE UPDATE ON {table} FOR EACH ROW WHEN {when} {call}",
            f"CREATE TRIGGER fund_append_only BEFORE DELETE ON {table} FOR EACH ROW {call}",
            f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        ]
    return [
        PG_FUNCTION,
        f"CREATE TRIGGER fund_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]


def _changed(differs: str, columns: Sequence[str]) -> str:
    return "(" + " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns) + ")"


def guard(*tables: str, frozen: Sequence[str] = ()) -> migrations.RunPython:
    """Return the operation of a `guards` migration for `tables`, of which all or the `frozen` columns never change."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        for table in tables:
            for sql in statements(schema_editor.connection.vendor, table, frozen):
                schema_editor.execute(sql, params=None)

    return migrations.RunPython(forwards, migrations.RunPython.noop)
