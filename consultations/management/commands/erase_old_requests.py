from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from clinic.pictures import remove_unused
from consultations.models import ConsultationRequest, open_too_long
from consultations.retention import (
    delete_old_access_log_entries,
    delete_old_sign_ins,
    due_for_erasure,
    erase_due,
    truncate_wal,
)


class Command(BaseCommand):
    help = (
        "Erase what patients wrote in requests closed at least RETENTION_DAYS ago or marked as spam at least 30 days "
        "ago, and delete access log entries older than six years, records of sign-ins older than 30 days, and pictures "
        "that were uploaded but not used within a day. Safe to interrupt and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="list the requests that would be erased, without erasing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        erased = deleted = 0
        if options["dry_run"]:
            for reference in due_for_erasure().order_by("pk").values_list("reference", flat=True):
                self.stdout.write(reference)
                erased += 1
        else:
            with tqdm(desc="Erasing", total=due_for_erasure().count(), disable=None) as progress:
                for count in erase_due():
                    erased += count
                    progress.update(count)
            deleted = delete_old_access_log_entries()
            remove_unused()
            delete_old_sign_ins()
            truncate_wal()
        too_long = ConsultationRequest.objects.filter(open_too_long()).count()
        done = "would be erased" if options["dry_run"] else "erased"
        self.stdout.write(
            f"{erased} requests {done}; {too_long} have been open too long and were left alone. "
            f"{deleted} access log entries deleted."
        )
