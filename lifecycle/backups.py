"""A backup is one file: the database, the stored files, the exported checkpoints, the secret key, and all their hashes.

The order makes it consistent while people work. Checkpoints are read before the database, because an export that the
database does not know is a fault; stored files after it, because a row's bytes are written before the row.
"""

import hashlib
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from . import clock, dumps

FORMAT = 1
MANIFEST, DATABASE, KEY = "manifest.json", "database", "secret_key"
FOLDERS = ("checkpoints", "files")


class BackupRefused(Exception):
    """The file is no backup, is damaged, or does not fit this database."""


@dataclass(frozen=True)
class Backup:
    """What a backup says about itself: when, of which database, rows by table, sha256 by file."""

    made_at: str
    vendor: str
    rows: dict[str, int]
    files: dict[str, str]


def make(target: Path) -> Backup:
    """Write a backup to `target` (readable by the owner only) and return what is in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as work:
        room = Path(work)
        _copy_folder("checkpoints", room)
        rows = dumps.dump(room / DATABASE)
        _copy_folder("files", room)
        key = _data() / KEY
        if key.exists():
            shutil.copyfile(key, room / KEY)
        made = Backup(clock.now().isoformat(timespec="seconds"), connection.vendor, rows, _hashes(room))
        (room / MANIFEST).write_text(json.dumps({"format": FORMAT} | vars(made), indent=1, sort_keys=True))
        unfinished = room.with_suffix(".tar")
        try:
            _pack(room, unfinished)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return made


def look(source: Path) -> Backup:
    """Return what a backup says about itself, without unpacking it. BackupRefused for any other file."""
    try:
        with tarfile.open(source) as archive:
            place = next(member for member in archive if member.name == MANIFEST)  # asked by name, it would read all
            member = archive.extractfile(place)
            said: dict[str, Any] = json.load(member) if member else {}
    except (OSError, EOFError, tarfile.TarError, StopIteration, ValueError, zlib.error) as error:
        raise BackupRefused(f"{source} is not a backup of the fund, or it is damaged.") from error
    if said.pop("format", None) != FORMAT:
        raise BackupRefused(f"{source} was made by another version, which this one cannot read.")
    found = Backup(**said)
    if found.vendor != connection.vendor:
        raise BackupRefused(f"The backup is of {found.vendor}, this database is {connection.vendor}.")
    return found


def restore(source: Path) -> Backup:
    """Replace database, stored files, checkpoints and key by those of the backup. BackupRefused before any change."""
    found = look(source)
    with tempfile.TemporaryDirectory(dir=_data(), prefix=".restore-") as work:
        room = Path(work)
        _unpack(source, room)
        if _hashes(room) != found.files:
            raise BackupRefused(f"{source} is damaged: what is in it differs from its own list.")
        try:
            dumps.load(room / DATABASE)
        except dumps.DumpFailed as error:
            raise BackupRefused(str(error)) from error
        for name in FOLDERS:
            shutil.rmtree(_data() / name, ignore_errors=True)
            if (room / name).exists():
                (room / name).rename(_data() / name)
        if (room / KEY).exists():
            (room / KEY).replace(_data() / KEY)
            (_data() / KEY).chmod(0o600)
    return found


def differences(found: Backup) -> list[str]:
    """Return one sentence for each table or stored file that is not as the backup says."""
    rows, files = dumps.counts(), _hashes(_data())
    wrong = [
        f"{table}: {rows.get(table, 0)} rows, the backup has {count}"
        for table, count in found.rows.items()
        if rows.get(table, 0) != count
    ]
    kept = {name: link for name, link in found.files.items() if name != DATABASE}
    return wrong + [f"{name} differs" for name, link in kept.items() if files.get(name) != link]


def holds_anything() -> bool:
    """Tell whether the database has any row that a restore would take away; what `migrate` writes does not count."""
    made_by_migrate = ("django_", "auth_", *dumps.OWN)
    return any(count for table, count in dumps.counts().items() if not table.startswith(made_by_migrate))


def _data() -> Path:
    return Path(settings.DATA_DIR)


def _copy_folder(name: str, room: Path) -> None:
    """Copy a folder of the data directory; a file that goes away meanwhile belongs to no row that was copied."""
    for file in _files_in(_data() / name):
        target = room / name / file.relative_to(_data() / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _files_in(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hashes(folder: Path) -> dict[str, str]:
    """Return name -> sha256 as hex of everything that a backup holds."""
    places = [folder / DATABASE, folder / KEY, *(file for name in FOLDERS for file in _files_in(folder / name))]
    found = {}
    for place in places:
        if place.exists():
            with place.open("rb") as file:
                found[str(place.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _pack(room: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with tarfile.open(target, "w:gz", compresslevel=6) as archive:
        archive.add(room / MANIFEST, MANIFEST)  # first, so that a look at it is quick
        for name in _hashes(room):
            archive.add(room / name, name)


def _unpack(source: Path, room: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(room, filter="data")
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise BackupRefused(f"{source} is damaged: {error}") from error
