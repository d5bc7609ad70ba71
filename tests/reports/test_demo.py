from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fund.models import Call
from lifecycle.checkpoints import faults
from people.models import RoleGrant, User
from proposals.models import Proposal
from reports import demo

from ..factories import UserFactory

pytestmark = pytest.mark.django_db


def test_demo_fills_an_empty_database_and_its_trail_verifies():
    assert demo.load()
    assert list(faults()) == []
    assert User.objects.filter(is_demo=True).count() == 31
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["draft", "draft", "withdrawn"]
    assert [call.is_open for call in Call.objects.order_by("reference")] == [True, False]


def test_demo_is_repeatable():
    demo.load()
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


def test_demo_names_one_word_tibetan_and_equal():
    demo.load()
    names = list(User.objects.filter(is_demo=True).values_list("full_name", flat=True))
    assert (names.count("Sonam Choden"), "Tashi" in names, "སྐལ་བཟང་རྡོ་རྗེ" in names) == (2, True, True)


def test_demo_says_on_every_page_that_it_is_invented(client):
    demo.load()
    assert "This is a demonstration fund." in client.get("/calls/").content.decode()
