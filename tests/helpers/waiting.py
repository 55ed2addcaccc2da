"""Waits for something that other processes do."""

import time
from collections.abc import Callable


def until(what: Callable[[], object], seconds: float = 300) -> float:
    """Wait until `what` returns a true value, and return how many seconds that took.

    OSError and AssertionError from `what` count as false, because a starting site doesn't respond yet.
    """
    began, failure = time.monotonic(), None
    while time.monotonic() - began < seconds:
        try:
            if what():
                return time.monotonic() - began
        except (OSError, AssertionError) as error:
            failure = error
        time.sleep(0.1)
    raise AssertionError(f"not true after {seconds} s: {what}") from failure
