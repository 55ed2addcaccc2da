import getpass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.migrated import require_migrated
from clinic.typed import visible
from front_desk.accounts import FRONT_DESK, MANAGER, account_like, make_account


class Command(BaseCommand):
    help = "Create a staff account, and print its password, authenticator QR code and recovery codes once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="username to sign in with (default: your username on this machine)")
        parser.add_argument(
            "--group",
            choices=[FRONT_DESK, MANAGER],
            help=f"(default: {MANAGER} if there is no manager yet, otherwise {FRONT_DESK})",
        )

    @transaction.atomic
    def handle(self, *args: Any, name: str | None, group: str | None, **options: Any) -> None:
        require_migrated()
        name = visible(name or "") or getpass.getuser()  # the sign-in page drops the same characters
        try:
            User._meta.get_field("username").run_validators(name)  # as the desk's form does
        except ValidationError as error:
            raise CommandError(f"{name!r} can't be a username. {' '.join(error.messages)}") from None
        if taken := account_like(name):
            raise CommandError(f"The account {str(taken)!r} already exists. Choose another name: make staff NAME=...")
        group = group or (FRONT_DESK if User.objects.filter(groups__name=MANAGER).exists() else MANAGER)
        _, password = make_account(name, Group.objects.get(name=group))
        call_command("enroll_totp", name, stdout=self.stdout)
        self.stdout.write(
            f"\nCreated the account {name!r} in the group {group!r}. Its password, shown only once: {password}"
            f"\nSign in at {settings.SITE_URL}/{settings.STAFF_PATH}"
        )
