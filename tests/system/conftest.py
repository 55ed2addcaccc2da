"""The neighbours that production has, as real processes that end with the tests."""

import itertools

import pytest

from tools.postgresql import PostgreSQL

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql():
    with PostgreSQL() as cluster:
        yield cluster


@pytest.fixture
def database_url(postgresql):
    """An empty PostgreSQL database of this test's own, as DATABASE_URL names it."""
    return postgresql.new_database(f"test_{next(_numbers)}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(request, tmp_path_factory):
    """Makes empty databases; the test runs once with each engine's."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        return lambda: f"sqlite:///{folder}/{next(_numbers)}.sqlite3"
    cluster = request.getfixturevalue("postgresql")
    return lambda: cluster.new_database(f"test_{next(_numbers)}")
