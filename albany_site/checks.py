"""What a deployment must not get wrong, beyond what Django's own deployment checks know."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

OF_EXAMPLES = ("example.com", "example.org", "example.net", ".example", ".invalid", ".test")
GUESSED_FIRST = ("admin/", "wp-admin/", "login/", "administrator/")


def _deployment_check(check: Callable[[], Iterator[CheckMessage]]) -> None:
    def checked(**_: Any) -> list[CheckMessage]:
        return list(check()) if settings.HTTPS else []

    register(checked, Tags.security, deploy=True)


@_deployment_check
def mail_reaches_somebody() -> Iterator[CheckMessage]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Warning("EMAIL_URL hands mails to no mail server: staff will not hear of requests.", id="albany.W001")
    elif not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in (
        "localhost",
        "127.0.0.1",
    ):
        yield Warning("EMAIL_URL sends mails and its password unencrypted: write smtp+tls:// there.", id="albany.W002")
    for name, addresses in (
        ("DEFAULT_FROM_EMAIL", [settings.DEFAULT_FROM_EMAIL]),
        ("STAFF_EMAILS", settings.STAFF_EMAILS),
    ):
        if any(address.strip("> ").endswith(OF_EXAMPLES) for address in addresses):
            yield Warning(f"{name} is an example's address.", id="albany.W003")


@_deployment_check
def the_staff_path_is_not_the_first_guess() -> Iterator[CheckMessage]:
    if settings.STAFF_PATH in GUESSED_FIRST:
        yield Warning(f"STAFF_PATH is {settings.STAFF_PATH!r}, which every robot tries.", id="albany.W004")


@_deployment_check
def secrets_are_for_their_owner_alone() -> Iterator[CheckMessage]:
    """The file of keys and the database: no other user of the machine may read them."""
    files = [Path(settings.ENV_FILE)]
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        files.append(Path(settings.DATABASES["default"]["NAME"]))
    for file in files:
        if file.is_file() and file.stat().st_mode & 0o007:
            yield Warning(
                f"Every user of this machine may read {file}.",
                hint=f"chmod o= {file}",
                id="albany.W005",
            )


@_deployment_check
def the_health_token_is_long() -> Iterator[CheckMessage]:
    if settings.HEALTH_TOKEN and len(settings.HEALTH_TOKEN) < 20:
        yield Warning("HEALTH_TOKEN is short enough to be guessed: 20 characters or more.", id="albany.W006")
