"""For migrations: an index that finds words inside a column, where PostgreSQL offers it."""

from typing import Any

from django.db import migrations

# pg_trgm is a trusted extension: whoever may create in the database may add it.
MAY_CREATE = """
SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')
    OR EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm')
       AND has_database_privilege(current_database(), 'CREATE')
"""


def find_words_in(table: str, column: str, name: str) -> migrations.RunPython:
    """Return the operation that makes `column__icontains` an index search; SQLite and a bare PostgreSQL go without."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(MAY_CREATE)
            if not cursor.fetchone()[0]:
                return
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (UPPER({column}::text) gin_trgm_ops)")

    return migrations.RunPython(forwards, migrations.RunPython.noop)
