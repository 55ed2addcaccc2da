"""Django's SMTP backend, with one time limit for a whole delivery.

EMAIL_TIMEOUT limits each read only, so a mail server that sends one byte every few seconds could block the worker for
hours. Here, a thread shuts the connection down when the time is up, and soon after the worker was told to stop.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from smtplib import SMTP, SMTP_SSL
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

SECONDS_AFTER_STOP = 5  # enough for an email in progress, unless the mail server is slow
SECONDS_BETWEEN_LOOKS = 0.1


def has_mail_server() -> bool:
    """Return whether EMAIL_URL names a mail server, rather than only printing, storing or dropping emails."""
    return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")


class TooSlow(Exception):
    """Raised if the time for a delivery is up. What the server had said by then may be half a reply."""


class TimeLimit:
    """Shuts the guarded socket down after MAIL_LIMIT_SECONDS, or SECONDS_AFTER_STOP after `stop` was set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._ends_at = time.monotonic() + settings.MAIL_LIMIT_SECONDS
        self._lock = threading.Lock()
        self._duplicate: socket.socket | None = None
        self.is_over = False
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="time limit of an email", daemon=True)
        self._watcher.start()

    @property
    def seconds_left(self) -> float:
        return max(self._ends_at - time.monotonic(), 0.1)

    def guard(self, sock: socket.socket) -> None:
        """Shut this socket down when the time is up, even after TLS has wrapped and detached it."""
        with self._lock:
            self._duplicate = sock.dup()
            if self.is_over:
                self._shut_down()

    def end(self) -> None:
        """Stop watching. It may be called twice."""
        self._ended.set()
        self._watcher.join()
        if self._duplicate:
            self._duplicate.close()

    def _watch(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            if self._stop.is_set():
                self._ends_at = min(self._ends_at, time.monotonic() + SECONDS_AFTER_STOP)
            if time.monotonic() >= self._ends_at:
                with self._lock:
                    self.is_over = True
                    self._shut_down()
                return

    def _shut_down(self) -> None:
        if self._duplicate:
            with suppress(OSError):  # already closed
                self._duplicate.shutdown(socket.SHUT_RDWR)


class EmailBackend(smtp.EmailBackend):
    """Django's backend with a TimeLimit from opening the connection until it is closed."""

    def __init__(self, *args: Any, stop: threading.Event | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stop = stop or threading.Event()
        self._limit: TimeLimit | None = None

    @property
    def connection_class(self) -> partial:
        return partial(_EncryptedConnection if self.use_ssl else _Connection, limit=self._limit)

    def open(self) -> bool | None:
        if self.connection:
            return False
        self._limit = TimeLimit(self._stop)
        try:
            with self._judged():
                return super().open()
        finally:
            if self.connection is None:
                self.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with self._judged():
            return super().send_messages(email_messages)

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self._limit:
                self._limit.end()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Raise TooSlow instead of the error that follows from the end of the time."""
        try:
            yield
        except OSError:  # which includes SMTPException
            if self._limit and self._limit.is_over:
                raise TooSlow from None
            raise


class _Guarded(SMTP):
    """An SMTP client that guards its socket before the first byte, and before SMTP_SSL's handshake."""

    _limit: TimeLimit

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # `timeout` is for each of the server's addresses, which are tried in turn.
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        sock = super()._get_socket(host, port, min(timeout, self._limit.seconds_left / len(addresses)))
        sock.settimeout(timeout)
        self._limit.guard(sock)
        return sock


class _Limited:
    """Mixin that sets the time limit before the client connects, and closes a connection that fails then."""

    def __init__(self, *args: Any, limit: TimeLimit, **kwargs: Any) -> None:
        self._limit = limit
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self.close()
            raise


class _Connection(_Limited, _Guarded):
    pass


class _EncryptedConnection(_Limited, SMTP_SSL, _Guarded):
    pass
