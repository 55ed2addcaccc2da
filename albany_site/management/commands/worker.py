"""Delivers email, rebuilds outdated pages, and updates due times. Each machine runs one worker."""

import logging
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection
from django.utils import timezone

from clinic import snapshot
from consultations import delivery
from consultations.due_times import fill_next_actions, follow_the_calendar, follow_the_rules
from pages import build

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_MAIL_LOOKS = 5
SECONDS_BETWEEN_FACT_LOOKS = 1
SECONDS_AFTER_A_FAILED_BUILD = 10


class Command(BaseCommand):
    help = "Deliver email and keep this machine's built pages current, until SIGTERM or SIGINT."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        # Rebuild in a separate thread, so that a mail server that hangs doesn't delay a rebuild.
        rebuilding = threading.Thread(target=keep_pages_current, args=(stop,), name="rebuilder")
        rebuilding.start()
        handled = deliver_until(stop)
        rebuilding.join()
        self.stdout.write(f"Stopped after {handled} emails.")


def deliver_until(stop: threading.Event) -> int:
    """Deliver email until `stop` is set, and return how many emails were handled.

    An email in progress is finished, if the mail server takes only a few seconds more.
    """
    handled = 0
    while not stop.is_set():
        try:
            close_old_connections()
            handled += delivery.deliver_due(stop)
        except DatabaseFailure:
            logger.exception("a database query failed; retrying")
            connection.close()
        stop.wait(SECONDS_BETWEEN_MAIL_LOOKS)
    return handled


def keep_pages_current(stop: threading.Event) -> None:
    """Until `stop` is set, rebuild outdated pages, and move due times at which the clinic is now closed."""
    rules_followed = False  # once is enough: a release restarts the worker after the web processes
    while not stop.wait(SECONDS_BETWEEN_FACT_LOOKS):
        try:
            close_old_connections()
            if pages_are_behind() and not rebuild(stop):
                stop.wait(SECONDS_AFTER_A_FAILED_BUILD)
            # A request stored while the facts were being saved may have a due time that is based on the previous facts.
            follow_the_calendar(snapshot.current().facts)
            fill_next_actions()
            if not rules_followed:
                follow_the_rules()
                rules_followed = True
        except DatabaseFailure:
            connection.close()  # snapshot.refresh() logs that the database is unavailable
        except Exception:
            logger.exception("the pages could not be checked; retrying")
    connection.close()


def pages_are_behind() -> bool:
    folder = build.newest_folder()
    if folder is None:
        return True
    record = build.read_record(folder)
    if snapshot.current().edition == 0:  # no edition has been read or saved yet
        snapshot.start_from(record["facts"], record["edition"])
    snapshot.refresh()
    return record["shown_hash"] != snapshot.shown_hash(snapshot.current(), timezone.now())


def rebuild(stop: threading.Event) -> bool:
    """Run `manage.py prerender` in a subprocess, and return whether it succeeded.

    If `stop` is set, the subprocess is terminated and the previous build stays in use.
    """
    started = time.monotonic()
    command = [sys.executable, settings.BASE_DIR / "manage.py", "prerender", "--if-needed", "--skip-checks"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
    printed = None
    while printed is None:
        try:
            # Read while waiting, because a full pipe would block the build.
            printed, _ = process.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:
            if stop.is_set():
                process.terminate()
    if process.returncode:
        last = printed.strip().splitlines()[-1:] or ["it printed nothing"]
        logger.error("the pages could not be rebuilt, so the previous build stays in use; retrying: %s", last[0])
        return False
    logger.info("rebuilt the pages in %.1f seconds", time.monotonic() - started)
    return True
