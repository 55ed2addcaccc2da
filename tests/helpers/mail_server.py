"""A mail server on this machine that can misbehave."""

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

logging.getLogger("mail.log").setLevel(logging.WARNING)  # or it prints every line of every conversation


class MailServer:
    """Listens on a free port, and keeps each mail that it took, in order.

    `behaviours` says what to do with the next mails: accept, refuse, hang, dawdle for a second and then accept,
    or drop: take the mail and cut the line before saying so.
    """

    def __init__(self, behaviours: Iterator[str] | None = None) -> None:
        self.port = free_port()
        self.behaviours = behaviours or repeat("accept")
        self.begun = 0
        self.taken: list[Message] = []
        # How often each Message-ID was taken and said to be, and how often the answer was lost.
        self.acknowledged: Counter[str] = Counter()
        self.answer_lost: Counter[str] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.begun += 1
        behaviour = next(self.behaviours)
        if behaviour == "refuse":
            return "451 Not now"
        if behaviour == "dawdle":
            await asyncio.sleep(1)
        if behaviour == "hang":
            await asyncio.sleep(30)
            return "451 Too late"
        message = message_from_bytes(envelope.content)
        message["X-Recipients"] = ", ".join(envelope.rcpt_tos)
        self.taken.append(message)
        if behaviour == "drop":
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
