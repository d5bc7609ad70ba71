from datetime import UTC, date, datetime

import pytest

from lifecycle import clock
from lifecycle.fiscal import fiscal_bounds, fiscal_label, fiscal_year


def test_today_is_the_day_in_thimphu():
    with clock.frozen(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)):
        assert clock.today() == date(2027, 1, 1)


def test_frozen_refuses_a_naive_time():
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 1, 1)):
        pass


def test_arrival_is_kept_while_the_clock_goes_on():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    with clock.frozen(late), clock.arrived(early):
        assert (clock.arrival(), clock.now()) == (early, late)


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 6, 30), 2025), (date(2026, 7, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_fiscal_year_starts_in_july(day, year):
    assert fiscal_year(day) == year


def test_fiscal_label_and_bounds():
    assert fiscal_label(2099) == "2099-00"
    assert fiscal_bounds(2026) == (date(2026, 7, 1), date(2027, 6, 30))
