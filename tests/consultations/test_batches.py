"""Tests that long work lets a waiting patient's request be stored between its transactions."""

import pytest
from django.db import connection

from consultations import batches
from consultations.batches import ROWS_AT_ONCE, in_batches

LONGEST_SLEEP_OF_SQLITE = 0.1  # seconds between two tries for the write lock, sqliteDefaultBusyCallback in main.c


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    found = []
    monkeypatch.setattr(batches.time, "sleep", found.append)
    return found


@pytest.mark.parametrize(("vendor", "expected"), [("sqlite", 2), ("postgresql", 0)])
def test_a_waiting_writer_gets_its_turn_between_two_batches(monkeypatch, pauses, vendor, expected):
    monkeypatch.setattr(connection, "vendor", vendor)
    keys = list(range(2 * ROWS_AT_ONCE + 1))
    found = list(in_batches(keys))
    assert [key for batch in found for key in batch] == keys
    assert max(map(len, found)) == ROWS_AT_ONCE
    assert len(pauses) == expected
    assert all(pause > LONGEST_SLEEP_OF_SQLITE for pause in pauses)


def test_a_single_batch_needs_no_pause(pauses):
    assert list(in_batches([])) == []
    assert list(in_batches([7])) == [[7]]
    assert pauses == []
