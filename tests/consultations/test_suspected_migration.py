"""Tests of the migration that turns suspected spam from a flag into a status, and of its reversal."""

import itertools

import pytest
from django.db import connection

from tests.helpers.migrations import NOON, latest, migrate, store

BEFORE = [("consultations", "0004_name_the_consultation")]
AFTER = [("consultations", "0006_move_suspected_requests")]
# The last migration of the release that keeps the old column. A later one may drop it unawares: to add a field, SQLite's
# table is made again from the models, and they no longer have the column (migration 0010 says why).
KEPT = [("consultations", "0013_language")]
TABLE = "consultations_consultationrequest"
STATUSES = ("new", "tried", "reached", "booked", "closed", "spam")


@pytest.fixture
def before(transactional_db):
    """Migrate back to the previous release and yield its request manager. Afterwards, migrate forward again."""
    yield migrate(BEFORE)
    migrate(AFTER).all().delete()
    migrate(latest())


def statuses_and_flags(requests):
    return {pk: (status, flag) for pk, status, flag in requests.values_list("pk", "status", "suspected_spam")}


def test_every_old_state_gets_the_right_status_forward_and_back(before):
    forward, back = {}, {}
    for status, flag, withdrawn_at, erased_at in itertools.product(STATUSES, (True, False), (None, NOON), (None, NOON)):
        if erased_at and status not in ("closed", "spam"):
            continue  # impossible, because erasing closes an open request
        pk = store(before, status=status, suspected_spam=flag, withdrawn_at=withdrawn_at, erased_at=erased_at)
        forward[pk] = "suspected" if status == "new" and flag else status
        # The reverse migration clears the flag of requests that staff have tried, reached or booked.
        back[pk] = (status, flag and status not in ("tried", "reached", "booked"))
    after = migrate(AFTER)
    assert dict(after.values_list("pk", "status")) == forward
    assert statuses_and_flags(migrate(BEFORE)) == back


def test_a_request_marked_not_spam_is_not_suspected_after_migrating_back(before):
    pk = store(before, status="new", suspected_spam=True)
    migrate(AFTER).filter(pk=pk, status="suspected").update(status="new")
    assert statuses_and_flags(migrate(BEFORE)) == {pk: ("new", False)}


def test_the_old_column_has_a_default_in_the_database(before):
    migrate(KEPT)
    with connection.cursor() as cursor:
        columns = {column.name: column for column in connection.introspection.get_table_description(cursor, TABLE)}
    assert columns["suspected_spam"].default is not None


def test_the_previous_release_can_still_store_a_request(before):
    migrate(KEPT)
    pk = store(before, status="new", suspected_spam=True)
    assert statuses_and_flags(before) == {pk: ("new", True)}
