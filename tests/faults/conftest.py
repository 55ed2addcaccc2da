"""What breaks, and what happens then. `make faults` runs these: each takes its time, with real processes."""

from pathlib import Path

import pytest

from tests.system.conftest import database_url, postgresql  # noqa: F401  fixtures of these tests too

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request) -> dict[str, str]:
    """The settings of an empty database, once of each kind."""
    return {} if request.param == "SQLite" else {"DATABASE_URL": request.getfixturevalue("database_url")}
