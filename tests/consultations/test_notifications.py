"""Tests which events email whom, and that no email contains what a patient typed or the topic."""

from datetime import datetime
from email.message import Message

import pytest
from django.contrib.auth.models import User
from django.core import mail

from consultations import retention
from consultations.delivery import claim, deliver_one
from consultations.models import ConsultationRequest, Correction, Notification
from consultations.notifications import (
    queue_asked_again,
    queue_corrected,
    queue_new,
    queue_urgent,
    queue_withdrawn,
)
from front_desk.actions import Work, work_on
from tests.helpers.factories import consultation, sent_form
from tests.helpers.mail_server import MailServer
from tests.helpers.outbox import deliver_all, queued

TYPED = {"full_name": "Zebra Quagga", "note": "Okapi by relay", "email": "zebra@example.com", "phone": "(618) 555-0177"}


def asked(clock, **fields) -> ConsultationRequest:
    return consultation(created_at=clock.now, **fields)


def words_of(message: Message) -> str:
    return f"{message.as_string()} {message.get_payload(decode=True).decode()}"


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_staff_emails_contain_nothing_about_the_patient(db, client, use_server):
    client.post("/consultation/", sent_form(**TYPED, receipt_wanted="on"))
    request = ConsultationRequest.objects.get()
    queue_urgent(request)
    queue_asked_again(request)
    queue_corrected(Correction.objects.create(consultation=request, before="Note: x"), new_address=False)
    queue_withdrawn(request)
    with MailServer() as server:
        use_server(server)
        deliver_all()
    to_staff, to_patient, *others = server.taken
    assert to_staff["Subject"] == f"Consultation request {request.reference}"
    assert to_staff["X-Recipients"] == "staff@example.com"
    assert f"http://localhost:8000/staff/consultations/consultationrequest/{request.pk}/change/" in words_of(to_staff)
    assert (to_staff["From"], to_staff["Reply-To"]) == ("The Albany Clinic's website <site@example.com>", None)
    assert to_patient["X-Recipients"] == TYPED["email"]
    assert len(others) == 4
    for message in server.taken:
        seen = words_of(message).replace(f"To: {TYPED['email']}", "").replace(f"X-Recipients: {TYPED['email']}", "")
        for word in (*TYPED.values(), "depression", "Depression", "ketamine", "morning"):
            assert word not in seen


def test_the_receipt_email_has_reference_and_crisis_lines_but_no_link(db, client):
    client.post("/consultation/", sent_form(**TYPED, receipt_wanted="on"))
    deliver_all()
    receipt = mail.outbox[1]
    assert receipt.subject == "We have your request - The Albany Clinic"
    assert ConsultationRequest.objects.get().reference in receipt.body
    assert "988" in receipt.body
    assert "received/" not in receipt.body


def test_no_receipt_is_emailed_unless_it_was_requested(db, client):
    client.post("/consultation/", sent_form(email="zebra@example.com"))
    deliver_all()
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]


def test_the_email_about_a_new_request_says_when_it_is_due(db, clock, weekdays):
    clock.move(minutes=12)
    queue_new(asked(clock))
    queue_new(asked(clock))
    deliver_all()
    assert "respond by 10:12 a.m. on Wednesday, December 2" in mail.outbox[0].body
    assert "2 new requests are waiting." in mail.outbox[0].body


def test_a_new_request_without_a_due_time_is_emailed_too(db, clock, set_facts):
    closed = {"first": "2026-12-01", "last": "2027-03-01", "starts": "", "ends": "", "reason": ""}
    set_facts(closures=[closed])
    queue_new(asked(clock))
    deliver_all()
    assert "respond as soon as we're open" in mail.outbox[0].body


# --- Recipients and slots


def test_an_event_is_queued_once_for_each_staff_address(db, settings):
    settings.STAFF_EMAILS = ["desk@example.com", "lee@example.com"]
    request = consultation(email="zebra@example.com", receipt_wanted=True)
    queue_new(request)
    queue_new(request)
    assert queued() == [("new", "desk@example.com"), ("new", "lee@example.com"), ("receipt", "")]


def test_an_email_of_the_previous_release_goes_to_all_staff(db, settings):
    settings.STAFF_EMAILS = ["desk@example.com", "lee@example.com"]
    request = consultation(version=1)
    Notification.objects.create(kind="new", slot=f"new:{request.pk}", consultation=request)
    queue_new(request)
    deliver_all()
    assert [message.to for message in mail.outbox] == [["desk@example.com", "lee@example.com"]]


def test_an_urgent_request_is_emailed_to_the_second_address_too(db, set_facts):
    set_facts(urgent_email="oncall@example.com")
    queue_urgent(request := consultation(urgent=True))
    assert queued() == [("urgent", "oncall@example.com"), ("urgent", "staff@example.com")]
    deliver_all()
    for message in mail.outbox:
        assert message.subject == f"Please open request {request.reference} now"
        assert f"The Albany Clinic's website: request {request.reference} needs someone now. Open it:" in message.body
        assert not any(word in message.body.lower() for word in ("urgent", "crisis", "988", "suicide"))


def test_an_address_gets_an_urgent_email_once(db, set_facts):
    set_facts(urgent_email="Staff@example.com")
    queue_urgent(consultation())
    assert [kind for kind, _ in queued()] == ["urgent"]


def test_each_judgment_sends_at_most_one_urgent_email(db):
    request = consultation()
    queue_urgent(request)
    queue_urgent(request)
    request.version += 1
    queue_urgent(request)
    assert Notification.objects.count() == 2


def test_no_urgent_email_is_sent_once_the_request_was_closed(db):
    request = consultation(status="closed")
    queue_urgent(request)
    deliver_all()
    assert mail.outbox == []
    assert not Notification.objects.exists()


def test_asking_again_emails_staff_once_a_day(db, clock):
    request = asked(clock)
    queue_asked_again(request)
    queue_asked_again(request)
    deliver_all()
    assert subjects() == [f"Consultation request {request.reference}"]
    assert f"Please respond today. The person who sent request {request.reference} says" in mail.outbox[0].body
    clock.move(days=1)
    queue_asked_again(request)
    deliver_all()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(("status", "kinds"), [("new", ["corrected", "receipt"]), ("suspected", [])])
def test_a_correction_is_emailed_unless_the_request_is_suspected_spam(db, status, kinds):
    request = consultation(status=status, email="zebra@example.com", receipt_wanted=True)
    queue_corrected(Correction.objects.create(consultation=request, before="Note: x"), new_address=False)
    assert sorted(email.kind for email in request.notifications.all()) == kinds


# --- Receipts to one address


def test_an_address_gets_at_most_three_receipts_an_hour(db, clock):
    for _ in range(5):
        queue_new(asked(clock, email="zebra@example.com", receipt_wanted=True))
    queue_new(asked(clock, email="okapi@example.com", receipt_wanted=True))
    deliver_all()
    assert sum(message.to == ["zebra@example.com"] for message in mail.outbox) == 3
    assert sum(message.to == ["okapi@example.com"] for message in mail.outbox) == 1
    assert sum(message.to == ["staff@example.com"] for message in mail.outbox) == 6
    held = Notification.objects.failed()
    assert {email.reason for email in held} == {
        "Three confirmations went to this address within an hour, so this one was not sent."
    }
    assert held.count() == 2
    assert not Notification.objects.alarming().exists()
    clock.move(minutes=61)
    sent = len(mail.outbox)
    queue_new(asked(clock, email="Zebra@example.com", receipt_wanted=True))
    deliver_all()
    assert [message.to for message in mail.outbox[sent:]] == [["staff@example.com"], ["Zebra@example.com"]]


def test_correcting_the_address_away_does_not_reset_the_limit(db, clock):
    for _ in range(5):
        request = asked(clock, email="zebra@example.com", receipt_wanted=True)
        queue_new(request)
        deliver_all()
        request.email = "okapi@example.com"
        request.save(update_fields=["email"])
    assert sum(message.to == ["zebra@example.com"] for message in mail.outbox) == 3


def sent_again(client, answers: dict[str, str], **changed: str) -> list[str]:
    """Send a form again with other answers, and deliver. Return who has got a receipt by then."""
    client.post("/consultation/", answers | changed)
    deliver_all()
    return [message.to[0] for message in mail.outbox if message.subject.startswith("We have your request")]


@pytest.mark.parametrize("written", ["Zebra@Example.com", " zebra@example.com", "<zebra@example.com>"])
def test_an_address_written_another_way_gets_one_receipt(db, client, written):
    answers = sent_form(email="zebra@example.com", receipt_wanted="on")
    sent_again(client, answers)
    assert sent_again(client, answers, email=written) == ["zebra@example.com"]


def test_each_address_gets_one_receipt_whatever_is_corrected(db, client):
    answers = sent_form(email="zebra@example.com", receipt_wanted="")
    assert sent_again(client, answers) == []
    answers |= {"receipt_wanted": "on"}
    first = sent_again(client, answers, email="okapi@example.com")
    assert first == ["okapi@example.com"]
    assert sent_again(client, answers, email="okapi@example.com", note="Twice") == first
    both = sent_again(client, answers, email="zebra@example.com")
    assert both == [*first, "zebra@example.com"]
    assert sent_again(client, answers, email="okapi@example.com") == both


def test_a_receipt_that_is_no_longer_wanted_is_not_sent(db, client):
    answers = sent_form(email="zebra@example.com", receipt_wanted="on")
    client.post("/consultation/", answers)
    assert sent_again(client, answers, receipt_wanted="") == []


def test_staff_can_send_a_held_receipt(db, clock):
    for _ in range(4):
        queue_new(asked(clock, email="zebra@example.com", receipt_wanted=True))
    deliver_all()
    assert Notification.objects.failed().get().send_again()
    deliver_all()
    assert sum(message.to == ["zebra@example.com"] for message in mail.outbox) == 4


def test_erasing_a_request_erases_the_hash_of_its_receipts_address(db):
    request = consultation(email="zebra@example.com", receipt_wanted=True)
    queue_new(request)
    deliver_all()
    assert Notification.objects.exclude(recipient_hash="").count() == 1
    retention.erase(request)
    assert Notification.objects.exclude(recipient_hash="").count() == 0


# --- Digests and summaries


def test_suspected_requests_make_one_digest_within_the_hour(db, clock, weekdays):
    clock.move(minutes=20)
    for _ in range(3):
        queue_new(asked(clock, status="suspected", email="zebra@example.com", receipt_wanted=True))
    deliver_all()
    assert mail.outbox == []
    clock.move(minutes=40)
    deliver_all()
    assert subjects() == ["Consultation requests held for review: 3"]
    assert "http://localhost:8000/staff/consultations/consultationrequest/?queue=suspected" in mail.outbox[0].body
    assert "spam" not in mail.outbox[0].subject.lower()
    queue_new(asked(clock, status="suspected"))
    clock.move(minutes=59)
    assert not deliver_one()
    clock.move(minutes=1)
    deliver_all()
    assert len(mail.outbox) == 2


def test_a_request_suspected_while_closed_waits_for_the_next_opening(db, clock, weekdays):
    clock.now = datetime.fromisoformat("2026-11-25T23:30:00+00:00")  # 5:30 p.m. on the day before Thanksgiving
    queue_new(asked(clock, status="suspected"))
    clock.move_to("2026-11-27 08:59")
    assert not deliver_one()
    clock.move_to("2026-11-27 09:00")
    deliver_all()
    assert subjects() == ["Consultation requests held for review: 1"]


def test_an_empty_digest_is_not_sent(db, clock):
    request = asked(clock, status="suspected")
    queue_new(request)
    work_on(request, User.objects.create_user("dana"), request.version, Work(to=ConsultationRequest.Status.NEW))
    clock.move(days=1)
    deliver_all()
    assert subjects() == [f"Consultation request {request.reference}"]
    assert not Notification.objects.filter(kind="digest").exists()


def test_many_requests_within_an_hour_make_one_summary_email(db, clock):
    for _ in range(3):
        queue_new(asked(clock), crowded=True)
    clock.move(hours=1)
    deliver_all()
    assert subjects() == ["Many new consultation requests"]
    assert "3 new requests are waiting." in mail.outbox[0].body


@pytest.mark.parametrize("fields", [{"status": "suspected"}, {}])
@pytest.mark.parametrize("progress", ["sent", "being sent", "failed"])
def test_a_request_that_misses_its_groups_email_queues_another(db, clock, weekdays, fields, progress):
    late = asked(clock, **fields)
    queue_new(asked(clock, **fields), crowded=True)
    clock.move(hours=1)
    claim() if progress == "being sent" else deliver_all()
    if progress == "failed":
        Notification.objects.update(sent_at=None, failed_at=clock.now)
    queue_new(late, crowded=True)
    queue_new(late, crowded=True)
    assert Notification.objects.count() == 2
    assert claim().attempts == 1


@pytest.mark.parametrize("fields", [{"status": "suspected"}, {}])
def test_a_request_after_a_worker_whose_clock_is_ahead_is_emailed(db, clock, weekdays, fields):
    queue_new(asked(clock, **fields), crowded=True)
    clock.move(hours=1)  # the clock of the worker
    deliver_all()
    clock.move(minutes=-50)  # the clock of the web process
    queue_new(asked(clock, **fields), crowded=True)
    clock.move(minutes=50)
    deliver_all()
    assert len(mail.outbox) == 2


def test_crowding_holds_back_no_urgent_email(db, clock):
    request = asked(clock, urgent=True)
    queue_new(request, crowded=True)
    queue_urgent(request)
    deliver_all()
    assert subjects() == [f"Please open request {request.reference} now"]
