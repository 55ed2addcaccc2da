"""Tests of what the receipt says about a request, whatever has become of it since."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from consultations.models import Notification
from consultations.retention import erase
from tests.helpers.factories import consultation, sent_form

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


def test_a_second_withdrawal_says_that_the_request_is_already_withdrawn(client):
    request = consultation()
    client.post(request.withdraw_url)
    assert "You've already withdrawn this request." in words(client.get(request.withdraw_url))


def test_a_request_that_was_erased_is_not_called_withdrawn(client):
    request = consultation(status="closed")
    erase(request)
    page = words(client.get(request.withdraw_url))
    assert "This request has already been erased." in page
    assert "already withdrawn" not in page


def test_the_receipt_asks_not_to_share_its_link(client):
    assert "please don't share it" in words(client.get(consultation().receipt_url))


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
    assert render_to_string("drawings/mailbox.svg").strip() in head


def test_the_receipt_says_what_happens_next_in_three_steps(client):
    page = client.get(consultation(due_at=timezone.now() + timedelta(days=1)).receipt_url).content.decode()
    steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
    assert steps.count("<li>") == 3
    assert "You've done your part." in unescape(steps)
