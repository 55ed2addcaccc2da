from typing import Any

from django.core.management import CommandError
from django.core.management.commands import sendtestemail

from consultations.email_errors import in_words, reply, summary
from consultations.smtp import TooSlow, has_mail_server


class Command(sendtestemail.Command):
    """Like Django's command, but says in a sentence why the email was not sent."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except (OSError, TooSlow, ValueError) as error:  # OSError includes SMTPException
            code, text = reply(error)
            said = f"{code} {text.decode(errors='replace')}" if code else str(error)
            detail = f" ({said})" if said else ""
            raise CommandError(f"The test email was not sent: {in_words(summary(error))}{detail}.") from error
        if not has_mail_server():
            self.stdout.write("No email was sent: EMAIL_URL names no mail server.")
