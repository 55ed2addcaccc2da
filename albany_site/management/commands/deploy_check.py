from argparse import ArgumentParser
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.management import BaseCommand, CommandError
from django.db import Error as DatabaseFailure

from albany_site import health
from albany_site.backups import unknown_migrations
from albany_site.email_addresses import parse_address
from clinic import snapshot
from clinic.facts import missing
from clinic.migrated import unapplied_migrations
from pages.references import unverified_references


class Command(BaseCommand):
    help = "List what to fix on this machine before it serves visitors, and which facts only the clinic can supply."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sources", action="store_true", help="list the sources with unchecked details, and exit")

    def handle(self, *args: object, sources: bool, **options: object) -> None:
        if sources:
            self._list("Sources with details that nobody has checked against the original", list(sources_to_check()))
            return
        problems, facts = list(problems_here()), list(facts_to_supply())
        self._list("Fix on this machine", problems)
        self._list("Check by hand, so that emails don't land in junk folders", list(mail_to_check()))
        self._list("Only the clinic can supply these; a fact that is not set is not shown", facts)
        if problems:
            raise CommandError(f"Problems to fix: {len(problems)}. Facts only the clinic can supply: {len(facts)}.")
        self.stdout.write(f"Ready to serve. Facts only the clinic can supply: {len(facts)}.")

    def _list(self, heading: str, items: list[str]) -> None:
        self.stdout.write(f"{heading}:")
        for item in items or ["nothing"]:
            self.stdout.write(f"  - {item}")
        self.stdout.write("")


def problems_here() -> Iterator[str]:
    """Yield a sentence for each problem on this machine that must be fixed before it serves visitors."""
    if settings.DEBUG:
        yield "DEBUG is on, so error pages show tracebacks to visitors. Set DEBUG=False."
    if not settings.HTTPS:
        yield f"SITE_URL is {settings.SITE_URL}: set the https address visitors will use."
    elif urlsplit(settings.SITE_URL).hostname in ("localhost", "127.0.0.1"):
        yield f"SITE_URL is {settings.SITE_URL}, which only this machine can reach."
    for name in settings.VARIABLES_NOT_READ:
        yield f"{name} is set but no longer read: enter that fact at the desk, under The clinic, and remove it."
    for message in checks.run_checks(include_deployment_checks=True):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield f"{message.msg}{f' {message.hint}' if message.hint else ''} ({message.id})"
    try:
        if unapplied := unapplied_migrations():
            yield f"Migrations not yet applied: {unapplied}. Run manage.py migrate."
            return
        if unknown := unknown_migrations():
            yield f"The database is of a newer release, with {', '.join(unknown)}. Install that release."
        for part, reason in health.problems().items():
            yield f"{part}: {reason}."
    except DatabaseFailure as error:
        yield f"The database in DATABASE_URL does not respond ({type(error).__name__})."


def mail_to_check() -> Iterator[str]:
    """Yield each DNS record that the sender's domain needs, in words, because nothing here can look them up."""
    domain = parse_address(settings.DEFAULT_FROM_EMAIL).partition("@")[2]
    server = settings.EMAIL_HOST or "the mail server"
    yield f'SPF: one TXT record at {domain} that begins "v=spf1" and allows {server} to send'
    yield f"DKIM: the record at SELECTOR._domainkey.{domain} that your mail provider gives you, and signing switched on there"
    yield f'DMARC: a TXT record at _dmarc.{domain} that begins "v=DMARC1", with at least p=none'
    yield (
        "the result: `manage.py sendtestemail` to a mailbox elsewhere; its headers must say spf=pass, dkim=pass and "
        "dmarc=pass (deploy/README.md, Email)"
    )


def facts_to_supply() -> Iterator[str]:
    """Yield each missing fact and where to set it, then one line about sources with unchecked details."""
    for label in missing(snapshot.current().facts).values():
        yield f"{label} (a manager enters it at the desk, under The clinic)"
    if not settings.SECURITY_CONTACT:
        yield "where to report a security problem (SECURITY_CONTACT)"
    if unverified := unverified_references():
        yield (
            f"details of {len(unverified)} sources that nobody has checked against the originals: "
            "`manage.py deploy_check --sources` lists them"
        )


def sources_to_check() -> Iterator[str]:
    for reference in unverified_references():
        yield f"{reference.name} ({reference.key}): {', '.join(reference.unverified)}"
