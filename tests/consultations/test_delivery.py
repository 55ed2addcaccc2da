"""Tests that the worker delivers each email at least once, or reports why it could not."""

from datetime import timedelta
from itertools import chain, repeat
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from albany_site import health
from consultations import delivery, email_errors, retention
from consultations.delivery import claim
from consultations.models import Heartbeat, Notification
from consultations.notifications import queue_corrected, queue_new
from tests.helpers.factories import consultation
from tests.helpers.mail_server import MailServer
from tests.helpers.outbox import deliver_all

PATIENT = "zebra@example.com"
NO_SUCH_USER = f"550 5.1.1 <{PATIENT}> Okapi unknown"


@pytest.fixture
def two_staff(settings):
    settings.STAFF_EMAILS = ["desk@example.com", "lee@example.com"]


def outcome(recipient: str) -> tuple[bool, bool, str]:
    """Return whether the last email to a recipient was sent and refused, and its last error."""
    email = Notification.objects.filter(recipient=recipient).last()
    return email.sent_at is not None, email.refused, email.last_error


def refused_receipt(use_server, reply: str = NO_SUCH_USER) -> Notification:
    queue_new(consultation(email=PATIENT, receipt_wanted=True))
    with MailServer(replies={PATIENT: reply}) as server:
        use_server(server)
        deliver_all()
    return Notification.objects.get(kind="receipt")


# --- Retries


def test_an_unsent_email_is_retried_with_the_same_message_id(db, clock, use_server):
    queue_new(consultation())
    with MailServer(chain(["refuse", "drop"], repeat("accept"))) as server:
        use_server(server)
        deliver_all()
        refused = Notification.objects.get()
        assert (refused.attempts, refused.last_error, refused.sent_at) == (1, "SMTPDataError 451", None)
        assert refused.next_attempt_at == clock.now + timedelta(seconds=30)
        clock.move(seconds=31)
        deliver_all()
        assert Notification.objects.get().last_error == "SMTPServerDisconnected"
        clock.move(seconds=121)
        deliver_all()
    done = Notification.objects.get()
    assert (done.attempts, done.last_error, done.sent_at) == (3, "", clock.now)
    assert {message["Message-ID"] for message in server.taken} == {f"<{done.pk}@localhost>"}
    assert len(server.taken) == 2


def test_a_hanging_mail_server_blocks_the_worker_until_the_timeout(db, clock, use_server):
    queue_new(consultation())
    with MailServer(chain(["hang"], repeat("accept"))) as server:
        use_server(server)
        deliver_all()
    assert Notification.objects.get().last_error in ("TimeoutError", "SMTPServerDisconnected")


def test_an_email_that_keeps_failing_is_abandoned_after_16_hours(db, clock, settings, caplog):
    settings.EMAIL_BACKEND = "consultations.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    queue_new(consultation())
    began = clock.now
    for seconds in [*settings.MAIL_RETRY_SECONDS, 1]:
        assert not Notification.objects.failed().exists()
        deliver_all()
        clock.move(seconds=seconds)
    failed = Notification.objects.failed().get()
    assert (failed.attempts, failed.last_error, failed.refused) == (9, "ConnectionRefusedError", False)
    assert failed.reason == "The mail server cannot be reached."
    assert timedelta(hours=15) < failed.failed_at - began < timedelta(hours=17)
    assert [record.levelname for record in caplog.records if "failed after 9 attempts" in record.message] == ["ERROR"]
    assert failed.send_again()
    assert claim() == failed


def test_one_worker_holds_an_email_until_its_lease_expires(db, clock, settings):
    queue_new(consultation())
    first = claim()
    assert claim() is None
    clock.move(seconds=settings.MAIL_LEASE_SECONDS + 1)
    second = claim()
    assert (second.pk, second.attempts) == (first.pk, 2)


def test_a_worker_with_an_expired_lease_overwrites_no_result(db, clock, settings):
    queue_new(consultation())
    slow = claim()
    clock.move(seconds=settings.MAIL_LEASE_SECONDS + 1)
    deliver_all()
    sent = Notification.objects.get()
    delivery._fail(slow, TimeoutError())
    assert Notification.objects.get().sent_at == sent.sent_at
    assert Notification.objects.get().last_error == ""


def test_an_email_that_kills_every_worker_is_abandoned(db, clock, settings):
    queue_new(consultation())
    for _ in range(len(settings.MAIL_RETRY_SECONDS) + 1):
        assert claim()
        clock.move(seconds=settings.MAIL_LEASE_SECONDS + 1)
    deliver_all()
    assert Notification.objects.failed().get().reason == "The email program stopped each time it tried."
    assert mail.outbox == []


def test_an_email_that_the_backend_sends_to_no_one_is_not_marked_sent(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    queue_new(consultation())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.backends.dummy.EmailBackend.send_messages", lambda *_: 0)
        deliver_all()
    assert outcome("staff@example.com") == (False, False, "NotAccepted")


def test_a_receipt_whose_address_cannot_be_decrypted_is_not_sent(db, settings):
    queue_new(consultation(email=PATIENT, receipt_wanted=True))
    settings.FIELD_KEYS = {"other": b"o" * 32}
    deliver_all()
    assert Notification.objects.get(kind="receipt").last_error == "ValueError"
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]


# --- Refusals


def test_each_staff_address_has_its_own_outcome(db, clock, two_staff, use_server):
    queue_new(consultation())
    with MailServer(replies={"lee@example.com": "550 5.1.1 No such user"}) as server:
        use_server(server)
        deliver_all()
    assert outcome("desk@example.com") == (True, False, "")
    assert outcome("lee@example.com") == (False, True, "SMTPRecipientsRefused 550 5.1.1")
    assert [message["X-Recipients"] for message in server.taken] == ["desk@example.com"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (NO_SUCH_USER, "SMTPRecipientsRefused 550 5.1.1"),
        ("553 Okapi", "SMTPRecipientsRefused 553"),
        ("552 5.2.2 Okapi", "SMTPRecipientsRefused 552 5.2.2"),
    ],
)
def test_a_refused_receipt_is_final_and_keeps_only_codes(db, clock, use_server, caplog, reply, error):
    receipt = refused_receipt(use_server, reply)
    assert (receipt.refused, receipt.attempts, receipt.failed_at, receipt.last_error) == (True, 1, clock.now, error)
    sentence = "The mail server refused the patient's address, so no confirmation was sent. Check the address."
    assert receipt.reason.startswith(sentence)
    clock.move(days=1)
    assert claim() is None
    assert "Okapi" not in caplog.text
    assert PATIENT not in caplog.text


def test_a_message_refused_for_good_is_not_retried(db, clock, use_server):
    queue_new(consultation())
    with MailServer(repeat("554 5.6.0 Okapi")) as server:
        use_server(server)
        deliver_all()
    assert outcome("staff@example.com") == (False, True, "SMTPDataError 554 5.6.0")


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"MAIL": "550 5.7.1 Sender refused"}, "SMTPSenderRefused 550 5.7.1"),
        ({"staff@example.com": "530 5.7.0 Authentication required"}, "SMTPRecipientsRefused 530 5.7.0"),
        ({"staff@example.com": "451 4.7.1 Greylisted"}, "SMTPRecipientsRefused 451 4.7.1"),
    ],
)
def test_faults_of_the_site_and_temporary_refusals_are_retried(db, clock, use_server, replies, error):
    queue_new(consultation())
    with MailServer(replies=replies) as server:
        use_server(server)
        deliver_all()
        assert outcome("staff@example.com") == (False, False, error)
        server.replies.clear()
        clock.move(minutes=1)
        deliver_all()
    assert outcome("staff@example.com") == (True, False, "")


def test_a_refused_sign_in_is_retried(db, clock, use_server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", "wrong"
    queue_new(consultation())
    with MailServer() as server:
        use_server(server)
        deliver_all()
    sent, refused, error = outcome("staff@example.com")
    assert (sent, refused, error.split()[0]) == (False, False, "SMTPNotSupportedError")


def test_a_receipt_that_fails_never_raises_an_alarm(db, clock, use_server):
    refused_receipt(use_server)
    queue_new(consultation(email="later@example.com", receipt_wanted=True))
    with MailServer(replies={"later@example.com": "451 Later"}) as server:
        use_server(server)
        for _ in range(14):
            deliver_all()
            clock.move(hours=2)
            assert health.outbox_problem() == ""
    assert Notification.objects.failed().count() == 2
    assert not Notification.objects.alarming().exists()


@pytest.mark.parametrize("end", [retention.erase, retention.withdraw])
@pytest.mark.parametrize("status", ["new", "tried"])
def test_a_refused_receipt_goes_with_erasure_and_withdrawal(db, clock, use_server, end, status):
    receipt = refused_receipt(use_server)
    receipt.consultation.status = status
    receipt.consultation.save(update_fields=["status"])
    end(receipt.consultation)
    assert not Notification.objects.filter(kind="receipt").exists()


def test_a_receipt_is_not_sent_after_the_request_was_withdrawn(db, clock):
    request = consultation(email=PATIENT, receipt_wanted=True, status="tried")
    queue_new(request)
    request.withdrawn_at = clock.now
    request.save(update_fields=["withdrawn_at"])
    deliver_all()
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]
    assert not Notification.objects.filter(kind="receipt").exists()


def test_only_the_new_address_gets_a_receipt_after_a_correction(db, clock, use_server):
    request = refused_receipt(use_server).consultation
    request.email = "okapi@example.com"
    request.save(update_fields=["email"])
    correction = request.corrections.create(before="Email: x")
    with MailServer() as server:
        use_server(server)
        queue_corrected(correction, new_address=True)
        deliver_all()
    assert [message["X-Recipients"] for message in server.taken] == ["staff@example.com", "okapi@example.com"]
    assert not Notification.objects.failed().exists()


def test_a_refused_staff_address_is_an_alarm_until_it_accepts_an_email(db, clock, two_staff, use_server):
    with MailServer(replies={"lee@example.com": "550 5.1.1 No such user"}) as server:
        use_server(server)
        queue_new(first := consultation())
        deliver_all()
        first.status = "closed"
        first.save(update_fields=["status"])
        clock.move(days=3)
        assert "1 emails failed" in health.outbox_problem()
        server.replies.clear()
        queue_new(consultation())
        deliver_all()
    assert health.outbox_problem() == ""
    refused = Notification.objects.get(refused=True)
    assert (refused.sent_at, refused.dismissed_at) == (None, clock.now)
    assert refused.failed_at is not None


def test_an_email_accepted_elsewhere_does_not_end_an_alarm(db, clock, two_staff, use_server):
    with MailServer(replies={"lee@example.com": "550 5.1.1 No such user"}) as server:
        use_server(server)
        for _ in range(2):
            queue_new(consultation())
            deliver_all()
    assert "2 emails failed" in health.outbox_problem()


@pytest.mark.parametrize(("status", "alarms"), [("new", 1), ("tried", 1), ("closed", 0), ("spam", 0)])
def test_a_failed_email_is_an_alarm_until_its_request_has_ended(db, status, alarms):
    request = consultation(status=status)
    Notification.objects.create(kind="new", slot="x", consultation=request, failed_at=timezone.now())
    assert Notification.objects.alarming().count() == alarms


def test_dismissing_ends_the_alarm_and_keeps_the_failure(db):
    email = Notification.objects.create(kind="digest", slot="x", failed_at=timezone.now())
    assert health.outbox_problem()
    assert email.dismiss()
    assert not email.dismiss()
    assert health.outbox_problem() == ""
    email.refresh_from_db()
    assert email.failed_at is not None
    assert not email.is_failed


def test_only_a_failed_email_can_be_sent_again(db, clock):
    queue_new(consultation())
    email = Notification.objects.get()
    assert not email.send_again()
    deliver_all()
    assert not email.send_again()
    assert Notification.objects.get().sent_at == clock.now


@pytest.mark.parametrize(
    "error",
    [
        SMTPAuthenticationError(535, b"5.7.8 Bad credentials"),
        SMTPHeloError(550, b"Go away"),
        SMTPConnectError(554, b"No service"),
        SMTPSenderRefused(550, b"5.1.8 Bad sender", "site@example.com"),
        SMTPDataError(421, b"Closing"),
        SMTPRecipientsRefused({"a@example.com": (550, b"No"), "b@example.com": (450, b"Later")}),
        SMTPServerDisconnected("lost"),
        TimeoutError(),
    ],
)
def test_only_refusals_of_the_recipient_or_the_message_are_final(error):
    assert not email_errors.is_final(error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("SMTPRecipientsRefused 550 5.1.1", "the address does not exist"),
        ("SMTPRecipientsRefused 550", "the mail server refused the address"),
        ("SMTPDataError 550 5.7.26", "the DNS records of our email domain (SPF, DKIM or DMARC) are missing or wrong"),
        ("TooSlow", "the mail server took too long"),
        ("SMTPRecipientsRefused 452 4.2.2", "the mailbox is full"),
        ("SMTPRecipientsRefused 451", "the mail server did not take the address yet"),
        ("SMTPDataError 552", "the mailbox is full, or the message is too large"),
        ("SMTPDataError 554", "the mail server refused the message"),
        ("SMTPAuthenticationError 535 5.7.8", "the mail server did not accept our sign-in"),
        ("ConnectionRefusedError", "the mail server cannot be reached"),
        ("SMTPServerDisconnected", "the mail server cannot be reached"),
        ("gaierror", "the mail server cannot be found"),
        ("the worker died over it each time", "the email could not be sent"),
        ("", "the email could not be sent"),
    ],
)
def test_staff_read_the_reason_in_plain_words(error, words):
    assert email_errors.in_words(error) == words


# --- The worker


def test_one_pass_sends_the_due_emails_and_stores_a_heartbeat(db, capsys):
    queue_new(consultation())
    call_command("deliver_notifications", "--once")
    assert capsys.readouterr().out == "1 emails handled.\n"
    assert len(mail.outbox) == 1
    assert timezone.now() - Heartbeat.last_seen() < timedelta(seconds=10)
    assert Heartbeat.objects.count() == 1


def test_djangos_test_email_reaches_the_mail_server(use_server):
    with MailServer() as server:
        use_server(server)
        call_command("sendtestemail", "desk@clinic.example")
    assert server.taken[0]["X-Recipients"] == "desk@clinic.example"


def test_djangos_test_email_fails_with_the_mail_servers_refusal(use_server):
    with MailServer(repeat("refuse")) as server:
        use_server(server)
        with pytest.raises(
            CommandError, match="was not sent: the mail server did not take the message yet .451.*Not now"
        ):
            call_command("sendtestemail", "desk@clinic.example")


def test_djangos_test_email_fails_without_a_mail_server(settings):
    settings.EMAIL_BACKEND = "consultations.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(CommandError, match="was not sent: the mail server cannot be reached .*refused"):
        call_command("sendtestemail", "desk@clinic.example")


def test_a_test_email_that_is_only_printed_counts_as_not_sent(settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    call_command("sendtestemail", "desk@clinic.example")
    assert capsys.readouterr().out.endswith("No email was sent: EMAIL_URL names no mail server.\n")
