"""The engine knows no database: what it computes is tested once."""

from pathlib import Path

from ...sizes import once

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(once)
