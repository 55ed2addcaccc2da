"""The neighbours that production has, as real processes that end with the tests."""

import itertools

import pytest

from tests.system.postgresql import PostgreSQL

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql():
    with PostgreSQL() as cluster:
        yield cluster


@pytest.fixture
def database_url(postgresql):
    """An empty PostgreSQL database of this test's own, as DATABASE_URL names it."""
    return postgresql.new_database(f"test_{next(_numbers)}")
