"""Deployment checks in addition to Django's. They run only if SITE_URL is https."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from albany_site.private_files import PRIVATE_UMASK
from consultations.smtp import has_mail_server

EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net", ".example", ".invalid", ".test")
GUESSABLE_STAFF_PATHS = ("admin/", "wp-admin/", "login/", "administrator/")


def _deployment_check(check: Callable[[], Iterator[CheckMessage]]) -> None:
    def checked(**_: Any) -> list[CheckMessage]:
        return list(check()) if settings.HTTPS else []

    register(checked, Tags.security, deploy=True)


@_deployment_check
def email_is_delivered() -> Iterator[CheckMessage]:
    if not has_mail_server():
        yield Warning("EMAIL_URL has no mail server, so staff get no email about new requests.", id="albany.W001")
    elif not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in (
        "localhost",
        "127.0.0.1",
    ):
        yield Warning("EMAIL_URL sends email and the SMTP password unencrypted. Use smtp+tls://.", id="albany.W002")
    for name, addresses in (
        ("DEFAULT_FROM_EMAIL", [settings.DEFAULT_FROM_EMAIL]),
        ("STAFF_EMAILS", settings.STAFF_EMAILS),
    ):
        if any(address.strip("> ").endswith(EXAMPLE_DOMAINS) for address in addresses):
            yield Warning(f"{name} is still an example address. Set a real one.", id="albany.W003")


@_deployment_check
def staff_path_is_not_guessable() -> Iterator[CheckMessage]:
    if settings.STAFF_PATH in GUESSABLE_STAFF_PATHS:
        yield Warning(
            f"STAFF_PATH is {settings.STAFF_PATH!r}, which every bot tries. Choose another.", id="albany.W004"
        )


@_deployment_check
def secrets_are_private() -> Iterator[CheckMessage]:
    """Warn if every user of the machine can access the environment file, or anyone but its owner the SQLite database."""
    files = {Path(settings.ENV_FILE): 0o007}  # a group may read the settings, as deploy/README.md has it
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        files[Path(settings.DATABASES["default"]["NAME"])] = PRIVATE_UMASK
    for file, others in files.items():
        if file.is_file() and file.stat().st_mode & others:
            yield Warning(
                f"Other users of this machine can access {file}.",
                hint=f"chmod {'go=' if others == PRIVATE_UMASK else 'o='} {file}",
                id="albany.W005",
            )


@_deployment_check
def health_token_is_long() -> Iterator[CheckMessage]:
    if settings.HEALTH_TOKEN and len(settings.HEALTH_TOKEN) < 20:
        yield Warning("HEALTH_TOKEN is short enough to guess. Use 20 characters or more.", id="albany.W006")
