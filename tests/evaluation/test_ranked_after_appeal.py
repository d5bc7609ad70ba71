"""What comes back after an appeal is ranked among those with which it was ranked before."""

import io
import json

import pytest
from django.core.management import call_command

from evaluation.enums import Choice
from evaluation.inputs import budget_of
from evaluation.letters import about_decision
from evaluation.models import RankingRun
from evaluation.services import appeals, decide, excluding, ranking
from evaluation.verify import checks_of
from fund.models import BudgetLine, Grant
from fund.services import grants
from lifecycle.performing import perform
from people.enums import Role

from .. import factories, stages
from ..conftest import new_proposal, officers
from .appeals import assigned, decline, officer

__all__ = ["officer"]


@pytest.fixture
def told(funded_call, cast, panel, officer):
    """Three of one call, told: the best funded, the others refused; each had four reviewers."""
    (fourth,) = officers(Role.REVIEWER, factories.AgencyFactory(), 1)
    people = [*panel["reviewers"], fourth]
    rows = [stages.check(new_proposal(funded_call, cast, title), cast) for title in ("Best", "Middle", "Last")]
    for row, halves in zip(rows, ((9, 9, 9, 9), (7, 8, 8, 8), (7, 7, 7, 7)), strict=True):
        stages.judge(row, cast, people, halves)
    ranking.run(stages.fresh(rows[0]), by=cast["secretariat"])
    for row in rows:
        step, note = ("recommend", "") if row.title != "Last" else ("not_recommend", "Below.")
        fresh = perform(stages.fresh(row), step, by=panel["chair"], note=note)
        fresh = perform(fresh, "bring_to_board", by=cast["secretariat"])
        if row.title == "Best":
            decide.approve(stages.votes(fresh, panel["board"][:3], *[Choice.APPROVE] * 3), by=panel["board"][0])
        else:
            decline(fresh, panel)
    stages.tell(stages.fresh(rows[0]), cast, panel["chair"])
    return [stages.fresh(row) for row in rows]


def upheld(proposal, cast, officer):
    """The appeal about it is upheld, and it is decided again."""
    appeals.uphold(assigned(proposal, cast, officer), by=officer, note="A reviewer had an interest in it.")
    return stages.fresh(proposal)


def test_field_after_an_appeal_is_that_of_the_call(told, cast, panel, officer, funded_call):
    best, middle, last = told
    again = upheld(middle, cast, officer)
    low = again.reviews.order_by("pk").first()
    excluding.invalidate(low, by=cast["secretariat"], note="An interest in it.")
    first, newest = RankingRun.objects.order_by("pk")
    names = [best.reference, middle.reference, last.reference]
    assert [row["id"] for row in newest.said["official"]] == [row["id"] for row in first.said["official"]] == names
    assert newest.asked["money"]["budget"] == first.asked["money"]["budget"]
    assert stages.fresh(last).places.count() == 2
    for member in panel["board"][:3]:
        decide.vote(stages.fresh(middle), by=member, choice=Choice.APPROVE, reason="On the evidence.")
    done = decide.approve(stages.fresh(middle), by=panel["board"][0])
    words = json.dumps(about_decision(done, done.decisions.last()))
    assert "Place 2 of 3 in the official ranking" in words
    bundle = io.StringIO()
    call_command("export_decision", funded_call.reference, stdout=bundle)
    assert "whole" in list(checks_of(json.loads(bundle.getvalue())))


def test_money_of_the_field_is_what_is_left_and_what_it_holds(told, funded_call, cast):
    line = BudgetLine.objects.get(pk=funded_call.budget_line_id)
    funded_call.budget_line = line
    assert budget_of(funded_call, told) == line.allocated
    grants.decline_offer(Grant.objects.get(), by=cast["lead"])
    funded_call.budget_line.refresh_from_db()
    assert budget_of(funded_call, told) == line.allocated


def test_who_took_no_offer_no_longer_competes(told, cast, officer):
    grants.decline_offer(Grant.objects.get(), by=cast["lead"])
    again = upheld(told[1], cast, officer)
    assert ranking.told_beside([again]) == [told[2]]


def test_nobody_is_brought_in_before_the_release(pending):
    assert ranking.told_beside([pending]) == []
