"""Throwing a demonstration fund away, so that it can be built anew. Never another database."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from lifecycle import dumps

FOLDERS = ("files", "checkpoints")  # what belongs to the rows and would accuse the new ones
COUNT = "SELECT COUNT(*) FROM people_user WHERE NOT is_system AND {} is_demo"


def is_only_demo() -> bool:
    """Tell whether everybody in the database is of the demonstration fund; in doubt, no.

    Asked in SQL, because the tables may be those of an earlier version of the code.
    """
    if settings.PRODUCTION:
        return False
    try:
        with transaction.atomic():
            return _count("") > 0 and _count("NOT") == 0
    except DatabaseError:
        return False


def _count(negation: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(negation))
        return int(cursor.fetchone()[0])


def throw_away() -> None:
    """Drop every table and remove the stored files and checkpoints; ValueError unless all of it is demonstration."""
    if not is_only_demo():
        raise ValueError("This database holds more than the demonstration fund.")
    if connection.vendor == "sqlite":
        _drop_sqlite()
    else:
        dumps.drop_all()
    for name in FOLDERS:
        shutil.rmtree(Path(settings.DATA_DIR) / name, ignore_errors=True)


def _drop_sqlite() -> None:
    """Remove the database file with its log; foreign keys and triggers would stand in the way of dropping."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        Path(name + suffix).unlink(missing_ok=True)
