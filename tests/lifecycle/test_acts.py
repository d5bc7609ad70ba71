"""An act that loses a deadlock is tried again; anything else is shown at once."""

import logging

import pytest
from django.db import OperationalError, connection

from lifecycle import acts, clock, guards, middleware
from lifecycle.errors import NotPossible, UndeclaredLock, WiringError


class Refused(Exception):
    """What psycopg raises under Django's error: an exception with a state."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def failing(times, sqlstate):
    """Return an act that fails so often before it succeeds, and the list of its tries."""
    tries = []

    def work():
        tries.append(acts.inside(f"{work.__module__}.{work.__qualname__}"))
        if len(tries) <= times:
            raise OperationalError("deadlock detected") from Refused(sqlstate)
        return "done"

    return work, tries


@pytest.fixture(autouse=True)
def registered_for_the_test(monkeypatch):
    monkeypatch.setattr(acts, "_acts", {})
    monkeypatch.setattr(acts.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_act_that_loses_a_deadlock_is_tried_again(times, sqlstate):
    work, tries = failing(times, sqlstate)
    assert acts.act(work)() == "done"
    assert tries == [True] * (times + 1)
    assert not acts.inside(f"{work.__module__}.{work.__qualname__}")


@pytest.mark.parametrize(("sqlstate", "expected"), [("40P01", 3), ("57014", 1), ("", 1)])
def test_act_shows_the_third_deadlock_and_any_other_failure_at_once(sqlstate, expected):
    work, tries = failing(99, sqlstate)
    with pytest.raises(OperationalError, match="deadlock detected"):
        acts.act(work)()
    assert len(tries) == expected


@pytest.mark.parametrize(("times", "expected"), [(0, "done"), (2, "done"), (3, acts.MOVED)])
@pytest.mark.django_db(transaction=True)
def test_act_that_is_overtaken_by_a_new_row_is_tried_again_and_the_third_time_told(times, expected):
    tries = []

    def work():
        tries.append(None)
        if len(tries) <= times:
            raise UndeclaredLock("Not locked by the outermost change: a row of this moment")
        return "done"

    try:
        found = acts.act(work)()
    except NotPossible as no:
        found = no.reason
    assert (found, len(tries)) == (expected, min(times + 1, 3))


@pytest.mark.django_db
def test_act_inside_a_transaction_is_not_tried_again():
    """The transaction is broken; only whoever opened it can start anew."""
    work, tries = failing(1, "40P01")
    assert connection.in_atomic_block
    with pytest.raises(OperationalError):
        acts.act(work)()
    assert len(tries) == 1


def test_act_is_found_by_its_dotted_path_only():
    work, _ = failing(0, "")
    entered = acts.act(work)
    assert acts.find_act(f"{work.__module__}.{work.__qualname__}") is entered
    assert acts.find_act("nowhere.at_all") is None


def test_need_with_two_providers_stops_the_start(monkeypatch):
    monkeypatch.setattr(guards, "_providers", {})
    guards.provides("a_need", "It does not hold.")(bool)
    with pytest.raises(WiringError, match="'a_need' has two providers"):
        guards.provides("a_need", "Another reason.")(bool)
    assert guards.provider("a_need").reason == "It does not hold."


def test_log_lines_carry_the_request_id():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "said", (), None)
    token = middleware.request_id.set("abc123")
    try:
        assert middleware.RequestIdFilter().filter(record)
    finally:
        middleware.request_id.reset(token)
    assert record.request_id == "abc123"


def test_clock_shift_moves_the_frozen_time(soon):
    with clock.frozen(soon):
        assert (clock.shift(days=1, hours=2) - soon).total_seconds() == 26 * 3600
