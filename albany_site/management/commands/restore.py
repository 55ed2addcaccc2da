from argparse import ArgumentParser
from pathlib import Path

from django.core.management import BaseCommand
from django.utils import timezone

from albany_site.backups import restore
from clinic.models import Edition
from pages.build import newest_folder, read_record


class Command(BaseCommand):
    help = "Restore a backup into the empty database in DATABASE_URL, and verify every row."
    requires_system_checks = []  # a new machine may not be fully configured yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        rows = restore(file)
        self.stdout.write(facts_restored())
        requests = rows.get("consultations_consultationrequest", 0)
        self.stdout.write(
            f"Restored {requests} requests ({sum(rows.values())} rows in total). Every row is counted, "
            "every encrypted value decrypts, and requests past their retention are erased."
        )


def facts_restored() -> str:
    """Return a message that says which edition was restored, and whether the pages still show other facts."""
    edition = Edition.newest()
    saved = f", saved {timezone.localtime(edition.saved_at):%Y-%m-%d %H:%M}" if edition else ""
    restored = f"{edition or 'no edition'}{saved}"
    folder = newest_folder()
    if edition is None and (folder is None or not read_record(folder)["facts"]):
        return "The backup contains no clinic facts."
    if folder is None or read_record(folder)["facts"] == (edition.facts if edition else {}):
        return f"The clinic's facts are those of {restored}."
    shown = read_record(folder)["edition"]
    went_back = shown > (edition.number if edition else 0)
    return (
        f"The clinic's facts {'went back' if went_back else 'changed'} from edition {shown}, which the pages still "
        f"show, to {restored}. The worker rebuilds the pages within seconds; check the facts at the desk."
    )
