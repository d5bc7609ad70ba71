"""`make run` and its database: it fits, it does not fit, it is rebuilt, it is left alone."""

import sqlite3
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from lifecycle import dumps, fingerprint
from reports.demo import rebuilding
from reports.management.commands import prepare

from ..commands import embedded
from ..factories import UserFactory


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def built(db):
    """A database as `make run` leaves it, with one demonstration account."""
    fingerprint.remember()
    UserFactory(is_demo=True)
    assert fingerprint.misfits() == []


def rewrite():
    """What a rewritten 0001_initial looks like to the database: another digest than the code's."""
    run("UPDATE schema_fingerprint SET digest='0' WHERE name='fund.0001_initial'")


def test_fingerprint_knows_every_applied_migration_of_the_rooms(built):
    names = [f"{app}.{name}" for app, name in rows("SELECT app, name FROM django_migrations") if app in settings.ROOMS]
    assert sorted(name for (name,) in rows("SELECT name FROM schema_fingerprint")) == sorted(names)


def test_fingerprint_asked_twice_stores_once(built):
    before = rows("SELECT * FROM schema_fingerprint ORDER BY name")
    fingerprint.remember()
    assert rows("SELECT * FROM schema_fingerprint ORDER BY name") == before


def test_fingerprint_of_a_new_migration_is_no_misfit(built):
    run("DELETE FROM schema_fingerprint WHERE name='people.0002_guards'")
    run("DELETE FROM django_migrations WHERE app='people' AND name='0002_guards'")
    assert fingerprint.misfits() == []


def test_fingerprint_rewritten_migration_is_named(built):
    rewrite()
    assert fingerprint.misfits() == ["fund.0001_initial was rewritten"]


def test_fingerprint_removed_migration_is_named(built):
    run("INSERT INTO schema_fingerprint VALUES ('fund.0099_gone', '1')")
    assert fingerprint.misfits() == ["fund.0099_gone ran here and is no longer in the code"]


def test_fingerprint_of_a_database_from_before_is_taken_over_when_its_columns_fit(db):
    assert fingerprint.misfits() == []


def test_fingerprint_of_a_database_from_before_with_other_columns_is_a_misfit(db):
    run("ALTER TABLE fund_call RENAME COLUMN purpose TO aim")
    assert fingerprint.misfits() == ["the columns of fund_call differ"]


def test_fingerprint_of_a_database_from_before_with_a_removed_migration_is_a_misfit(db):
    run("UPDATE django_migrations SET name='0099_gone' WHERE app='people' AND name='0002_guards'")
    assert fingerprint.misfits() == ["people.0099_gone ran here and is no longer in the code"]


def test_fingerprint_ignores_comments_and_layout():
    assert fingerprint.digest_of("a = [1,\n2]  # two\n") == fingerprint.digest_of("a = [1, 2]\n")
    assert fingerprint.digest_of("a = [1, 2]\n") != fingerprint.digest_of("a = [1, 3]\n")


def test_demo_is_only_demo_until_somebody_else_has_an_account(built):
    assert rebuilding.is_only_demo()
    UserFactory()
    assert not rebuilding.is_only_demo()


def test_demo_in_production_or_with_nobody_is_not_only_demo(db, settings):
    assert not rebuilding.is_only_demo()
    UserFactory(is_demo=True)
    settings.PRODUCTION = True
    assert not rebuilding.is_only_demo()


def test_demo_unreadable_people_table_is_not_only_demo(built):
    run("ALTER TABLE people_user RENAME COLUMN is_demo TO was_demo")
    assert not rebuilding.is_only_demo()


def test_throwing_away_other_data_is_refused(built):
    UserFactory()
    with pytest.raises(ValueError, match="more than the demonstration fund"):
        rebuilding.throw_away()


@pytest.fixture
def thrown(monkeypatch):
    """Record what would be thrown away and what would be migrated, and do neither."""
    done = []
    monkeypatch.setattr(rebuilding, "throw_away", lambda: done.append("thrown away"))
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: done.append(name))
    monkeypatch.setattr(fingerprint, "remember", lambda: done.append("remembered"))
    monkeypatch.delenv("REBUILD_DEMO", raising=False)
    return done


def test_prepare_rewritten_migration_without_an_answer_changes_nothing(built, thrown):
    rewrite()
    out = StringIO()
    with pytest.raises(CommandError, match=r"REBUILD_DEMO=1 make run\. Nothing was changed"):
        call_command("prepare", stdout=out)
    assert "no longer fits the code" in out.getvalue()
    assert "fund.0001_initial was rewritten." in out.getvalue()
    assert thrown == []


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("Yes ", True), ("", False), ("no", False)])
def test_prepare_asks_at_a_terminal(built, thrown, monkeypatch, answer, agreed):
    rewrite()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    if agreed:
        call_command("prepare", "--without-demo", stdout=StringIO())
    else:
        with pytest.raises(CommandError):
            call_command("prepare", "--without-demo", stdout=StringIO())
    assert thrown == (["thrown away", "migrate", "createcachetable", "remembered"] if agreed else [])


def test_prepare_never_offers_to_rebuild_other_data(built, thrown, monkeypatch):
    UserFactory()
    rewrite()
    monkeypatch.setenv("REBUILD_DEMO", "1")
    with pytest.raises(CommandError, match="more than the demonstration fund, so it is left alone"):
        call_command("prepare", stdout=StringIO())
    assert thrown == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the run on SQLite copies its own database file")
def test_prepare_rebuilds_a_real_file_and_starts_again_without_a_word(transactional_db, built, tmp_path):
    folder = tmp_path / "data"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "old").write_text("old")
    rewrite()
    dumps.dump(folder / "fund.sqlite3")
    done = prepare_in(folder, REBUILD_DEMO="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "files" / "old").exists()
    with sqlite3.connect(folder / "fund.sqlite3") as new:
        found = new.execute("SELECT COUNT(*), MIN(length(digest)) FROM schema_fingerprint").fetchall()
        assert new.execute("SELECT COUNT(*) FROM people_user WHERE NOT is_system").fetchall() == [(0,)]
    new.close()
    assert found == [(len(rows("SELECT * FROM schema_fingerprint")), 64)]
    done = prepare_in(folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def prepare_in(folder, **environment):
    """Run the command as `make run` does, on the file in `folder`."""
    return embedded(folder, "prepare", "--without-demo", **environment)
