"""The schema fingerprint: which text of each migration built this database.

A migration that was rewritten after it ran is invisible to `migrate`, which compares names only. So the digest of
each applied migration is kept in the database, in a table that no migration makes, and compared before migrating.
"""

import ast
import hashlib
import inspect
import sys

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

TABLE = "schema_fingerprint"


def digest_of(source: str) -> str:
    """Return sha256 as hex of what the source says; comments and layout do not count."""
    return hashlib.sha256(ast.dump(ast.parse(source)).encode()).hexdigest()


def misfits() -> list[str]:
    """Return one sentence for each way in which the database was built by other migrations than the code has."""
    loader = MigrationLoader(connection)
    applied = [key for key in loader.applied_migrations if key[0] in settings.ROOMS]
    stored = _stored()
    if applied and not stored:
        return _column_misfits(loader)
    digests = _digests(loader)
    gone = [f"{name} ran here and is no longer in the code" for name in sorted(stored.keys() - digests.keys())]
    return gone + [
        f"{name} was rewritten" for name in sorted(stored) if stored[name] != digests.get(name, stored[name])
    ]


def remember() -> None:
    """Store the digest of every migration of the rooms that has been applied; call it after `migrate`."""
    loader = MigrationLoader(connection)
    applied = {f"{app}.{name}" for app, name in loader.applied_migrations}
    known = _stored()
    rows = [(name, digest) for name, digest in _digests(loader).items() if name in applied and name not in known]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (name varchar(200) PRIMARY KEY, digest varchar(64) NOT NULL)"
        )
        cursor.executemany(f"INSERT INTO {TABLE} (name, digest) VALUES (%s, %s)", rows)  # noqa: S608  (a constant)


def _digests(loader: MigrationLoader) -> dict[str, str]:
    """Return `room.name` -> digest of the migrations in the code."""
    own = {key: migration for key, migration in loader.disk_migrations.items() if key[0] in settings.ROOMS}
    return {
        f"{app}.{name}": digest_of(inspect.getsource(sys.modules[type(migration).__module__]))
        for (app, name), migration in own.items()
    }


def _stored() -> dict[str, str]:
    """Return what an earlier start remembered; nothing for a database without the table."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return {}
        cursor.execute(f"SELECT name, digest FROM {TABLE}")  # noqa: S608  (a constant)
        return dict(cursor.fetchall())


def _column_misfits(loader: MigrationLoader) -> list[str]:
    """Compare columns, for a database from before there were fingerprints."""
    applied = [key for key in loader.applied_migrations if key[0] in settings.ROOMS]
    gone = [f"{app}.{name} ran here and is no longer in the code" for app, name in applied
            if (app, name) not in loader.disk_migrations]  # fmt: skip
    if gone:
        return sorted(gone)
    known = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    models = loader.project_state(known).apps.get_models(include_auto_created=True)
    wanted = {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in models
        if model._meta.app_label in settings.ROOMS
    }
    held = _columns_of(set(wanted))
    return sorted(f"the columns of {table} differ" for table in wanted if wanted[table] != held.get(table))


def _columns_of(tables: set[str]) -> dict[str, set[str]]:
    """Return table -> columns as the database has them, for those of `tables` that exist."""
    look = connection.introspection
    with connection.cursor() as cursor:
        found = tables & set(look.table_names(cursor))
        return {table: {column.name for column in look.get_table_description(cursor, table)} for table in found}
