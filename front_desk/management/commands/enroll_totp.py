from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from front_desk.second_factor import enroll, qr_for_terminal


class Command(BaseCommand):
    help = "Give a staff account a fresh authenticator and fresh one-time codes; the old ones are void."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        try:
            user = User.objects.get(username=username)
        except User.DoesNotExist:
            raise CommandError(f"There is no account {username!r}. `make staff NAME={username}` makes one.") from None
        device, codes = enroll(user)
        self.stdout.write("Scan this with an authenticator app:\n")
        self.stdout.write(qr_for_terminal(device.config_url))
        self.stdout.write(f"Or give the app this address: {device.config_url}\n")
        self.stdout.write("One-time codes, for the day the authenticator is lost. Each works once; keep them safe:")
        self.stdout.write("  " + "  ".join(codes))
