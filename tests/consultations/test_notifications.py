"""Tests that the outbox delivers or reports every email, and that no email's text contains an answer."""

from datetime import datetime, timedelta
from email.message import Message
from itertools import chain, repeat
from smtplib import SMTPDataError

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from consultations import notifications
from consultations.models import ConsultationRequest, Correction, Heartbeat, Notification
from consultations.notifications import claim, deliver_one, queue_corrected, queue_new, queue_reminders
from front_desk.actions import Work, work_on
from tests.helpers.factories import consultation, sent_form
from tests.helpers.mail_server import MailServer

TYPED = {"full_name": "Zebra Quagga", "note": "Okapi by relay", "email": "zebra@example.com", "phone": "(618) 555-0177"}


@pytest.fixture
def clock(monkeypatch):
    """Replace Django's clock with one that the test can move forward."""

    class Clock:
        now = datetime.fromisoformat("2026-12-01T16:00:00+00:00")  # a Tuesday, 10 a.m. in Carbondale

        def move(self, **amount: float) -> None:
            self.now += timedelta(**amount)

    moving = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: moving.now)
    return moving


@pytest.fixture
def use_server(settings):
    """Return a function that makes Django send its emails to a test server."""

    def use(server: MailServer) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 1

    return use


def asked(clock, **fields) -> ConsultationRequest:
    return consultation(created_at=clock.now, **fields)


def deliver_all() -> None:
    for _ in range(50):
        if not deliver_one():
            return
    raise AssertionError("emails are still due after 50 deliveries")


def words_of(message: Message) -> str:
    return f"{message.as_string()} {message.get_payload(decode=True).decode()}"


def test_staff_emails_contain_nothing_about_the_patient(db, client, use_server):
    client.post("/consultation/", sent_form(**TYPED, receipt_wanted="on"))
    request = ConsultationRequest.objects.get()
    with MailServer() as server:
        use_server(server)
        deliver_all()
    to_staff, to_patient = server.taken
    assert to_staff["Subject"] == f"New consultation request {request.reference}"
    assert to_staff["X-Recipients"] == "staff@example.com"
    assert f"http://localhost:8000/staff/consultations/consultationrequest/{request.pk}/change/" in words_of(to_staff)
    assert (to_staff["From"], to_staff["Reply-To"]) == ("site@example.com", None)
    assert to_patient["X-Recipients"] == TYPED["email"]
    for message in server.taken:
        seen = words_of(message).replace(f"To: {TYPED['email']}", "").replace(f"X-Recipients: {TYPED['email']}", "")
        for word in (*TYPED.values(), "depression", "Depression", "ketamine", "morning"):
            assert word not in seen


def test_the_receipt_email_has_reference_and_crisis_lines_but_no_link(db, client):
    client.post("/consultation/", sent_form(**TYPED, receipt_wanted="on"))
    deliver_all()
    receipt = mail.outbox[1]
    assert receipt.subject == "We received your request - The Albany Clinic"
    assert ConsultationRequest.objects.get().reference in receipt.body
    assert "988" in receipt.body
    assert "received/" not in receipt.body


def test_the_receipt_goes_to_the_address_without_what_was_pasted_around_it(db, client):
    client.post("/consultation/", sent_form(email="Pat <mailto:pat@example.com>,", receipt_wanted="on"))
    deliver_all()
    assert mail.outbox[1].to == ["pat@example.com"]


def test_no_receipt_is_emailed_unless_it_was_requested(db, client):
    client.post("/consultation/", sent_form(email="zebra@example.com"))
    deliver_all()
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]


def test_a_refused_email_is_retried_with_the_same_message_id(db, clock, use_server):
    queue_new(consultation())
    with MailServer(chain(["refuse", "drop"], repeat("accept"))) as server:
        use_server(server)
        deliver_all()
        refused = Notification.objects.get()
        assert (refused.attempts, refused.last_error, refused.sent_at) == (1, "SMTPDataError", None)
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
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    queue_new(consultation())
    began = clock.now
    for seconds in [*settings.MAIL_RETRY_SECONDS, 1]:
        assert not Notification.objects.failed().exists()
        deliver_all()
        clock.move(seconds=seconds)
    failed = Notification.objects.failed().get()
    assert (failed.attempts, failed.last_error) == (9, "ConnectionRefusedError")
    assert timedelta(hours=15) < failed.failed_at - began < timedelta(hours=17)
    assert [record.levelname for record in caplog.records if "failed after 9 attempts" in record.message] == ["ERROR"]
    failed.send_again()
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
    notifications._fail(slow, "TooSlow")
    assert Notification.objects.get().sent_at == sent.sent_at
    assert Notification.objects.get().last_error == ""


def test_an_email_that_kills_every_worker_is_abandoned(db, clock, settings):
    queue_new(consultation())
    for _ in range(len(settings.MAIL_RETRY_SECONDS) + 1):
        assert claim()
        clock.move(seconds=settings.MAIL_LEASE_SECONDS + 1)
    deliver_all()
    assert Notification.objects.failed().exists()
    assert mail.outbox == []


def test_a_receipt_whose_address_cannot_be_decrypted_is_not_sent(db, settings):
    queue_new(consultation(email="zebra@example.com", receipt_wanted=True))
    settings.FIELD_KEYS = {"other": b"o" * 32}
    deliver_all()
    assert Notification.objects.get(kind="receipt").last_error == "ValueError"
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]


# --- Which events queue an email


def test_staff_are_reminded_once_about_an_overdue_request(db, clock):
    waiting = asked(clock)
    asked(clock, status="tried")
    asked(clock, status="suspected")
    clock.move(hours=23)
    queue_reminders()
    assert not Notification.objects.exists()
    clock.move(hours=2)
    queue_reminders()
    queue_reminders()
    reminder = Notification.objects.get()
    assert (reminder.kind, reminder.consultation) == ("reminder", waiting)
    deliver_all()
    assert mail.outbox[0].subject == f"Overdue: consultation request {waiting.reference}"


def test_a_reminder_is_not_sent_once_staff_have_acted(db, clock):
    request = asked(clock)
    clock.move(days=2)
    queue_reminders()
    request.status = "tried"
    request.save(update_fields=["status"])
    deliver_all()
    assert mail.outbox == []


def test_suspected_requests_are_emailed_in_one_digest_the_next_morning(db, clock):
    for _ in range(3):
        queue_new(asked(clock, status="suspected", email="zebra@example.com", receipt_wanted=True))
    deliver_all()
    assert mail.outbox == []
    clock.move(hours=22)  # 8 a.m.
    deliver_all()
    assert [message.subject for message in mail.outbox] == ["Suspected spam to look through: 3"]
    assert "http://localhost:8000/staff/" in mail.outbox[0].body
    queue_new(asked(clock, status="suspected"))
    clock.move(hours=23)
    assert not deliver_one()
    clock.move(hours=1)
    deliver_all()
    assert len(mail.outbox) == 2


def test_no_digest_is_sent_on_a_closed_day(db, clock):
    clock.now = datetime.fromisoformat("2026-11-25T16:00:00+00:00")  # the day before Thanksgiving
    queue_new(asked(clock, status="suspected"))
    clock.move(hours=24)
    assert not deliver_one()
    clock.move(hours=24)
    deliver_all()
    assert [message.subject for message in mail.outbox] == ["Suspected spam to look through: 1"]


def test_an_empty_digest_is_not_sent(db, clock):
    request = asked(clock, status="suspected")
    queue_new(request)
    work_on(request, User.objects.create_user("dana"), request.version, Work(to=ConsultationRequest.Status.NEW))
    clock.move(days=1)
    deliver_all()
    assert [message.subject for message in mail.outbox] == [f"New consultation request {request.reference}"]


@pytest.mark.parametrize(("status", "kinds"), [("new", ["corrected", "receipt"]), ("suspected", [])])
def test_a_correction_is_emailed_unless_the_request_is_suspected_spam(db, status, kinds):
    request = consultation(status=status, email="zebra@example.com", receipt_wanted=True)
    queue_corrected(Correction.objects.create(consultation=request, before="Note: x"), new_address=False)
    assert sorted(queued.kind for queued in request.notifications.all()) == kinds


def test_many_requests_within_an_hour_make_one_summary_email(db, clock):
    for _ in range(3):
        queue_new(asked(clock), crowded=True)
    clock.move(hours=1)
    deliver_all()
    assert [message.subject for message in mail.outbox] == ["Many new consultation requests"]
    assert "Waiting now: 3." in mail.outbox[0].body


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
        with pytest.raises(SMTPDataError, match="451.*Not now"):
            call_command("sendtestemail", "desk@clinic.example")


def test_djangos_test_email_fails_without_a_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(ConnectionRefusedError):
        call_command("sendtestemail", "desk@clinic.example")
