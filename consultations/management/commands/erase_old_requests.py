from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from consultations.models import ConsultationRequest, open_too_long
from consultations.retention import delete_old_access_log_entries, due_for_erasure, erase_rows, truncate_wal


class Command(BaseCommand):
    help = (
        "Erases what patients wrote in requests that were closed RETENTION_DAYS ago, and in spam after 30 days, "
        "and forgets who looked at requests more than six years ago. "
        "May be stopped and started again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say which requests would be erased")

    def handle(self, *args: Any, **options: Any) -> None:
        due = list(due_for_erasure().order_by("pk"))
        forgotten = 0
        if options["dry_run"]:
            for consultation in due:
                self.stdout.write(consultation.reference)
        else:
            for consultation in tqdm(due, desc="Erasing", disable=None):
                erase_rows(consultation)
            forgotten = delete_old_access_log_entries()
            truncate_wal()
        too_long = ConsultationRequest.objects.filter(open_too_long()).count()
        done = "would be erased" if options["dry_run"] else "erased"
        self.stdout.write(
            f"{len(due)} requests {done}; {too_long} are open for too long, and were left alone. "
            f"{forgotten} entries of the access log forgotten."
        )
