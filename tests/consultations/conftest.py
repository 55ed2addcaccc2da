"""Fixtures for tests of the outbox."""

from datetime import datetime, timedelta

import pytest

from tests.helpers.mail_server import MailServer


class Clock:
    """Replaces Django's clock with one that the test can move forward."""

    now = datetime.fromisoformat("2026-12-01T16:00:00+00:00")  # a Tuesday, 10 a.m. in Carbondale

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def move_to(self, local: str) -> None:
        """Move to a time of that December in Carbondale, like "2026-12-02 10:00"."""
        self.now = datetime.fromisoformat(f"{local}-06:00")


@pytest.fixture
def clock(monkeypatch):
    moving = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: moving.now)
    return moving


@pytest.fixture
def use_server(settings):
    """Return a function that makes Django send its emails to a test server."""

    def use(server: MailServer) -> None:
        settings.EMAIL_BACKEND = "consultations.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1

    return use


@pytest.fixture
def weekdays(set_facts):
    """Open the clinic on weekdays from 9 a.m. to 5 p.m."""
    set_facts(hours=["9 am - 5 pm"] * 5 + ["", ""])
