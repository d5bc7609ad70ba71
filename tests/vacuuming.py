"""What a rolled back test leaves in PostgreSQL's tables is cleared away, as autovacuum does on any server in use.

Where that is off, every test reads what all before it left, and the last ones take twice as long as the first.
"""

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key

TESTS = 20  # between two rounds


class Vacuuming:
    """The plugin of one process."""

    def __init__(self):
        self.since = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item):
        """Clear the tables once a few tests have been rolled back."""
        result = yield
        self.since += 1
        if self.since >= TESTS and connection.vendor == "postgresql" and not connection.in_atomic_block:
            self.since = 0
            if connection.settings_dict["NAME"].startswith("test_"):  # not before the first test has made its database
                with item.config.stash[blocking_manager_key].unblock(), connection.cursor() as cursor:
                    cursor.execute("VACUUM")
        return result
