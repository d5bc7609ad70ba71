"""Triggers: rankings, letters' words and notes are only ever added; what was published of a draw stays.

Nothing is approved without the reviews that its call asks for; a small idea needs none.
"""

from django.db import migrations

from lifecycle.append_only import guard

REASON = "what was published of a draw stays"
FIXED = ("call_id", "number", "code", "commitment", "committed_at", "reason", "renewed_by_id")
FROZEN = ("run_id", "labels", "seal", "source", "source_at", "frozen_by_id", "frozen_at")


FEW = "this proposal lacks the reviews that its call asks for"
LACKS_REVIEWS = """NEW.choice = 'approve' AND EXISTS (
    SELECT 1 FROM proposals_proposal p JOIN fund_call c ON c.id = p.call_id
    WHERE p.id = NEW.proposal_id AND c.stage <> 'spark' AND c.reviews_needed > (
        SELECT COUNT(*) FROM evaluation_review r
        WHERE r.proposal_id = p.id AND r.state IN ('submitted', 'locked') AND NOT EXISTS (
            SELECT 1 FROM people_block b
            WHERE b."case" = r."case" AND b.person_id = r.reviewer_id AND b.grade = 'block')))"""


def changed(differs):
    """Return the condition under which an update of a draw is refused."""
    fixed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FIXED)
    frozen = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in FROZEN)
    return f"{fixed} OR OLD.frozen_at IS NOT NULL AND ({frozen}) OR OLD.drawn_at IS NOT NULL"


def hold(apps, schema_editor):
    """Refuse to change or delete what was published; by triggers on both databases."""
    if schema_editor.connection.vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
        statements = [
            f"CREATE TRIGGER lottery_held BEFORE UPDATE ON evaluation_lottery WHEN ({changed('IS NOT')}) {refuse}",
            f"CREATE TRIGGER evaluation_lottery_no_delete BEFORE DELETE ON evaluation_lottery {refuse}",
            f"CREATE TRIGGER decision_has_reviews BEFORE INSERT ON evaluation_decision WHEN {LACKS_REVIEWS} "
            f"BEGIN SELECT RAISE(ABORT, '{FEW}'); END",
        ]
    else:
        call = "FOR EACH ROW {} EXECUTE FUNCTION fund_refuse_lottery()"
        when = f"WHEN ({changed('IS DISTINCT FROM')})"
        statements = [
            "CREATE OR REPLACE FUNCTION fund_refuse_lottery() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"CREATE TRIGGER lottery_held BEFORE UPDATE ON evaluation_lottery {call.format(when)}",
            f"CREATE TRIGGER lottery_kept BEFORE DELETE ON evaluation_lottery {call.format('')}",
            "CREATE OR REPLACE FUNCTION evaluation_refuse_few_reviews() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {LACKS_REVIEWS} THEN RAISE EXCEPTION '{FEW}' USING ERRCODE = 'integrity_constraint_violation'; "
            "END IF; RETURN NEW; END $$",
            "CREATE TRIGGER decision_has_reviews BEFORE INSERT ON evaluation_decision FOR EACH ROW "
            "EXECUTE FUNCTION evaluation_refuse_few_reviews()",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial"), ("lifecycle", "0002_guards")]
    operations = [
        migrations.RunPython(hold, migrations.RunPython.noop),
        guard("evaluation_rankingrun", "evaluation_place", "evaluation_departure"),
        guard(
            "evaluation_feedback", "evaluation_feedbackreason", "evaluation_moderationnote", "evaluation_reviewversion"
        ),
        guard("evaluation_declaration"),
    ]
