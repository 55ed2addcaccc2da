"""Writers of one SQLite file take turns.

SQLite lets one of them write at a time. Whoever finds it busy sleeps, for up to a tenth of a second, and looks again,
so that in a rush some look in vain for seconds. Here they queue: the threads of a process at a lock of its own, and
the first of each process at a file beside the database, which the kernel unlocks if the process dies.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import TextIO

from django.db import connection

# With the eight seconds that SQLite itself then waits, less than the twelve after which nginx gives up.
LONGEST_WAIT = 2.0  # seconds
BETWEEN_LOOKS = 0.0003

_first_of_this_process = threading.Lock()


def turn_to_write() -> AbstractContextManager[None]:
    """Wait for one's turn to write into the database, if it is one that needs turns. Guards nothing: see turn_at."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return nullcontext()
    return turn_at(f"{connection.settings_dict['NAME']}-turn")


@contextmanager
def turn_at(path: str) -> Iterator[None]:
    """Wait until this thread is the only one, in any process, that has its turn at a file, which is made if need be.

    It is a courtesy: whoever has waited for LONGEST_WAIT goes ahead as well, and the database decides.
    """
    ends = time.monotonic() + LONGEST_WAIT
    with ExitStack() as held:
        if _first_of_this_process.acquire(timeout=LONGEST_WAIT):
            held.callback(_first_of_this_process.release)
            with suppress(OSError):  # if the disk is full, the database says so
                file = held.enter_context(open(path, "a"))  # once it is closed it is unlocked
                while not _locks(file) and time.monotonic() < ends:
                    time.sleep(BETWEEN_LOOKS)
        yield


def _locks(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
