"""A local mail server that can misbehave."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from itertools import repeat
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.helpers.live_site import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # otherwise it logs every line of SMTP


class MailServer:
    """An SMTP server on a free port. `taken` lists the emails it accepted.

    `behaviors` yields, for each email, what to do: "accept", "refuse", "hang", "dawdle" (accept after a second),
    "drop" (keep the email, but close the connection before acknowledging it), or a reply such as "554 5.7.1 No".
    `replies` has the reply to each recipient's address and to "MAIL", where it is not 250.
    """

    def __init__(self, behaviors: Iterator[str] | None = None, replies: dict[str, str] | None = None) -> None:
        self.replies = {} if replies is None else replies
        self.port = free_port()
        self.behaviors = behaviors or repeat("accept")
        self.begun = 0
        self.taken: list[Message] = []
        # How often each Message-ID was accepted and acknowledged, and how often the acknowledgment was lost.
        self.acknowledged: Counter[str] = Counter()
        self.answer_lost: Counter[str] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.begun += 1
        behavior = next(self.behaviors)
        if behavior == "refuse":
            return "451 Not now"
        if behavior[0].isdigit():
            return behavior
        if behavior == "dawdle":
            await asyncio.sleep(1)
        if behavior == "hang":
            await asyncio.sleep(30)
            return "451 Too late"
        message = message_from_bytes(envelope.content)
        message["X-Recipients"] = ", ".join(envelope.rcpt_tos)
        self.taken.append(message)
        if behavior == "drop":
            self.answer_lost[message["Message-ID"]] += 1
            server.transport.abort()
            return ""
        self.acknowledged[message["Message-ID"]] += 1
        return "250 Taken as number " + str(len(self.taken))

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class Behavior:
    """Endless iterator of the mail server's behaviors. It yields `now`, which tests set."""

    now = "accept"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        return self.now
