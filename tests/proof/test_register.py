"""The HR register of the whole service: checked and imported by jobs in under a minute, all or nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import EmploymentSnapshot, User
from people.services import register
from people.services.accounts import system_user
from people.services.grants import grant_role

from ..factories import AgencyFactory, UserFactory
from ..sizes import PEOPLE
from .registers import rows_of, seconds_of

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 60  # seconds for 20,000 people; fewer people have their part of it, and what any job costs
ALLOWED = max(MOST * PEOPLE / 20_000, 10)


@pytest.fixture
def officer(db):
    made = UserFactory(employee_number=None)
    grant_role(by=system_user(), person=made, role="rcsc", reason="test")
    return made


@pytest.fixture
def codes(db):
    return [AgencyFactory().code for _ in range(40)]


def told(kind, times, property_):
    property_(f"{kind}, {PEOPLE:,} people", ", ".join(f"{what} {took:.1f} s" for what, took in times.items()))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_register_of_the_whole_service_is_imported_within_a_minute(officer, codes, kind, record_property):
    before = User.objects.count()
    (checked, new), report = seconds_of(kind, rows_of(PEOPLE, codes), officer)
    assert (report.new, report.known, report.refused) == (PEOPLE, 0, "")
    assert User.objects.count() - before == EmploymentSnapshot.objects.count() == PEOPLE
    assert EmploymentSnapshot.objects.filter(line_manager=None).count() == 1
    (again, changed), report = seconds_of(kind, rows_of(PEOPLE, codes, "Renamed"), officer)
    assert (report.new, report.known) == (0, PEOPLE)
    assert User.objects.filter(full_name__startswith="Renamed").count() == PEOPLE
    told(kind, {"check": checked, "import": new, "check again": again, "import of changes": changed}, record_property)
    assert max(checked, new, again, changed) < ALLOWED


def test_one_wrong_row_of_the_whole_service_imports_nobody(officer, codes):
    rows = rows_of(PEOPLE, codes)
    rows[-1][4] = "P9"
    before = User.objects.count()
    _, report = seconds_of("csv", rows, officer)
    assert "1 things to correct" in report.refused
    assert (User.objects.count(), EmploymentSnapshot.objects.count()) == (before, 0)


def test_without_writing_by_the_thousand_each_person_costs_queries(officer, codes, monkeypatch):
    """The control: the product asks a few times a thousand people; with batches of one it asks for each."""
    few = PEOPLE // 10
    asked = []
    for batch, name in ((register.BATCH, "Whole"), (1, "One by one")):
        monkeypatch.setattr(register, "BATCH", batch)
        with CaptureQueriesContext(connection) as queries:
            seconds_of("csv", rows_of(few, codes, name), officer)
        asked.append(len(queries))
    assert asked[1] > 4 * asked[0], asked
