"""The embedded default as an operator types it: prepared, backed up and brought back, on SQLite wherever tests run."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings

OUTSIDE = ("DATABASE_URL", "REDIS_URL", "REBUILD_DEMO")


@pytest.fixture
def command(tmp_path):
    """Return what runs a command of the product on a data folder of its own."""
    env = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
    env |= {"DATA_DIR": str(tmp_path), "FUND_ENV": "development", "DJANGO_SETTINGS_MODULE": "config.settings"}

    def run(*words):
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=settings.BASE_DIR, env=env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


def test_embedded_fund_is_backed_up_and_comes_back(command, tmp_path):
    made = command("prepare", "--without-demo")
    assert (made.returncode, made.stderr) == (0, "")
    file = tmp_path / "all.tar.gz"
    made = command("backup", str(file))
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith(f"{file}: ")
    with closing(sqlite3.connect(tmp_path / "fund.sqlite3")) as own, own:
        (before,) = own.execute("SELECT COUNT(*) FROM people_holiday").fetchone()
        own.execute("CREATE TABLE people_stray (id integer)")
    made = command("restore", str(file), "--yes")
    assert (made.returncode, made.stderr) == (0, "")
    with closing(sqlite3.connect(tmp_path / "fund.sqlite3")) as own:
        tables = {name for (name,) in own.execute("SELECT name FROM sqlite_master")}
        assert "people_stray" not in tables
        assert own.execute("SELECT COUNT(*) FROM people_holiday").fetchone() == (before,)


CHECK = "from lifecycle import dumps; from pathlib import Path; dumps.check(Path({!r}))"


def test_copy_that_is_no_database_or_breaks_its_own_rules_is_refused(command, tmp_path):
    torn, wrong = tmp_path / "torn", tmp_path / "wrong"
    torn.write_bytes(b"no database" * 999)
    with closing(sqlite3.connect(wrong, isolation_level=None)) as copy:
        copy.execute("CREATE TABLE t (a)")
        copy.execute("INSERT INTO t VALUES (NULL)")
        copy.execute("PRAGMA writable_schema = ON")
        copy.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE t (a NOT NULL)'")
    for file, said in ((torn, "file is not a database"), (wrong, "NULL value in t.a")):
        done = command("shell", "-c", CHECK.format(str(file)))
        assert done.returncode == 1
        assert f"lifecycle.dumps.DumpFailed: {said}" in done.stderr
