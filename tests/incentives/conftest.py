"""People outside the team who check, read and hear; and a team with a verified result."""

import pytest

from people.enums import Role
from people.services.accounts import system_user
from people.services.grants import grant_role

from .. import conftest, factories
from ..remembering import remembered
from .test_results import verified


@remembered
def verifier(cast, agencies):
    """A verifier of an agency outside the team (lead: health, colleague: digital)."""
    person = factories.civil_servant("outside@x.example", agencies["farms"])
    grant_role(by=system_user(), person=person, role=Role.VERIFIER, reason="test")
    return person


@remembered
def classifiers(cast, agencies):
    people = [factories.civil_servant(f"reader{n}@x.example", agencies["farms"]) for n in range(3)]
    for person in people:
        grant_role(by=system_user(), person=person, role=Role.CLASSIFIER, reason="test")
    return people


@remembered
def recorded(worked, cast, verifier):
    """Lead (health) and colleague (digital) have a verified result each."""
    verified(worked, cast, verifier)
    return worked


@pytest.fixture
def officer(cast, agencies):
    return conftest.officers(Role.APPEALS, agencies["farms"], 1)[0]


@pytest.fixture
def second(cast, agencies):
    return conftest.officers(Role.VERIFIER, agencies["farms"], 1)[0]
