import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consultations import delivery


class Command(BaseCommand):
    help = "Send the emails that are due, then exit. For use from a timer instead of the worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="has no effect, because the command always runs once; makes a crontab clearer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delivery.deliver_due(threading.Event())} emails handled.")
