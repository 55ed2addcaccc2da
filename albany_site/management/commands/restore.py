from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand

from albany_site.backups import restore


class Command(BaseCommand):
    help = "Restore a backup into the empty database in DATABASE_URL, and verify every row."
    requires_system_checks = []  # some checks read tables that do not exist yet
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        rows = restore(file)
        requests = rows.get("consultations_consultationrequest", 0)
        self.stdout.write(
            f"Restored {requests} requests ({sum(rows.values())} rows in total). Every row is counted, "
            "every encrypted value decrypts, and requests past their retention are erased."
        )
