"""Fixtures for a temporary PostgreSQL server, and for empty databases."""

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
    """Return the DATABASE_URL of an empty PostgreSQL database for one test."""
    return postgresql.new_database(f"test_{next(_numbers)}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(request, tmp_path_factory):
    """Return a function that creates an empty database and returns its URL. Tests run once per engine."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        return lambda: f"sqlite:///{folder}/{next(_numbers)}.sqlite3"
    cluster = request.getfixturevalue("postgresql")
    return lambda: cluster.new_database(f"test_{next(_numbers)}")
