"""Tests of what the receipt says about a request, whatever has become of it since."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone

from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest, Notification
from consultations.notifications import queue_new
from consultations.retention import erase
from tests.helpers.factories import consultation, sent_form
from tests.helpers.outbox import deliver_all

FORM = "/consultation/"
PAST = timezone.now() - timedelta(days=30)

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()).split("<main")[1]).split())


def test_the_receipt_of_a_change_says_that_we_have_it(client):
    answers = sent_form()
    assert "We have your changes." not in words(client.post(FORM, answers, follow=True))
    changed = words(client.post(FORM, answers | {"note": "Please ring twice"}, follow=True))
    assert "We have your changes." in changed


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("booked", "Your visit is scheduled Call us if you need to change it"),
        ("closed", "Your request is closed"),
        ("spam", "Your request is closed"),
    ],
)
@pytest.mark.parametrize("urgent", [False, True])
def test_the_receipt_of_a_handled_request_promises_no_contact(client, status, says, urgent):
    page = words(client.get(consultation(status=status, created_at=PAST, urgent=urgent).receipt_url))
    assert says in page
    assert "contact you" not in page
    assert "call you" not in page


def test_a_refused_receipt_email_is_reported_on_the_receipt(client):
    request = consultation(email="alex@example.com", receipt_wanted=True)
    assert "came back" not in words(client.get(request.receipt_url))
    Notification.objects.create(
        kind="receipt",
        slot="made up",
        consultation=request,
        refused=True,
        failed_at=timezone.now(),
        last_error="SMTPRecipientsRefused 550 5.1.1",
    )
    page = words(client.get(request.receipt_url))
    assert "Our email to you came back. Please check your address." in page
    assert "alex@example.com" not in page


EXPECTED = "You asked for a confirmation by email. If it doesn’t come, don’t worry: this page is your confirmation."


def test_the_receipt_says_whether_a_confirmation_was_emailed(client):
    request = consultation(email="alex@example.com", receipt_wanted=True)
    queue_new(request)
    assert EXPECTED in words(client.get(request.receipt_url))
    deliver_all()
    assert "We’ve emailed you a confirmation." in words(client.get(request.receipt_url))
    Notification.objects.filter(kind="receipt").update(sent_at=None, failed_at=PAST, last_error="TimeoutError")
    assert "We couldn’t email you a confirmation." in words(client.get(request.receipt_url))


@pytest.mark.parametrize(
    ("error", "says", "to_staff"),
    [
        ("SMTPRecipientsRefused 550 5.1.1", "Our email to you came back.", "Check the address."),
        ("SMTPRecipientsRefused 550", "Our email to you came back.", "Check the address."),
        ("SMTPRecipientsRefused 550 5.7.26", "We couldn’t email you", "The confirmation was not sent: the DNS records"),
        ("SMTPRecipientsRefused 554 5.7.1", "We couldn’t email you", "the mail server does not take email from us."),
        ("SMTPDataError 554 5.6.0", "We couldn’t email you", "The confirmation was not sent: "),
    ],
)
def test_only_a_refused_address_is_called_wrong(client, error, says, to_staff):
    request = consultation(email="alex@example.com", receipt_wanted=True)
    queue_new(request)
    receipt = Notification.objects.get(kind="receipt")
    receipt.refused, receipt.failed_at, receipt.last_error = True, timezone.now(), error
    receipt.save()
    page = words(client.get(request.receipt_url))
    assert says in page
    assert to_staff in receipt.reason
    assert (
        ("check your address" in page)
        == ("Check the address" in receipt.reason)
        == (says == "Our email to you came back.")
    )


def test_the_receipt_mentions_no_email_that_was_not_wanted(client):
    request = consultation(email="alex@example.com")
    queue_new(request)
    deliver_all()
    assert "confirmation" not in words(client.get(request.receipt_url))


def test_the_fourth_request_with_one_address_says_that_no_email_comes(client):
    for number in range(4):
        address = sent_form(email="alex@example.com", receipt_wanted="on")
        page = words(client.post(FORM, address, follow=True))
        assert "We have your request" in page
        assert ("We haven’t emailed you a confirmation, because three went" in page) == (number == 3)
        assert (EXPECTED in page) == (number < 3)
    deliver_all()
    assert sum(message.to == ["staff@example.com"] for message in mail.outbox) == 4


def test_the_receipt_of_suspected_spam_reads_like_any_other(client):
    pages = []
    for kettle in ("", "on"):
        answers = sent_form(email="alex@example.com", receipt_wanted="on", kettle=kettle)
        page = words(client.post(FORM, answers, follow=True))
        pages.append(page.replace(ConsultationRequest.objects.latest("pk").reference, "REFERENCE"))
    assert ConsultationRequest.objects.filter(status="suspected").count() == 1
    assert pages[0] == pages[1]


def test_a_second_withdrawal_says_that_the_request_is_already_withdrawn(client):
    request = consultation()
    client.post(request.withdraw_url)
    assert "You’ve already withdrawn this request." in words(client.get(request.withdraw_url))


def test_a_request_that_was_erased_is_not_called_withdrawn(client):
    request = consultation(status="closed")
    erase(request)
    page = words(client.get(request.withdraw_url))
    assert "This request has already been erased." in page
    assert "already withdrawn" not in page


def test_the_receipt_says_what_its_address_can_do_to_someone_who_shares_a_phone(client):
    page = words(client.get(consultation().receipt_url))
    assert "On a shared phone or computer, close this page." in page
    assert "Anyone who has its address can see it and withdraw your request." in page


def test_the_receipt_of_an_urgent_request_never_says_that_there_is_nothing_else_to_do(client):
    calm, urgent = (words(client.get(consultation(urgent=is_urgent).receipt_url)) for is_urgent in (False, True))
    assert "You don’t need to do anything else." in calm
    assert "anything else." not in urgent


@pytest.mark.parametrize(
    ("fields", "asked_for"),
    [
        ({"contact_by": "text"}, "You asked for a text message, but a call is faster, so we’ll call first."),
        ({"contact_by": "email"}, "You asked for an email, but a call is faster, so we’ll call first."),
        ({"contact_by": "call"}, ""),
        ({"contact_by": "email", "phone": ""}, ""),
        ({"contact_by": "text", "needs": "text-only"}, ""),
    ],
)
def test_the_receipt_of_an_urgent_request_explains_a_call_that_nobody_asked_for(client, fields, asked_for):
    page = words(client.get(consultation(urgent=True, **fields).receipt_url))
    assert asked_for in page
    assert bool(asked_for) == ("we’ll call first" in page)


def test_a_note_that_is_too_long_is_asked_to_be_shortened(client):
    answer = client.post(FORM, sent_form(note="x" * 1001))
    assert words(answer).count("Please shorten your note to 1,000 characters") == 2


@pytest.mark.parametrize(
    ("fields", "heading"),
    [
        ({}, "We have your request"),
        ({"withdrawn_at": PAST}, "Your request is withdrawn"),
        ({"status": "closed"}, "Your request is closed"),
    ],
)
def test_every_receipt_begins_with_its_heading_reference_and_the_mailbox(client, fields, heading):
    request = consultation(**fields)
    main = client.get(request.receipt_url).content.decode().split('<main id="main" tabindex="-1">')[1]
    head = main.strip().partition('<div class="columns">')[0]
    assert head.startswith('<div class="receipt">')
    assert f"<h1>{heading}</h1>" in head
    assert f"<strong>{request.reference}</strong>" in head
    drawing = "mailbox" if fields else "received"
    assert render_to_string(f"drawings/{drawing}.svg").strip() in head


def test_the_receipt_says_what_happens_next_in_three_steps(client):
    page = client.get(consultation(due_at=timezone.now() + timedelta(days=1)).receipt_url).content.decode()
    steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
    assert steps.count("<li>") == 3
    assert "You’ve done your part." in unescape(steps)


@pytest.mark.parametrize("way", ConsultationRequest.ContactBy.values)
def test_the_receipt_says_how_we_will_reach_the_patient(client, way):
    due = timezone.now() + timedelta(days=1)
    page = client.get(consultation(due_at=due, contact_by=way).receipt_url).content.decode()
    assert f"A member of our staff will {way} you by " in page


def test_the_receipt_promises_no_call_to_someone_who_asked_for_texts_only(client):
    due = timezone.now() + timedelta(days=1)
    page = client.get(
        consultation(due_at=due, contact_by="call", needs=ConsultationRequest.Need.TEXT_ONLY).receipt_url
    ).content.decode()
    assert "A member of our staff will contact you by " in page


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "the number ending in 0100"),
        ({"contact_by": "text", "phone": "618-555-0123 ext 45"}, "the number ending in 0123"),
        ({"contact_by": "email", "email": "Pat.Example@Example.com"}, "p…@example.com"),
        ({"phone": "", "direct_line": "(618) 555-0144"}, "the number ending in 0144"),
    ],
)
def test_the_receipt_shows_enough_of_the_contact_to_notice_a_mistake(client, fields, shown):
    page = words(client.get(consultation(email=fields.pop("email", "other@example.com"), **fields).receipt_url))
    assert f"We’ll reach you at {shown} . If that’s wrong, please" in page
    assert page.count("@") == shown.count("@")


@pytest.mark.parametrize("fields", [{"status": "tried"}, {"status": "closed"}, {"withdrawn_at": PAST}])
def test_the_receipt_shows_no_contact_once_staff_have_begun_or_it_has_ended(client, fields):
    page = words(client.get(consultation(**fields).receipt_url))
    assert "ending in" not in page
    assert "reach you at" not in page


def test_the_receipt_of_an_erased_request_shows_no_contact(client):
    request = consultation()
    erase(request)
    assert "ending in" not in words(client.get(request.receipt_url))


def test_the_receipt_is_shown_when_the_contact_cannot_be_decrypted(client):
    request = consultation()
    ConsultationRequest.objects.filter(pk=request.pk).update(phone=Unreadable("v1.unreadable"))
    page = words(client.get(request.receipt_url))
    assert request.reference in page
    assert "reach you at" not in page
