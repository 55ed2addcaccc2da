"""Tests that no mail server can block the worker, however slowly it answers."""

import threading

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from consultations import smtp
from consultations.delivery import deliver_one
from consultations.models import Notification
from consultations.notifications import queue_new
from tests.helpers.factories import consultation
from tests.helpers.mail_server import DrippingServer, MailServer

CONVERSATION = ["220 hello", "250 EHLO", "250 MAIL", "250 RCPT", "354 DATA", "250 taken"]
# The beginning of a TLS record of 16 kB.
PART_OF_A_HANDSHAKE = b"\x16\x03\x03\x3f\xff\x02" + bytes(50)


@pytest.fixture
def hurried(db, settings, use_server):
    """Queue one email, with half a second to send it."""
    queue_new(consultation())
    settings.MAIL_LIMIT_SECONDS = 0.5
    return use_server


def error() -> str:
    return Notification.objects.get().last_error


@pytest.mark.parametrize("given", range(5))
def test_a_server_that_drips_any_reply_is_cut_off(hurried, given):
    with DrippingServer(CONVERSATION[:given]) as server:
        hurried(server)
        deliver_one()
    assert server.client_hung_up
    email = Notification.objects.get()
    assert (email.sent_at, email.refused, email.reason) == (None, False, "The mail server took too long.")


@pytest.mark.parametrize("security", ["EMAIL_USE_SSL", "EMAIL_USE_TLS"])
def test_a_server_that_drips_its_tls_handshake_is_cut_off(hurried, settings, security):
    setattr(settings, security, True)
    begin = [] if security == "EMAIL_USE_SSL" else ["220 hello", "250-mail\r\n250 STARTTLS", "220 go ahead"]
    # The last reply is part of the drip, because after it the client waits for the handshake.
    with DrippingServer(begin, drip=PART_OF_A_HANDSHAKE) as server:
        hurried(server)
        deliver_one()
    assert server.client_hung_up
    assert error() == "TooSlow"


def test_an_email_taken_by_a_server_that_drips_its_goodbye_is_sent(hurried):
    with DrippingServer(CONVERSATION) as server:
        hurried(server)
        deliver_one()
    assert server.client_hung_up
    assert Notification.objects.get().sent_at is not None


def test_stopping_the_worker_ends_a_delivery_that_drips(hurried, settings, monkeypatch):
    settings.MAIL_LIMIT_SECONDS = 600
    monkeypatch.setattr(smtp, "SECONDS_AFTER_STOP", 0.1)
    stop = threading.Event()
    with DrippingServer(["220 hello"], on_drip=stop.set) as server:
        hurried(server)
        deliver_one(stop)
    assert server.client_hung_up
    assert error() == "TooSlow"


def test_stopping_the_worker_finishes_an_email_in_progress(hurried, settings):
    stop = threading.Event()

    def behaviors():
        stop.set()
        yield "dawdle"

    with MailServer(behaviors()) as server:
        hurried(server)
        settings.MAIL_LIMIT_SECONDS, settings.EMAIL_TIMEOUT = 30, 10
        deliver_one(stop)
    assert len(server.taken) == 1
    assert Notification.objects.get().sent_at is not None


def test_djangos_test_email_has_the_same_limit(hurried):
    with DrippingServer([]) as server:
        hurried(server)
        with pytest.raises(CommandError, match="was not sent: the mail server took too long"):
            call_command("sendtestemail", "desk@clinic.example")
    assert server.client_hung_up


def test_no_thread_or_socket_outlives_a_delivery(hurried):
    before = threading.active_count()
    for behavior in ("accept", "refuse"):
        with MailServer(iter([behavior])) as server:
            hurried(server)
            deliver_one()
    assert threading.active_count() == before


def test_the_lease_of_an_email_outlasts_its_delivery():
    lookups = 30  # seconds that the system may take to look up the server's name, which we don't limit
    assert django_settings.MAIL_LIMIT_SECONDS + lookups < django_settings.MAIL_LEASE_SECONDS
