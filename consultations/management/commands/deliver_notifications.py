import logging
import signal
import smtplib
import threading
import uuid
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand, CommandError
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
        how.add_argument("--test-mail", action="store_true", help="send one mail to staff and say what came of it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["test_mail"]:
            self.stdout.write(test_mail())
        elif options["once"]:
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


def test_mail() -> str:
    """Send one mail to staff and return what the mail server said. Raises CommandError with its refusal."""
    headers = notifications.headers_for(str(uuid.uuid4()))
    message = EmailMessage(
        "Test mail from the website", "The website can send you mail.\n", to=settings.STAFF_EMAILS, headers=headers
    )
    backend = get_connection()
    try:
        backend.open()
        server = getattr(backend, "connection", None)
        if not isinstance(server, smtplib.SMTP):
            backend.send_messages([message])
            return f"Handed to {settings.EMAIL_BACKEND}, which asks no mail server."
        return _converse(server, message)
    except OSError as error:
        raise CommandError(f"The mail server did not take it: {error}") from error
    finally:
        backend.close()


def _converse(server: smtplib.SMTP, message: EmailMessage) -> str:
    """Hand the mail over line by line, for Django's own way throws the answers away."""
    server.ehlo_or_helo_if_needed()
    steps = [("MAIL", server.mail(message.from_email))]
    steps += [(f"RCPT {address}", server.rcpt(address)) for address in message.to]
    for step, (code, answer) in steps:
        if code >= 400:
            raise CommandError(f"The mail server refused {step}: {code} {answer.decode(errors='replace')}")
    code, answer = server.data(message.message().as_bytes(linesep="\r\n"))
    answer_text = answer.decode(errors="replace")
    if code >= 400:
        raise CommandError(f"The mail server refused the mail: {code} {answer_text}")
    return f"The mail server took it for {', '.join(message.to)}: {code} {answer_text}"
