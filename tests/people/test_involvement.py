from itertools import product
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from lifecycle import clock
from people.enums import TEAM_PARTS, Part
from people.models import Involvement
from people.services.involvement import involve, release
from people.toxic import TOXIC, ConflictOfInterest

from ..factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("pair", sorted(tuple(sorted(pair)) for pair in TOXIC))
def test_toxic_pair_is_refused_in_both_orders(pair):
    for first, second in (pair, pair[::-1]):
        case, person = uuid4(), UserFactory()
        involve(case=case, person=person, part=Part(first))
        with pytest.raises(ConflictOfInterest, match=r"already has the part"):
            involve(case=case, person=person, part=Part(second))
        assert Involvement.objects.filter(case=case).count() == 1


def test_toxic_pairs_of_the_policy_are_all_there():
    named = {("reviewer", part) for part in TEAM_PARTS} | {
        ("sponsor", "reviewer"), ("reviewer", "verifier"), ("screener", "appeals"), ("maker", "checker")
    }  # fmt: skip
    assert {frozenset(map(Part, pair)) for pair in named} <= TOXIC


def test_past_part_still_rules_out():
    case, person = uuid4(), UserFactory()
    involve(case=case, person=person, part=Part.MAKER)
    release(case=case, person=person, part=Part.MAKER)
    with pytest.raises(ConflictOfInterest):
        involve(case=case, person=person, part=Part.CHECKER)


def test_same_person_in_another_case_is_free():
    person = UserFactory()
    involve(case=uuid4(), person=person, part=Part.MAKER)
    involve(case=uuid4(), person=person, part=Part.CHECKER)
    assert Involvement.objects.filter(person=person).count() == 2


def test_pairs_outside_the_policy_are_allowed():
    free = [p for p in product(Part, Part) if p[0] != p[1] and frozenset(p) not in TOXIC]
    for first, second in free:
        case, person = uuid4(), UserFactory()
        involve(case=case, person=person, part=first)
        involve(case=case, person=person, part=second)
        assert Involvement.objects.filter(case=case).count() == 2


def test_same_part_twice_is_one_row():
    case, person = uuid4(), UserFactory()
    assert involve(case=case, person=person, part=Part.LEAD).pk == involve(case=case, person=person, part=Part.LEAD).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Involvement.objects.create(case=case, person=person, part=Part.LEAD, since=clock.now())
