"""Words inside a column are found by an index where the database lets us make one; elsewhere the migration passes."""

import pytest
from django.apps import apps
from django.db import connection

from lifecycle.searching import find_words_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no index of words"),
]
NAME = "test_title_words"


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def migrate_as(owner, role=None):
    """Run the operation on a table of `owner`; tell whether it has the index then."""
    run(f"CREATE TABLE test_titles (title text); ALTER TABLE test_titles OWNER TO {owner}")
    run(f"SET LOCAL ROLE {role or owner}")
    with connection.schema_editor(atomic=False) as editor:
        find_words_in("test_titles", "title", NAME).code(apps, editor)
    run("RESET ROLE")
    with connection.cursor() as cursor:
        return NAME in connection.introspection.get_constraints(cursor, "test_titles")


@pytest.fixture
def bare_owner():
    """An owner of tables who may not add extensions, in a database that has none."""
    name = f"bare_{connection.settings_dict['NAME']}"
    run(f'DROP EXTENSION IF EXISTS pg_trgm CASCADE; CREATE ROLE "{name}"; GRANT USAGE ON SCHEMA public TO "{name}"')
    return f'"{name}"'


def test_index_of_words_is_made_where_the_extension_may_be_added():
    run("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
    assert migrate_as("CURRENT_USER", role="NONE")


def test_index_of_words_is_left_out_where_the_owner_may_not_add_the_extension(bare_owner):
    assert not migrate_as(bare_owner)


def test_index_of_words_is_made_for_the_same_owner_once_somebody_added_the_extension(bare_owner):
    run(f"GRANT CREATE ON SCHEMA public TO {bare_owner}; CREATE EXTENSION pg_trgm")
    assert migrate_as(bare_owner)
