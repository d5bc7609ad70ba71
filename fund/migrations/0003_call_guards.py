"""Once a call left the draft, nothing on which people rely changes, nor ever what it practises: by triggers.

SQLite drops a table's triggers when a later migration rebuilds the table; such a migration makes them again.
"""

from django.db import migrations

FROZEN = (
    "reference", "title", "purpose", "who_can_apply", "leads_regular", "leads_contract", "leads_deputed", "have_ready",
    "minutes_needed", "stage", "kind", "urgent_reason", "ceiling", "length_weeks", "reviews_needed", "least_halves",
    "least_total", "answer_days", "names_hidden", "expected", "funding_rule", "lots_rule", "quorum", "reserve_months",
    "opens_at", "budget_line_id", "created_by_id", "begun_as",
)  # fmt: skip
REASON = "a call is frozen once it was handed over"
PARTS = ("fund_criterion", "fund_question", "fund_callsector")
POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION fund_refuse_frozen_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE OR REPLACE FUNCTION fund_refuse_frozen_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM fund_call WHERE id = OLD.call_id AND state <> 'draft')
  OR TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM fund_call WHERE id = NEW.call_id AND state <> 'draft') THEN
    RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
"""

PRACTICE = "a call never becomes or ceases to be a practice"
PRACTICE_SQLITE = f"""
CREATE TRIGGER fund_call_practice BEFORE UPDATE ON fund_call WHEN (NEW.practice_of_id IS NOT OLD.practice_of_id)
BEGIN SELECT RAISE(ABORT, '{PRACTICE}'); END
"""
PRACTICE_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION fund_refuse_practice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{PRACTICE}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER fund_practice BEFORE UPDATE ON fund_call
FOR EACH ROW WHEN (NEW.practice_of_id IS DISTINCT FROM OLD.practice_of_id) EXECUTE FUNCTION fund_refuse_practice();
"""


def changed(differs):
    """Return the condition under which an update of a call is refused."""
    frozen = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FROZEN)
    dates = (
        f"OLD.closes_at IS NOT NULL AND NEW.closes_at {differs} OLD.closes_at"
        " OR OLD.extended_to IS NOT NULL AND (NEW.extended_to IS NULL OR NEW.extended_to < OLD.extended_to)"
    )
    back = "NEW.state = 'draft' AND OLD.state <> 'handed_over'"
    return f"OLD.state <> 'draft' AND ({frozen} OR {dates} OR {back})"


def on_sqlite():
    """Return the triggers of SQLite."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
    yield f"CREATE TRIGGER fund_call_frozen BEFORE UPDATE ON fund_call WHEN ({changed('IS NOT')}) {refuse}"
    yield PRACTICE_SQLITE
    for table in PARTS:
        for event, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
            calls = ", ".join(f"{row}.call_id" for row in rows)
            when = f"EXISTS (SELECT 1 FROM fund_call WHERE id IN ({calls}) AND state <> 'draft')"
            yield f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} WHEN {when} {refuse}"


def on_postgresql():
    """Return the triggers of PostgreSQL."""
    yield POSTGRESQL
    call = "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION fund_refuse_frozen_call()".format(changed("IS DISTINCT FROM"))
    yield f"CREATE TRIGGER fund_frozen BEFORE UPDATE ON fund_call {call}"
    yield PRACTICE_POSTGRESQL
    for table in PARTS:
        each = f"ON {table} FOR EACH ROW EXECUTE FUNCTION fund_refuse_frozen_part()"
        yield f"CREATE TRIGGER fund_frozen BEFORE INSERT OR UPDATE OR DELETE {each}"


def forwards(apps, schema_editor):
    statements = on_sqlite() if schema_editor.connection.vendor == "sqlite" else on_postgresql()
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("fund", "0002_guards")]
    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
