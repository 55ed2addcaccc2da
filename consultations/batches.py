"""Splits long work into short transactions, so that the site can write between them."""

import time
from collections.abc import Iterator, Sequence

from django.db import connection

ROWS_AT_ONCE = 50
# SQLite has no queue for its write lock: who waits for it asks again, at most 100 ms later. A shorter pause would let
# the long work take the lock again and again while a patient's request waits.
PAUSE_SECONDS = 0.12


def in_batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield `keys` in batches, with a pause between them. The caller begins and ends a transaction in each batch."""
    for start in range(0, len(keys), ROWS_AT_ONCE):
        if start:
            give_way()
        yield keys[start : start + ROWS_AT_ONCE]


def give_way() -> None:
    """Pause until every process that waits to write has had its turn. PostgreSQL locks rows, so nobody waits there."""
    if connection.vendor == "sqlite":
        time.sleep(PAUSE_SECONDS)
