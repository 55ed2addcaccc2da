"""Fixtures for signed-in staff."""

import pytest

from tests.helpers.staff_members import make_member, sign_in


@pytest.fixture
def dana():
    return make_member("dana")


@pytest.fixture
def desk(dana):
    """Return a client signed in as Dana, a member of the front desk."""
    return sign_in(dana)


@pytest.fixture
def manager():
    """Return a client signed in as a manager."""
    return sign_in(make_member("mora", "Manager"))
