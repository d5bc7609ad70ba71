"""Triggers: a frozen version never changes, but its words may go once; an index of the words of titles."""

from django.db import migrations

from lifecycle.append_only import REFUSE
from lifecycle.searching import find_words_in

VERSION = "proposals_version"
KEPT = ("id", "proposal_id", "number", "sha256", "frozen_by_id", "frozen_at")


def changed(differs):
    """Return the condition under which an update of a version is refused."""
    kept = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in KEPT)
    return f"OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL OR {kept}"


def hold(apps, schema_editor):
    """Refuse to change or delete a version; once, and marked as removed, its words may go."""
    if schema_editor.connection.vendor == "sqlite":
        statements = [
            f"CREATE TRIGGER {VERSION}_no_update BEFORE UPDATE ON {VERSION} WHEN {changed('IS NOT')} {REFUSE}",
            f"CREATE TRIGGER {VERSION}_no_delete BEFORE DELETE ON {VERSION} {REFUSE}",
        ]
    else:
        call = "EXECUTE FUNCTION fund_refuse_change()"
        when = f"WHEN ({changed('IS DISTINCT FROM')})"
        statements = [
            f"CREATE TRIGGER fund_append_only BEFORE DELETE ON {VERSION} FOR EACH ROW {call}",
            f"CREATE TRIGGER fund_words_go_once BEFORE UPDATE ON {VERSION} FOR EACH ROW {when} {call}",
            f"CREATE TRIGGER fund_no_truncate BEFORE TRUNCATE ON {VERSION} FOR EACH STATEMENT {call}",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [
        migrations.RunPython(hold, migrations.RunPython.noop),
        find_words_in("proposals_proposal", "title", "proposal_title_words"),
    ]
