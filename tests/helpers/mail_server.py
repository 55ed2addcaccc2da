"""A local mail server that can misbehave."""

import asyncio
import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from email.message import Message
from itertools import cycle, repeat
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.helpers.live_site import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)  # otherwise aiosmtpd logs every line of SMTP


class MailServer:
    """An SMTP server on a free port. `taken` lists the emails it received and kept.

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
        # How often an email was acknowledged, and how often the acknowledgment was lost, keyed by Message-ID.
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
    """Endless iterator that yields `now`, the behavior for the next email. Tests change it while the server runs."""

    now = "accept"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        return self.now


class DrippingServer:
    """A mail server that gives some replies, and then sends `drip` byte by byte until the client hangs up.

    The first of `replies` is the greeting. `on_drip` is called once, before the first of those bytes.
    """

    SECONDS_BETWEEN_BYTES, MOST_BYTES = 0.05, 1200  # a minute in all
    LONGEST_WAIT = 20  # seconds for the server to notice that the client hung up

    def __init__(
        self, replies: list[str], drip: bytes = b"250-wait\r\n", on_drip: Callable[[], None] = lambda: None
    ) -> None:
        self.replies, self.drip, self.on_drip = iter(replies), drip, on_drip
        self.client_hung_up = False
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            with client, client.makefile("rb") as commands:
                for reply in self.replies:
                    client.sendall(reply.encode() + b"\r\n")
                    last = b".\r\n" if reply.startswith("354") else b"\r\n"
                    while not (line := commands.readline()).endswith(last) and line:
                        pass
                self.on_drip()
                self._send_slowly(client)

    def _send_slowly(self, client: socket.socket) -> None:
        for _, byte in zip(range(self.MOST_BYTES), cycle(self.drip)):
            try:
                client.sendall(bytes([byte]))
            except OSError:
                self.client_hung_up = True
                return
            if self._closed.wait(self.SECONDS_BETWEEN_BYTES):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # The client's end closes before ours, so the next byte that we send fails.
        self._thread.join(self.LONGEST_WAIT)
        self._closed.set()
        self._listener.close()
        self._thread.join()
