"""The embedded default as an operator types it: prepared, backed up and brought back, on SQLite wherever tests run."""

import sqlite3
from contextlib import closing

from ..commands import embedded
from ..sizes import once


@once
def test_embedded_fund_is_backed_up_and_comes_back(tmp_path):
    made = embedded(tmp_path, "prepare", "--without-demo")
    assert (made.returncode, made.stderr) == (0, "")
    file = tmp_path / "all.tar.gz"
    made = embedded(tmp_path, "backup", str(file))
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith(f"{file}: ")
    with closing(sqlite3.connect(tmp_path / "fund.sqlite3")) as own, own:
        (before,) = own.execute("SELECT COUNT(*) FROM people_holiday").fetchone()
        own.execute("CREATE TABLE people_stray (id integer)")
    made = embedded(tmp_path, "restore", str(file), "--yes")
    assert (made.returncode, made.stderr) == (0, "")
    with closing(sqlite3.connect(tmp_path / "fund.sqlite3")) as own:
        tables = {name for (name,) in own.execute("SELECT name FROM sqlite_master")}
        assert "people_stray" not in tables
        assert own.execute("SELECT COUNT(*) FROM people_holiday").fetchone() == (before,)


CHECK = "from lifecycle import dumps; from pathlib import Path; dumps.check(Path({!r}))"


def test_copy_that_is_no_database_or_breaks_its_own_rules_is_refused(tmp_path):
    torn, wrong = tmp_path / "torn", tmp_path / "wrong"
    torn.write_bytes(b"no database" * 999)
    with closing(sqlite3.connect(wrong, isolation_level=None)) as copy:
        copy.execute("CREATE TABLE t (a)")
        copy.execute("INSERT INTO t VALUES (NULL)")
        copy.execute("PRAGMA writable_schema = ON")
        copy.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE t (a NOT NULL)'")
    for file, said in ((torn, "file is not a database"), (wrong, "NULL value in t.a")):
        done = embedded(tmp_path, "shell", "-c", CHECK.format(str(file)))
        assert done.returncode == 1
        assert f"lifecycle.dumps.DumpFailed: {said}" in done.stderr
