import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from front_desk.accounts import FRONT_DESK, MANAGER, make_account


class Command(BaseCommand):
    help = "Make a staff account with a password, an authenticator and one-time codes, and print them once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="the name to sign in with; else yours on this machine")
        parser.add_argument("--group", choices=[FRONT_DESK, MANAGER], help="else Manager, as long as there is none")

    @transaction.atomic
    def handle(self, *args: Any, name: str | None, group: str | None, **options: Any) -> None:
        name = name or getpass.getuser()
        if User.objects.filter(username=name).exists():
            raise CommandError(f"There is an account {name!r} already. `make staff NAME=...` makes another.")
        group = group or (FRONT_DESK if User.objects.filter(groups__name=MANAGER).exists() else MANAGER)
        _, password = make_account(name, Group.objects.get(name=group))
        call_command("enroll_totp", name, stdout=self.stdout)
        self.stdout.write(
            f"\nMade the account {name!r} in the group {group!r}. Its password, shown this once: {password}"
        )
