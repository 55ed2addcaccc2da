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
    help = "Sends the mails that are due: staff hear of requests, patients get the receipts that they asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--loop", action="store_true", help="look for mails until told to stop; the worker does this")
        how.add_argument("--once", action="store_true", help="send what is due now, and end; for a timer")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{look(threading.Event())} mails handled.")
        else:
            self.stdout.write(f"{loop()} mails handled.")


def loop() -> int:
    """Look for mails until SIGTERM or SIGINT, which let the mail in hand go out first. Returns how many there were."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    handled = 0
    while not stop.is_set():
        try:
            close_old_connections()
            handled += look(stop)
        except DatabaseFailure:
            logger.exception("the database did not answer; looking again")
            connection.close()
        stop.wait(SECONDS_BETWEEN_LOOKS)
    return handled


def look(stop: threading.Event) -> int:
    """Send what is due. Shows a sign of life before each mail, for one may take a minute."""
    notifications.queue_reminders()
    Heartbeat.beat()
    handled = 0
    while not stop.is_set() and notifications.deliver_one():
        handled += 1
        Heartbeat.beat()
    return handled
