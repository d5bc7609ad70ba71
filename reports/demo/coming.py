"""Calls of the demonstration fund that are coming: one approved, one with the head, one being prepared."""

from collections.abc import Callable
from datetime import datetime, timedelta

from fund.enums import CallTask, QuestionKind, Stage
from fund.models import BudgetLine, Call
from fund.services import call_setup, calls
from lifecycle import clock
from people.models import User

CEILING = 100_000_000
WHO = (
    "Every civil servant, with a partner agency of another sector. Say in the first lines which people you serve; "
    "a letter of support is not needed."
)
QUESTIONS = (
    {
        "kind": QuestionKind.CHOICE, "text": "Which kind of road is it?", "choices": ["National", "Dzongkhag", "Farm"],
        "help_text": "The one on which you want to try it.",
    },
    {
        "kind": QuestionKind.TEXT, "text": "Which farm road, and who looks after it?", "limit": 300,
        "shown_value": "Farm",
    },
    {"kind": QuestionKind.NUMBER, "text": "On how many days was it closed in the last monsoon?"},
    {
        "kind": QuestionKind.TABLE, "text": "Who clears it today?", "columns": ["Who", "Machines"], "required": False,
    },
)  # fmt: skip


def prepare(people: dict[str, User], line: BudgetLine, now: datetime, at_night: Callable[[int], datetime]) -> None:
    """Live through the last two days of the fund's office."""
    with clock.frozen(now - timedelta(days=2)):
        forecast = calls.add_call(
            by=people["secretariat"], reference="build-2027-1", title="From one gewog to all", stage=Stage.BUILD,
            opens_at=at_night(-20), closes_at=at_night(-80), budget_line=line, who_can_apply=WHO, expected=6,
            purpose="Some things work in one gewog. We look for teams that bring them to a whole dzongkhag.",
        )  # fmt: skip
        handed = calls.hand_over(forecast, by=people["secretariat"])
        calls.approve(handed, by=people["head"], note="Chairs of a second agency are being named before it opens.")
        roads = calls.add_call(
            by=people["secretariat2"], reference="explore-2027-1", title="Safe roads in the monsoon",
            stage=Stage.EXPLORE, ceiling=CEILING, opens_at=at_night(-45), closes_at=at_night(-90), budget_line=line,
            who_can_apply=WHO, expected=12,
            purpose="Slides close roads for days. We look for ways to know earlier and to reopen sooner.",
        )  # fmt: skip
        _ask(people["secretariat2"], roads)
        calls.hand_over(Call.objects.get(pk=roads.pk), by=people["secretariat2"])
    with clock.frozen(now - timedelta(days=1)):
        begun = calls.start_call(
            by=people["secretariat"], reference="explore-2027-2", title="Vaccines that stay cold", stage=Stage.EXPLORE,
            kind="dated",
        )  # fmt: skip
        rules = {name: getattr(begun, name) for name in call_setup.COLUMNS[CallTask.RULES]}
        call_setup.save_task(begun, by=people["secretariat"], task=CallTask.RULES, values=rules, done=True)


def _ask(by: User, call: Call) -> None:
    first = None
    for values in QUESTIONS:
        before = {"shown_if": first} if "shown_value" in values else {}
        saved = call_setup.save_question(call, by=by, question=None, values=values | before)
        first = first or saved
    call_setup.save_task(call, by=by, task=CallTask.QUESTIONS, values={}, done=True)
