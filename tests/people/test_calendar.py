from datetime import date

import pytest

from people.models import Holiday
from people.services.calendar import add_business_days

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 11, 24), 3, date(2026, 11, 27)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 12, 16), 1, date(2026, 12, 18)),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(start, count, end):
    Holiday.objects.create(day=date(2026, 12, 17), name="National Day")
    assert add_business_days(start, count) == end
