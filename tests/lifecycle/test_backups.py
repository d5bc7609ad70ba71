"""Back up, wreck, restore: every row, every file and every chain is as before."""

import hashlib
import io
import json
import shutil
import tarfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from documents.services import read_file, store_file
from fund.services.verifying import faults as ledger_faults
from lifecycle import backups, dumps
from lifecycle.checkpoints import faults, make_checkpoint
from people.models import User

from ..factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
needs_tools = pytest.mark.skipif(
    connection.vendor == "postgresql" and not (shutil.which("pg_dump") and shutil.which("pg_restore")),
    reason="the client tools of PostgreSQL are not on this machine",
)


def row_hashes():
    """Return table -> hash over all its rows, in no particular order."""
    found = {}
    with connection.cursor() as cursor:
        for table in dumps.own_tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def file_hashes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in ("files", "checkpoints")
        for path in (folder / name).rglob("*")
        if path.is_file()
    } | {"secret_key": (folder / "secret_key").read_text()}


@pytest.fixture
def folder(settings, tmp_path):
    """A data folder of its own, with a key."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.DATA_DIR / "secret_key").write_text("once made")
    return settings.DATA_DIR


@pytest.fixture
def seeded(folder, worked, cast):
    """A running grant with its money, a stored file and a checkpoint."""
    stored = store_file(content=b"a receipt", name="receipt.pdf", content_type="application/pdf", kind="receipt")
    make_checkpoint()
    return stored


@needs_tools
def test_backup_restores_every_row_file_and_chain_after_all_is_lost(seeded, folder, tmp_path, client, cast):
    file = tmp_path / "all.tar.gz"
    rows, files = row_hashes(), file_hashes(folder)
    call_command("backup", str(file), stdout=StringIO())
    assert file.stat().st_mode & 0o777 == 0o600
    dumps.drop_all()
    for name in ("files", "checkpoints"):
        shutil.rmtree(folder / name)
    (folder / "secret_key").write_text("another")
    (folder / "files").mkdir()
    (folder / "files" / "stray").write_text("of a later day")
    out = StringIO()
    call_command("restore", str(file), stdout=out)
    assert out.getvalue().endswith("agrees with the backup. Start with make run.\n")
    assert row_hashes() == rows
    assert file_hashes(folder) == files
    assert list(faults()) == list(ledger_faults()) == []
    assert read_file(seeded) == b"a receipt"
    answer = client.post("/account/login/", {"login": cast["colleague"].email, "password": PASSWORD})
    assert (answer.status_code, client.session["_auth_user_id"]) == (302, str(cast["colleague"].pk))


@needs_tools
def test_restore_says_what_it_would_replace_and_needs_the_word(seeded, folder, tmp_path):
    file = tmp_path / "all.tar.gz"
    backups.make(file)
    UserFactory(email="later@x.example")
    before, count = row_hashes(), User.objects.count()
    out = StringIO()
    with pytest.raises(CommandError, match="not empty, so nothing was changed"):
        call_command("restore", str(file), stdout=out)
    assert f"  people_user: {count} rows now, {count - 1} in the backup\n" in out.getvalue()
    call_command("restore", str(file), "--yes", "--dry-run", stdout=StringIO())
    assert row_hashes() == before
    call_command("restore", str(file), "--yes", stdout=StringIO())
    assert not User.objects.filter(email="later@x.example").exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is copied without a tool")
def test_backup_without_the_tools_of_postgresql_says_what_to_install(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="pg_dump is not on this machine"):
        call_command("backup", str(tmp_path / "all.tar.gz"), stdout=StringIO())
    assert not (tmp_path / "all.tar.gz").exists()


def rewritten(file, tmp_path, name, content):
    """Return a copy of a backup in which one part was replaced."""
    room, target = tmp_path / "room", tmp_path / "rewritten.tar.gz"
    with tarfile.open(file) as archive:
        archive.extractall(room, filter="data")
    (room / name).write_bytes(content)
    with tarfile.open(target, "w:gz") as archive:
        archive.add(room, ".", recursive=False)
        for path in sorted(room.rglob("*")):
            archive.add(path, str(path.relative_to(room)), recursive=False)
    return target


@needs_tools
def test_restore_of_a_damaged_backup_changes_nothing(seeded, folder, tmp_path):
    file = tmp_path / "all.tar.gz"
    backups.make(file)
    before, files = row_hashes(), file_hashes(folder)
    for name in ("database", "secret_key", seeded_path(seeded)):
        with pytest.raises(backups.BackupRefused, match="differs from its own list"):
            backups.restore(rewritten(file, tmp_path, name, b"forged"))
    whole, cut = file.read_bytes(), tmp_path / "cut.tar.gz"
    middle = len(whole) * 2 // 3
    for torn in (whole[:middle], whole[:middle] + bytes(999) + whole[middle + 999 :]):
        cut.write_bytes(torn)
        with pytest.raises(backups.BackupRefused, match="damaged"):
            backups.restore(cut)
    assert (row_hashes(), file_hashes(folder)) == (before, files)


@needs_tools
def test_what_a_torn_backup_says_about_itself_is_read_without_reading_the_rest(folder, tmp_path):
    file, torn = tmp_path / "all.tar.gz", tmp_path / "torn.tar.gz"
    made = backups.make(file)
    torn.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    assert backups.look(torn) == made


@needs_tools
def test_backup_of_a_fund_without_files_and_with_its_key_elsewhere_comes_back(folder, tmp_path):
    """As where the key is set in the environment: the file holds the database alone."""
    (folder / "secret_key").unlink()
    (folder / "files").rmdir()
    file = tmp_path / "all.tar.gz"
    assert list(backups.make(file).files) == ["database"]
    before = row_hashes()
    (folder / "files").mkdir()
    (folder / "files" / "stray").write_text("of a later day")
    (folder / "secret_key").write_text("made later")
    call_command("restore", str(file), "--yes", stdout=StringIO())
    assert row_hashes() == before
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("secret_key", "made later")]


@needs_tools
def test_restore_of_a_fund_that_was_not_whole_names_the_fault_and_fails(seeded, folder, tmp_path):
    (export,) = (folder / "checkpoints").iterdir()
    lost = export.rename(export.with_name("00000001-lost.txt"))
    file, out = tmp_path / "all.tar.gz", StringIO()
    backups.make(file)
    with pytest.raises(CommandError, match="Restored, but not whole"):
        call_command("restore", str(file), "--yes", stdout=out)
    assert out.getvalue().endswith(f"FAULT checkpoint {lost.name}: was exported but is not in the database\n")


def seeded_path(stored):
    return str(Path("files") / stored.path)


@needs_tools
def test_restore_of_an_unreadable_database_is_refused_before_anything_is_dropped(seeded, folder, tmp_path):
    file = tmp_path / "all.tar.gz"
    backups.make(file)
    broken = rewritten(file, tmp_path, "database", b"no database")
    listed = json.loads((tmp_path / "room" / "manifest.json").read_text())
    listed["files"]["database"] = hashlib.sha256(b"no database").hexdigest()
    broken = rewritten(broken, tmp_path, "manifest.json", json.dumps(listed).encode())
    before = row_hashes()
    with pytest.raises(backups.BackupRefused):
        backups.restore(broken)
    assert row_hashes() == before


@needs_tools
def test_backup_of_another_kind_of_database_or_version_is_refused(folder, tmp_path):
    file = tmp_path / "all.tar.gz"
    backups.make(file)
    with tarfile.open(file) as archive:
        said = json.load(archive.extractfile("manifest.json"))
    for change, words in (({"vendor": "oracle"}, "is of oracle"), ({"format": 99}, "another version")):
        with pytest.raises(backups.BackupRefused, match=words):
            backups.look(rewritten(file, tmp_path, "manifest.json", json.dumps(said | change).encode()))


def test_restore_of_any_other_file_is_refused(folder, tmp_path):
    no_backup, no_manifest = tmp_path / "letter.tar.gz", tmp_path / "other.tar.gz"
    no_backup.write_text("Dear Sir")
    with tarfile.open(no_manifest, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("nothing"), io.BytesIO())
    for file in (no_backup, no_manifest, tmp_path / "missing.tar.gz"):
        with pytest.raises(CommandError, match="is not a backup of the fund"):
            call_command("restore", str(file), stdout=StringIO())


def test_backup_that_cannot_be_made_leaves_no_file(folder, tmp_path, monkeypatch):
    def refuses(file):
        raise dumps.DumpFailed("pg_dump is not on this machine.")

    monkeypatch.setattr(dumps, "dump", refuses)
    with pytest.raises(CommandError, match=r"No backup was made\. pg_dump is not on this machine\."):
        call_command("backup", str(tmp_path / "out" / "all.tar.gz"), stdout=StringIO())
    assert list((tmp_path / "out").iterdir()) == []


@needs_tools
def test_checkpoint_made_during_a_backup_is_no_fault_after_it(seeded, folder, tmp_path, monkeypatch, cast):
    """Somebody works while the backup is made: between the checkpoints, the database and the files."""
    dump = dumps.dump

    def busy(file):
        rows = dump(file)
        UserFactory(email="later@x.example")
        make_checkpoint()
        return rows

    monkeypatch.setattr(dumps, "dump", busy)
    file = tmp_path / "all.tar.gz"
    found = backups.make(file)
    backups.restore(file)
    assert (backups.differences(found), list(faults())) == ([], [])
