from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incentives.models import LearningRecord, Outcome
from lifecycle.checkpoints import faults
from people.models import Notification, RoleGrant, User
from proposals.enums import ProposalState
from proposals.models import Proposal, Version
from reports import demo

from ..factories import UserFactory
from ..sizes import once

pytestmark = pytest.mark.django_db


# state -> how many proposals of the demonstration fund are in it
STATES = {
    "draft": 3, "deleted": 1,
    "awaiting_endorsement": 1, "submitted": 3, "screening": 2, "info_requested": 1, "eligible": 1,
    "in_review": 3,
    "review_closed": 1, "in_moderation": 1, "ranked": 1, "recommended": 1, "not_recommended": 1,
    "decision_pending": 4, "approved": 2, "declined": 6, "deferred": 1, "reserved": 1, "offered": 3,
    "offer_declined": 1, "offer_expired": 1, "funded": 3, "completed": 4, "stopped_early": 2, "terminated": 1,
    "ineligible": 2,
    "lapsed": 1, "withdrawn": 2,
}  # fmt: skip


@once
def test_demo_covers_every_state_verifies_and_is_repeatable(client):
    """One load for all of it: it lives through fourteen months; on SQLite the served browser tests load it."""
    assert demo.load()
    assert "This is a demonstration fund." in client.get("/calls/").content.decode()
    names = list(User.objects.filter(is_demo=True).values_list("full_name", flat=True))
    assert (names.count("Sonam Choden"), names.count("Tashi"), "སྐལ་བཟང་རྡོ་རྗེ" in names) == (2, 2, True)
    assert Counter(Proposal.objects.values_list("state", flat=True)) == STATES
    assert set(STATES) == set(ProposalState.values)
    assert Counter(Outcome.objects.values_list("verdict", flat=True)) == {"": 6, "met": 2, "partial": 1, "not_met": 1}
    learned = LearningRecord.objects.filter(settled_kind="intelligent").values_list("state", flat=True)
    assert sorted(learned) == ["accepted", "published"]
    sections = [v.facts["sections"] for v in Version.objects.order_by("pk")]
    texts = [said.get("problem", said.get("spark"))["problem"] for said in sections]
    assert len(set(texts)) == len({v.proposal_id for v in Version.objects.all()})
    assert list(faults()) == []
    for command in ("verify_ledger", "verify_eligibility"):
        call_command(command, stdout=StringIO())
    assert not Notification.objects.exclude(mail_state="sent").exists()
    before = (User.objects.count(), RoleGrant.objects.count(), Proposal.objects.count())
    assert not demo.load()
    assert (User.objects.count(), RoleGrant.objects.count(), Proposal.objects.count()) == before


def test_demo_refuses_other_data():
    UserFactory()
    with pytest.raises(CommandError, match="holds other data"):
        call_command("load_demo", stdout=StringIO())
    assert User.objects.count() == 1


def test_demo_refuses_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo", stdout=StringIO())
