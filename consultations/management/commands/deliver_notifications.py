import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consultations import notifications


class Command(BaseCommand):
    help = "Send the emails that are due, then exit. The worker does this all the time; this is for a timer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="the only way there is; says so in a crontab")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{notifications.deliver_due(threading.Event())} emails handled.")
