"""Three board members decide at once, each on another proposal of one budget line that pays for two."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from evaluation.models import Decision
from fund.services import ledger
from lifecycle import locking
from proposals.models import Proposal

from .. import stages
from ..races import race
from ..remembering import remembered
from ..sizes import rounds
from .test_deciding import crowd

CHECK = "line_committed_within_allocated"
RULE = "CHECK (committed <= released + allocated + refunded)"


def decided_at_once(rows, panel):
    """Each member presses “Approve” on the page of another proposal, all at the same moment."""
    seats = []
    for member in panel["board"][:3]:
        client = Client(raise_request_exception=False)
        client.force_login(member)
        seats.append(client)

    def press(number):
        path = reverse("act", args=["proposals.proposal", rows[number].pk, "approve"])
        return seats[number].post(path).status_code

    race(3, press)
    return list(Decision.objects.filter(choice="approve").values_list("amount", flat=True))


@remembered
def at_the_line(funded_call, cast, panel, line):
    """Three proposals with their votes, and money for two of them."""
    if connection.vendor != "postgresql":
        pytest.skip("threads meet in one row only on PostgreSQL")
    rows = crowd(funded_call, cast, panel, 3)
    ledger.lapse(line=line, amount=line.available - 2 * stages.REQUESTED - 5, source="cut", by=cast["head"])
    return rows


def without_lock(monkeypatch):
    monkeypatch.setattr(locking, "lock_row", lambda model, pk: model._base_manager.get(pk=pk))


def without_look(monkeypatch):
    monkeypatch.setattr(ledger, "_refuse_beyond", lambda *args: None)


def without_check(monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE fund_budgetline DROP CONSTRAINT IF EXISTS {CHECK}")


@pytest.fixture
def check_again(line):
    """Put the CHECK back after a test that took it away."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fund_budgetline SET committed = 0")
        cursor.execute(f"ALTER TABLE fund_budgetline DROP CONSTRAINT IF EXISTS {CHECK}")
        cursor.execute(f"ALTER TABLE fund_budgetline ADD CONSTRAINT {CHECK} {RULE}")


@rounds
@pytest.mark.django_db(transaction=True)
def test_three_members_at_once_never_overspend(at_the_line, panel, line, again):
    assert decided_at_once(at_the_line, panel) == [stages.REQUESTED] * 2
    line.refresh_from_db()
    assert (line.committed - line.released, line.available) == (2 * stages.REQUESTED, 5)
    assert Proposal.objects.filter(state="approved").count() == 2
    assert Proposal.objects.filter(state="decision_pending").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("without", [without_lock, without_look, without_check])
def test_with_one_guard_away_the_others_hold(at_the_line, panel, line, check_again, monkeypatch, without):
    without(monkeypatch)
    assert len(decided_at_once(at_the_line, panel)) <= 2
    line.refresh_from_db()
    assert line.available >= 5


@pytest.mark.django_db(transaction=True)
def test_with_look_and_check_away_the_same_race_overspends(at_the_line, panel, line, check_again, monkeypatch):
    without_look(monkeypatch)
    without_check(monkeypatch)
    assert decided_at_once(at_the_line, panel) == [stages.REQUESTED] * 3
    line.refresh_from_db()
    assert line.available < 0


@pytest.mark.django_db(transaction=True)
def test_with_the_lock_away_all_read_the_same_money(at_the_line, panel, line, check_again, monkeypatch):
    """Why the lock: without it all three look before any moves, and only the database's own rules refuse."""
    look, met = ledger._refuse_beyond, threading.Barrier(3, timeout=20)
    seen = []

    def look_together(*args):
        look(*args)
        met.wait()
        seen.append("there was enough")

    without_lock(monkeypatch)
    monkeypatch.setattr(ledger, "_refuse_beyond", look_together)
    decided_at_once(at_the_line, panel)
    assert seen == ["there was enough"] * 3
