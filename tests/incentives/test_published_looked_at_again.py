"""A published result that is looked at again stays to be read by whoever could read it, and says so everywhere."""

from decimal import Decimal

import pytest
from django.test import Client

from incentives import waiting
from incentives.models import Adoption, Outcome
from incentives.services import adoptions, outcomes
from lifecycle.errors import NotPossible
from lifecycle.performing import perform
from people.enums import Role
from people.queries import role_names

from .. import conftest
from .test_adoptions import claimed_there, numbers
from .test_hr import text_of_main
from .test_results import verified
from .test_revoking import agency_with
from .test_second_look import found, upheld

AGAIN = "It is being looked at again"


def read(person, url):
    client = Client()
    client.force_login(person)
    answer = client.get(url)
    assert answer.status_code == 200
    return text_of_main(answer)


@pytest.fixture
def again(worked, cast, verifier, officer):
    """A published result that another agency repeated, opened again by a second look."""
    told = perform(verified(worked, cast, verifier), "publish", by=cast["lead"])
    adopter, approver = agency_with("works")
    row = claimed_there(told, adopter, approver)
    upheld(told, cast, officer)
    return Outcome.objects.get(), row, adopter, approver


def test_published_result_stays_readable_in_every_state_of_the_second_check(again, cast, second):
    outcome, row, adopter, approver = again
    readers = (cast["stranger"], adopter, approver)
    for reader in readers:
        text = read(reader, outcome.get_absolute_url())
        assert AGAIN in text
        assert "Ministry" in text or "Agency works" in text  # who took it up stays to be read
    outcomes.take(outcome, by=second)
    for reader in readers:
        text = read(reader, outcome.get_absolute_url())
        assert AGAIN in text
        assert "Checked: target reached" not in text
        assert "Target reached" in text  # what was found before
        assert "It was not read." not in text  # what the officer wrote for the next verifier
        assert second.full_name not in text
        assert text.count("took the check") == 1  # the first check stays to be read
    assert AGAIN in read(adopter, row.get_absolute_url())
    assert "It was not read." in read(cast["lead"], outcome.get_absolute_url())
    found(Outcome.objects.get(), second, "1.8")
    for reader in readers:
        text = read(reader, outcome.get_absolute_url())
        assert AGAIN not in text
        assert "half of the way" in text
    assert AGAIN not in read(adopter, row.get_absolute_url())


def test_result_that_was_never_published_stays_closed_while_looked_at_again(client, worked, cast, verifier, officer):
    outcome = verified(worked, cast, verifier)
    upheld(outcome, cast, officer)
    client.force_login(cast["stranger"])
    assert client.get(outcome.get_absolute_url()).status_code == 404


def test_result_that_is_looked_at_again_is_not_taken_up_anew(again, cast):
    outcome, row, *_ = again
    adopter, _ = agency_with("trade")
    assert "Our agency wants to do this as well" not in read(adopter, outcome.get_absolute_url())
    with pytest.raises(NotPossible, match="Only a published result"):
        adoptions.adopt(outcome, by=adopter, **numbers())
    assert Adoption.objects.get() == row


def test_verifier_of_the_teams_agency_reads_it_and_is_not_asked_to_check_it(again, agencies):
    outcome, *_ = again
    inside = conftest.officers(Role.VERIFIER, agencies["health"], 1)[0]
    assert AGAIN in read(inside, outcome.get_absolute_url())
    assert not [row for row in waiting.waiting_for(inside, role_names(inside)) if "Check the result" in row.what]
    with pytest.raises(NotPossible):
        outcomes.take(outcome, by=inside)


def test_repetition_is_still_checked_while_its_result_is_looked_at_again(again, verifier):
    _, row, *_ = again
    assert adoptions.check_adoption(row, by=verifier, endline=Decimal("1.0"), how="Read").state == "reached"
