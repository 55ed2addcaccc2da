from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand

from albany_site.backups import back_up


class Command(BaseCommand):
    help = "Back up the database to FILE. The site may keep running. The encryption keys are not included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        rows = back_up(file)
        size = file.stat().st_size / 1_000_000
        requests = rows.get("consultations_consultationrequest", 0)
        self.stdout.write(
            f"Backed up {requests} requests ({sum(rows.values())} rows in total) to {file}, {size:.1f} MB."
        )
