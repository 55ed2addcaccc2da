from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.management import BaseCommand, CommandError
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from albany_site import health
from pages.references import unverified_references


class Command(BaseCommand):
    help = "One list: what this machine lacks, and what only the clinic can say. Fails if anything must be mended."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        to_mend, to_say = list(missing_here()), list(only_the_clinic_knows())
        self._list("To mend on this machine", to_mend)
        self._list("Only the clinic can say; what is not set is not shown", to_say)
        if to_mend:
            raise CommandError(f"{len(to_mend)} things to mend, and {len(to_say)} that only the clinic can say.")
        self.stdout.write(f"Ready to serve. {len(to_say)} things that only the clinic can say.")

    def _list(self, heading: str, items: list[str]) -> None:
        self.stdout.write(f"{heading}:")
        for item in items or ["nothing"]:
            self.stdout.write(f"  - {item}")
        self.stdout.write("")


def missing_here() -> Iterator[str]:
    """What stands between this machine and a site that does its work."""
    if settings.DEBUG:
        yield "DEBUG is on: every visitor would see the site's insides."
    if not settings.HTTPS:
        yield f"SITE_URL is {settings.SITE_URL}: set the https address that visitors will use."
    elif urlsplit(settings.SITE_URL).hostname in ("localhost", "127.0.0.1"):
        yield f"SITE_URL is {settings.SITE_URL}, which only this machine can reach."
    for message in checks.run_checks(include_deployment_checks=True):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield f"{message.msg}{f' {message.hint}' if message.hint else ''} ({message.id})"
    try:
        if unapplied := _unapplied_migrations():
            yield f"{unapplied} migrations are not applied: run manage.py migrate."
            return
        for part, reason in health.problems().items():
            yield f"{part}: {reason}."
    except DatabaseFailure as error:
        yield f"The database that DATABASE_URL names does not answer ({type(error).__name__})."


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def only_the_clinic_knows() -> Iterator[str]:
    """Facts that nobody may invent, each with the setting that holds it."""
    clinic = settings.CLINIC
    for fact, setting, value in (
        ("its street address", "CLINIC_STREET and CLINIC_POSTAL_CODE", clinic.street and clinic.postal_code),
        ("its phone number", "CLINIC_PHONE", clinic.phone),
        ("its opening hours", "CLINIC_HOURS", clinic.hours),
        ("who reviewed the articles", "CLINIC_REVIEWER", clinic.reviewer),
        ("the reviewer's licence title", "CLINIC_REVIEWER_TITLE", clinic.reviewer_title),
        ("its Google review link", "GOOGLE_REVIEW_URL or GOOGLE_PLACE_ID", clinic.review_url),
        ("where to report a weakness of the site", "SECURITY_CONTACT", clinic.security_contact),
        ("its notice of privacy practices", "PRIVACY_PRACTICES_URL", clinic.privacy_practices_url),
        ("its notice of nondiscrimination", "NONDISCRIMINATION_URL", clinic.nondiscrimination_url),
        ("its notice of help in other languages", "LANGUAGE_HELP_URL", clinic.language_help_url),
    ):
        if not value:
            yield f"{fact} ({setting})"
    for reference in unverified_references():
        yield f"a source to look up once: {reference.name}, its {', '.join(reference.unverified)}"
