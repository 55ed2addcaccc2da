"""Writers of one SQLite file take turns.

SQLite allows one writer at a time. A writer that finds the file locked sleeps for up to 0.1 s and tries again, so under
load some try in vain for a second or more. Here they queue instead: the threads of a process at a lock, and the
first thread of each process at a lock file beside the database.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TextIO

from django.db import connection

# Together with the 8 seconds that SQLite then waits, less than the 12 seconds after which nginx gives up.
LONGEST_WAIT = 2.0  # seconds
POLL_INTERVAL = 0.0005  # seconds

_first_of_process = threading.Lock()


@contextmanager
def turn_to_write() -> Iterator[None]:
    """Wait for a turn to write, if the database is an SQLite file, which alone needs turns."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        yield
        return
    with turn_at(f"{connection.settings_dict['NAME']}-turn"):
        yield


@contextmanager
def turn_at(lock_file: str) -> Iterator[None]:
    """Wait until no other thread or process has its turn at a lock file, which is created if necessary.

    Turns make waiting fair, and SQLite's lock is what protects the data. So after LONGEST_WAIT, or if the disk is full,
    the caller goes ahead.
    """
    deadline = time.monotonic() + LONGEST_WAIT
    with ExitStack() as held:
        if _first_of_process.acquire(timeout=LONGEST_WAIT):
            held.callback(_first_of_process.release)
            with suppress(OSError):
                file = held.enter_context(open(lock_file, "a"))  # closing it, or dying, releases the lock
                while not _locks(file) and time.monotonic() < deadline:
                    time.sleep(POLL_INTERVAL)
        yield


def _locks(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
