"""A whole panel from assignment to letters through the pages; then a stranger recomputes it."""

import io
import json

from django.core.management import call_command

from evaluation.models import Departure
from fund.models import BudgetLine
from lifecycle import clock

from .. import stages
from ..commands import offline
from ..sizes import full_size_only, once
from . import playing


def played(play):
    playing.ask_reviewers(play)
    playing.declare(play)
    playing.blocked_find_nothing(play)
    playing.write_reviews(play)
    playing.moderate(play)
    with clock.frozen(playing.rank_and_draw(play)):
        playing.recommend(play)
        playing.decide(play)
        playing.blocked_find_nothing(play)
        playing.release(play)
        playing.read_letters(play)


def holds(play, file):
    """Hold the money, the departure and the bundle, which a stranger verifies without a database."""
    line = BudgetLine.objects.get(pk=play.call.budget_line_id)
    approved = [row for row in play.rows if row.state == "offered"]
    assert len(approved) == playing.paid(play.size) - 1
    assert line.committed == len(approved) * stages.REQUESTED
    assert [row.proposal for row in Departure.objects.all()] == play.rows[:1]
    said = io.StringIO()
    call_command("export_decision", play.call.reference, stdout=said)
    assert [person for person in play.judges if person.full_name in said.getvalue()] == []
    bundle = json.loads(said.getvalue())
    assert len(bundle["runs"][0]["inputs"]["proposals"]) == len(bundle["decisions"]) == play.size
    file.write_text(said.getvalue(), encoding="utf-8")
    assert offline("verify_decision", file).returncode == 0
    bundle["runs"][0]["results"]["official"][-1]["place"] += 1
    file.write_text(json.dumps(bundle), encoding="utf-8")
    assert offline("verify_decision", file).returncode == 1


@once
def test_panel_of_six_by_four_is_played_from_assignment_to_letters(funded_call, cast, panel, tmp_path):
    play = playing.begin(funded_call, cast, panel, 6, 4)
    played(play)
    holds(play, tmp_path / "bundle.json")


@full_size_only
def test_panel_of_sixty_by_twelve_is_played_from_assignment_to_letters(funded_call, cast, panel, tmp_path):
    play = playing.begin(funded_call, cast, panel, 60, 12)
    played(play)
    holds(play, tmp_path / "bundle.json")
