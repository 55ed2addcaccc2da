"""Tests of what the emails say, who they are from, and which of them form one conversation."""

import pytest
from django.core import mail

from clinic.facts import FactErrors, cleaned
from consultations.delivery import WAYS
from consultations.models import ConsultationRequest, Correction, Notification
from consultations.notifications import (
    queue,
    queue_asked_again,
    queue_corrected,
    queue_new,
    queue_urgent,
    queue_withdrawn,
)
from tests.helpers.factories import consultation
from tests.helpers.mail_server import MailServer
from tests.helpers.outbox import deliver_all

pytestmark = pytest.mark.django_db
ContactBy, Kind = ConsultationRequest.ContactBy, Notification.Kind
IN_THE_CONVERSATION = {Kind.NEW, Kind.CORRECTED, Kind.WITHDRAWN, Kind.ASKED_AGAIN, Kind.REMINDER}
APART = {Kind.URGENT, Kind.RECEIPT}


@pytest.fixture
def two_staff(settings):
    settings.STAFF_EMAILS = ["desk@example.com", "lee@example.com"]


def queue_everything(request: ConsultationRequest) -> None:
    queue_new(request)
    queue_urgent(request)
    queue_asked_again(request)
    queue_corrected(Correction.objects.create(consultation=request, before="Note: x"), new_address=False)
    queue_withdrawn(request)
    queue(Kind.REMINDER, f"reminder:due:{request.pk}", request)


def everything_about(request: ConsultationRequest) -> dict[str, list]:
    """Send one email of each kind about a request. Return the messages, keyed by kind."""
    queue_everything(request)
    rows = list(Notification.objects.order_by("next_attempt_at"))
    deliver_all()
    found = {}
    for message in mail.outbox:
        row = next(row for row in rows if f"<{row.pk}@" in message.extra_headers["Message-ID"])
        found.setdefault(row.kind, []).append(message)
    return found


def test_all_emails_about_a_request_are_one_conversation_for_each_person(two_staff):
    sent = everything_about(request := consultation(email="alex@example.com", receipt_wanted=True))
    assert set(sent) == IN_THE_CONVERSATION | APART
    inside = [message for kind in IN_THE_CONVERSATION for message in sent[kind]]
    assert {message.subject for message in inside} == {f"Consultation request {request.reference}"}
    threads = {(message.to[0], message.extra_headers["References"]) for message in inside}
    assert {to for to, _ in threads} == {"desk@example.com", "lee@example.com"}
    assert len({thread for _, thread in threads}) == len(threads) == 2
    assert all(message.extra_headers["In-Reply-To"] == message.extra_headers["References"] for message in inside)
    # Another request is another conversation.
    mail.outbox.clear()
    queue_new(consultation())
    deliver_all()
    assert not {message.extra_headers["References"] for message in mail.outbox} & {thread for _, thread in threads}


def test_an_urgent_email_is_outside_a_conversation_that_may_be_muted():
    request = consultation(email="alex@example.com", receipt_wanted=True)
    sent = everything_about(request)
    for kind in APART:
        assert all("References" not in message.extra_headers for message in sent[kind])
    assert sent[Kind.URGENT][0].subject == f"Please open request {request.reference} now"


def test_no_two_emails_share_a_message_id(two_staff):
    sent = everything_about(consultation(email="alex@example.com", receipt_wanted=True))
    names = [message.extra_headers["Message-ID"] for messages in sent.values() for message in messages]
    threads = {message.extra_headers["References"] for message in sent[Kind.NEW]}
    assert len(set(names) | threads) == len(names) + 2


def test_the_headers_of_a_conversation_reach_the_mail_server(use_server):
    queue_new(consultation())
    with MailServer() as server:
        use_server(server)
        deliver_all()
    (taken,) = server.taken
    assert taken["References"] == taken["In-Reply-To"] != taken["Message-ID"]
    assert "staff" not in taken["References"]


@pytest.mark.parametrize(
    ("setting", "sender"),
    [
        ("site@example.com", "The Albany Clinic's website <site@example.com>"),
        ("Front desk <site@example.com>", "Front desk <site@example.com>"),
        ('"Desk, front" <site@example.com>', '"Desk, front" <site@example.com>'),
        ("Él <site@example.com>", "=?utf-8?b?w4ls?= <site@example.com>"),
    ],
)
def test_every_email_has_a_senders_name(settings, use_server, setting, sender):
    settings.DEFAULT_FROM_EMAIL = setting
    queue_new(consultation(email="alex@example.com", receipt_wanted=True))
    with MailServer() as server:
        use_server(server)
        deliver_all()
    assert [message["From"] for message in server.taken] == [sender, sender]


@pytest.mark.parametrize("fact", ["urgent_email", "manager_email", "reply_email"])
@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Desk <desk@clinic.example>", "desk@clinic.example"),
        ("mailto:desk@clinic.example", "desk@clinic.example"),
        ("desk\u200b@clinic.example\x00", "desk@clinic.example"),
        ("desk@b\u00fccher.example", "desk@xn--bcher-kva.example"),
        ("desk+urgent@clinic.example", "desk+urgent@clinic.example"),
        ("a@clinic.example;b@clinic.example", None),
        ("a@clinic.example, b@clinic.example", None),
        (",", None),
        ("desk", None),
        ("root@localhost", None),
        ("d\u00e9sk@clinic.example", None),
        ("desk@clinic.example\nBcc: x@clinic.example", None),
        ("desk@clinic..example", None),
        (f"{'d' * 65}@clinic.example", None),
    ],
)
def test_an_address_among_the_facts_is_refused_or_can_be_sent_to(use_server, fact, typed, address):
    try:
        stored = cleaned({fact: typed})[fact]
    except FactErrors:
        assert address is None
        return
    queue(Kind.SUMMARY, "made up", recipients=[stored])
    with MailServer() as server:
        use_server(server)
        deliver_all()
    assert [message["X-Recipients"] for message in server.taken] == [address]


# --- What to do, in the emails to staff


def test_every_way_of_contact_has_its_words():
    assert set(WAYS) == set(ContactBy)


@pytest.mark.parametrize(
    ("fields", "asked", "step"),
    [
        ({"contact_by": "call"}, "They asked for a phone call.", "call them"),
        ({"contact_by": "text"}, "They asked for a text message.", "text them"),
        ({"contact_by": "email"}, "They asked for an email.", "email them"),
        ({"contact_by": "call", "needs": "text-only"}, "They asked for a text message.", "text them"),
        ({"contact_by": "email", "needs": "text-only"}, "They asked for an email.", "email them"),
    ],
)
def test_the_emails_say_how_to_contact_the_patient(fields, asked, step):
    sent = everything_about(consultation(**fields))
    for kind in (Kind.NEW, Kind.ASKED_AGAIN, Kind.REMINDER):
        assert asked in sent[kind][0].body
        assert f"Next step: open the request, {step}" in sent[kind][0].body
    assert asked.replace("asked", "now ask") in sent[Kind.CORRECTED][0].body


def test_the_emails_about_a_new_request_say_when_it_is_due(clock, weekdays):
    sent = everything_about(consultation(created_at=clock.now))
    for kind in (Kind.NEW, Kind.ASKED_AGAIN, Kind.CORRECTED, Kind.REMINDER):
        assert "10:00 a.m. on Wednesday, December 2" in sent[kind][0].body


@pytest.mark.parametrize(
    "told", [{"topic": "pain", "note": "Okapi", "best_time": "morning", "needs": "relay"}, {"asking_for": "patient"}]
)
def test_no_email_says_what_the_patient_answered_besides_the_way(told):
    sent = everything_about(consultation(full_name="Zebra Quagga", email="z@example.com", receipt_wanted=True, **told))
    for messages in sent.values():
        words = messages[0].subject + messages[0].body
        for said in ("Okapi", "Zebra", "555-0100", "z@example.com", "pain", "Pain", "orning", "relay", "clinician"):
            assert said not in words


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in APART])
def test_every_email_to_staff_names_the_next_step_before_its_link(kind):
    request = consultation(status="suspected" if kind == Kind.DIGEST else "new")
    request.due_at = request.created_at
    request.save(update_fields=["due_at"])
    grouped = kind in (Kind.DIGEST, Kind.SUMMARY, Kind.REMINDERS)
    queue(kind, "made up", None if grouped else request)
    deliver_all()
    step, link, *_ = mail.outbox[0].body.partition("Next step: ")[2].split("\n\n")
    assert step.endswith(":")
    assert link.startswith("http://localhost:8000/staff/")


# --- The receipt


def receipt() -> mail.EmailMessage:
    queue_new(consultation(email="alex@example.com", receipt_wanted=True))
    deliver_all()
    return mail.outbox[-1]


def test_a_reply_to_the_receipt_goes_to_the_clinics_address(set_facts):
    set_facts(reply_email="desk@example.com", phone="(618) 555-0100")
    message = receipt()
    assert message.reply_to == ["desk@example.com"]
    assert "You can reply to this email, or call (618) 555-0100. Please leave out anything" in message.body
    assert "no one reads" not in message.body
    assert [other.reply_to for other in mail.outbox[:-1]] == [[]]


@pytest.mark.parametrize(
    ("phone", "call"), [("(618) 555-0100", " To reach us before then, call (618) 555-0100."), ("", "")]
)
def test_without_an_address_the_receipt_says_that_replies_are_not_read(set_facts, phone, call):
    set_facts(reply_email="", phone=phone)
    message = receipt()
    assert message.reply_to == []
    assert f"Please don't reply to this email, because no one reads the replies.{call}\n" in message.body


def test_the_receipt_promises_no_more_than_the_page_does(set_facts):
    body = receipt().body
    assert "You've done your part, and the next step is ours." in body
    assert "If no one has reached you by then, go back to the page" in body
    assert "nothing more" not in body


def test_the_receipt_spells_the_address_as_the_clinic_does(set_facts):
    set_facts(street="1 Example & Sons' Street", postal_code="62901")
    assert "1 Example & Sons' Street" in receipt().body
