"""One consistent copy of the whole database in a file, and back; SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction

from .fingerprint import TABLE

OWN = (TABLE, "cache")  # tables of the product that belong to no app
Counts = dict[str, int]


class DumpFailed(Exception):
    """The database's own tool refused; the message is what it said."""


def own_tables() -> list[str]:
    """Return the product's tables; another product may live in the same PostgreSQL database."""
    prefixes = ("django_", *(f"{config.label}_" for config in apps.get_app_configs()))
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    return sorted(table for table in tables if table.startswith(prefixes) or table in OWN)


def counts() -> Counts:
    """Return table -> number of rows."""
    found = {}
    with connection.cursor() as cursor:
        for table in own_tables():
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  (a table's name)
            found[table] = int(cursor.fetchone()[0])
    return found


def drop_all() -> None:
    """Drop every table of the product."""
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        cascade = " CASCADE" if connection.vendor == "postgresql" else ""
        for table in own_tables():
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}{cascade}")


def dump(file: Path) -> Counts:
    """Write the database into `file` as of one moment, while others work; return the rows it holds."""
    return _dump_sqlite(file) if connection.vendor == "sqlite" else _dump_postgresql(file)


def load(file: Path) -> None:
    """Replace the database by what `dump` wrote. DumpFailed when the file cannot be read."""
    check(file)
    if connection.vendor == "sqlite":
        connection.close()
        with closing(sqlite3.connect(file)) as source, closing(_own_sqlite()) as target:
            source.backup(target)
        return
    drop_all()
    options = ("--no-owner", "--no-privileges", "--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    _tool("pg_restore", *options, "--dbname", str(connection.settings_dict["NAME"]), str(file))


def check(file: Path) -> None:
    """Read the whole file once, before anything is replaced. DumpFailed when it is damaged."""
    if connection.vendor != "sqlite":
        _tool("pg_restore", "--file", os.devnull, str(file))
        return
    with closing(sqlite3.connect(file)) as copy:
        try:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise DumpFailed(str(error)) from error
    if said != "ok":
        raise DumpFailed(said)


def _own_sqlite() -> sqlite3.Connection:
    """Open the database file apart from Django: a copy out of an open transaction would wait for itself."""
    return sqlite3.connect(connection.settings_dict["NAME"])


def _dump_sqlite(file: Path) -> Counts:
    with closing(_own_sqlite()) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        return {
            table: int(copy.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])  # noqa: S608  (a table's name)
            for table in own_tables()
        }


def _dump_postgresql(file: Path) -> Counts:
    with _snapshot() as name:
        rows = counts()
        database = str(connection.settings_dict["NAME"])
        _tool("pg_dump", "--format=custom", f"--snapshot={name}", "--file", str(file), "--dbname", database)
    return rows


@contextmanager
def _snapshot() -> Iterator[str]:
    """Hold one moment of the database that pg_dump can look at too; yield its name."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _tool(name: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL against the configured server."""
    path = shutil.which(name)
    if path is None:
        raise DumpFailed(f"{name} is not on this machine. Install the client tools of PostgreSQL.")
    known = connection.settings_dict
    said = {"PGHOST": known["HOST"], "PGPORT": known["PORT"], "PGUSER": known["USER"], "PGPASSWORD": known["PASSWORD"]}
    environment = os.environ | {key: str(value) for key, value in said.items() if value}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise DumpFailed(f"{name}: {done.stderr.strip()}")
