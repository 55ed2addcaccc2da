from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.migrated import require_migrated
from front_desk.second_factor import enroll, qr_for_terminal


class Command(BaseCommand):
    help = "Replace the authenticator and recovery codes of a staff account. The old ones stop working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        require_migrated()
        try:
            user = User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(
                f"There is no account {username!r}. Create it first: make staff NAME={username}"
            ) from None
        device, codes = enroll(user)
        self.stdout.write("Scan this QR code with an authenticator app:\n")
        self.stdout.write(qr_for_terminal(device.config_url))
        self.stdout.write(f"Or paste this address into the app: {device.config_url}\n")
        self.stdout.write("Recovery codes, for when the authenticator is lost. Each works once. Please keep them safe:")
        self.stdout.write("  " + "  ".join(codes))
