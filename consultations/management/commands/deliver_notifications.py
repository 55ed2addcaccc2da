import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection

from consultations import notifications
from consultations.models import Heartbeat

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 5


class Command(BaseCommand):
    help = "Send the emails that are due: to staff about requests, and receipts to patients who asked for one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--loop", action="store_true", help="keep sending until stopped; the worker runs this")
        how.add_argument("--once", action="store_true", help="send what is due now, then exit; for a timer")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{look(threading.Event())} emails handled.")
        else:
            self.stdout.write(f"{loop()} emails handled.")


def loop() -> int:
    """Send emails until SIGTERM or SIGINT, finishing the one in progress. Return how many were handled."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    handled = 0
    while not stop.is_set():
        try:
            close_old_connections()
            handled += look(stop)
        except DatabaseFailure:
            logger.exception("the database did not answer; retrying")
            connection.close()
        stop.wait(SECONDS_BETWEEN_LOOKS)
    return handled


def look(stop: threading.Event) -> int:
    """Send what is due, with a heartbeat before each email, since one may take a minute. Return how many."""
    notifications.queue_reminders()
    Heartbeat.beat()
    handled = 0
    while not stop.is_set() and notifications.deliver_one():
        handled += 1
        Heartbeat.beat()
    return handled
