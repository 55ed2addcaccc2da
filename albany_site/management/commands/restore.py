from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand

from albany_site.backups import restore


class Command(BaseCommand):
    help = "Fill the empty database that DATABASE_URL names from a backup, and check every row of it."
    requires_system_checks = []  # some of them read tables that are not there yet
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        rows = restore(file)
        requests = rows.get("consultations_consultationrequest", 0)
        self.stdout.write(
            f"Restored {requests} requests, {sum(rows.values())} rows in all: counted, decrypted, and erased what was due."
        )
