"""My work of the offices beside single steps; and typed text when somebody else was first."""

import pytest
from django.urls import reverse

from fund.models import Amendment, BudgetLine, CloseOut, Grant, Milestone, Tranche
from fund.queries import waiting_for
from fund.services import amending, budget, closing, delivery, grants, payments, stopping
from lifecycle import clock
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Grade
from people.models import Block, Notification

from ..factories import make_grant
from .paths import SAID, accounted, completed, reached, tranche


def waits(cast, who):
    return [row.what for row in waiting_for(cast[who])]


def test_grant_to_complete_waits_for_the_secretariat_once_everything_is_handed_in(cast, grant):
    for place in (1, 2):
        accounted(cast, grant, place)
        reached(cast, grant, place)
        assert "Complete the grant" not in waits(cast, "secretariat")
    reached(cast, grant, 3)
    assert "Complete the grant" in waits(cast, "secretariat")
    assert "Complete the grant" not in waits(cast, "lead")
    stopping.complete_grant(Grant.objects.get(), by=cast["secretariat"])
    assert "Complete the grant" not in waits(cast, "secretariat")


def test_released_payment_waits_for_who_sends_it_to_the_bank(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    assert "Send released payments to the bank" not in waits(cast, "checker")
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    assert "Send released payments to the bank" in waits(cast, "checker")
    assert "Send released payments to the bank" not in waits(cast, "maker")


def test_bank_waits_only_for_a_checker_who_may_send_it(cast, grant):
    payments.prepare_payment(tranche(grant, 1), by=cast["maker"])
    payments.release_payment(tranche(grant, 1), by=cast["checker"])
    block = Block.objects.create(
        case=grant.case, person=cast["checker"], grade=Grade.BLOCK, reason="x", since=clock.now()
    )
    assert "Send released payments to the bank" not in waits(cast, "checker")
    block.delete()
    assert "Send released payments to the bank" in waits(cast, "checker")


def test_transfer_waits_for_the_second_person(cast, line):
    other_line = BudgetLine.objects.create(code="other", name="Other", fiscal_year=line.fiscal_year)
    budget.propose_transfer(by=cast["maker"], from_line=line, to_line=other_line, amount=5, reason="More there")
    rows = [row for row in waiting_for(cast["checker"]) if row.what == "Decide on transfers between budget lines"]
    assert [(row.about, row.path) for row in rows] == [("1, Nu. 0.05 together", reverse("transfers"))]
    assert "Decide on transfers between budget lines" not in waits(cast, "maker")


def test_stopping_grant_asks_for_no_milestone(cast, grant):
    assert "Hand in milestone 1" in waits(cast, "lead")
    stopping.ask_to_stop(grant, by=cast["lead"], note="Too few", unspent=0)
    assert "Hand in milestone 1" not in waits(cast, "lead")


def test_text_of_who_came_second_stays_on_the_page(client, cast, grant):
    milestone = grant.milestones.get(position=1)
    path = reverse("milestone_submit", args=[grant.case, 1])
    delivery.submit_milestone(milestone, by=cast["colleague"], evidence="The first one's list")
    client.force_login(cast["lead"])
    answer = client.post(path, {"evidence": "What I typed for an hour"})
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "What I typed for an hour" in said
    assert "Nothing of yours was sent. Copy from below what you want to keep." in said
    assert "Hand in</button>" not in said
    assert Milestone.objects.get(pk=milestone.pk).evidence == "The first one's list"


def test_returned_milestone_opens_with_what_was_handed_in_and_why_it_came_back(client, cast, grant):
    milestone = grant.milestones.get(position=1)
    delivery.submit_milestone(milestone, by=cast["colleague"], evidence="See the list")
    delivery.return_milestone(milestone, by=cast["secretariat"], note="Which list?")
    client.force_login(cast["lead"])
    said = client.get(reverse("milestone_submit", args=[grant.case, 1])).content.decode()
    assert "See the list" in said
    assert "Which list?" in said


def test_returned_checklist_tells_the_team_and_says_why_on_its_form(client, cast, grant):
    completed(cast, grant)
    closing.hand_in(CloseOut.objects.get(), by=cast["lead"], **SAID)
    with pytest.raises(NotPossible, match="Give a reason"):
        closing.return_checklist(CloseOut.objects.get(), by=cast["checker"])
    closing.return_checklist(CloseOut.objects.get(), by=cast["checker"], note="Which room?")
    told = Notification.objects.filter(subject="The close-out checklist was returned", body__contains="Which room?")
    assert {row.person for row in told} >= {cast["lead"], cast["colleague"]}
    client.force_login(cast["lead"])
    assert "Which room?" in client.get(f"{grant.get_absolute_url()}closing/fill/").content.decode()


def test_team_takes_back_a_change_that_waits_and_asks_for_another(cast, grant):
    change = amending.ask_for_change(grant, by=cast["lead"], kind="scope", reason="x", text="Fewer sites")
    with pytest.raises(NotPossible):
        perform(change, "withdraw_change", by=cast["secretariat"])
    assert perform(change, "withdraw_change", by=cast["lead"]).state == "withdrawn"
    amending.ask_for_change(grant, by=cast["lead"], kind="time", reason="x", days=3)
    assert list(Amendment.objects.values_list("state", flat=True)) == ["withdrawn", "submitted"]


def test_offer_that_was_declined_leaves_no_payment_and_nothing_overdue(client, cast, line):
    offered = make_grant(cast, line)
    Milestone.objects.update(due_on="2020-01-01")
    grants.decline_offer(offered, by=cast["lead"])
    assert set(Tranche.objects.values_list("state", flat=True)) == {"cancelled"}
    client.force_login(cast["lead"])
    assert "overdue" not in client.get(offered.get_absolute_url()).content.decode()
