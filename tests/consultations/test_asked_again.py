"""Tests of the receipt's button "No one has reached me yet"."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from consultations.asked_again import may_ask_from
from consultations.models import ConsultationRequest, Notification
from consultations.retention import erase
from tests.helpers.factories import consultation

BUTTON = "No one has reached me yet"

pytestmark = pytest.mark.django_db


def due(**fields) -> ConsultationRequest:
    """Return a request whose due time has passed."""
    return consultation(due_at=timezone.now() - timedelta(minutes=1), **fields)


def receipt(client, request: ConsultationRequest) -> str:
    page = unescape(client.get(request.receipt_url).content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


def asked(request: ConsultationRequest) -> tuple[bool, int, int]:
    """Return whether the request is marked, its version, and how many emails say that its patient asked again."""
    request.refresh_from_db()
    return bool(request.asked_again_at), request.version, Notification.objects.filter(kind="asked-again").count()


def test_the_button_moves_the_request_to_the_top_and_tells_staff(client):
    request = due(version=3)
    assert BUTTON in receipt(client, request)
    answer = client.post(request.receipt_url)
    assert (answer.status_code, answer["Location"]) == (302, request.receipt_url)
    assert asked(request) == (True, 4, 1)
    assert request.priority == ConsultationRequest.Priority.PATIENT_ACTED


def test_before_the_due_time_the_receipt_only_says_what_to_do(client):
    request = consultation(due_at=timezone.now() + timedelta(minutes=5))
    page = receipt(client, request)
    assert BUTTON not in page
    assert "If no one has reached you by then, come back to this page." in page
    client.post(request.receipt_url)
    assert asked(request) == (False, 0, 0)


def test_without_a_due_time_nothing_is_promised_and_there_is_no_button(client):
    request = consultation()
    ConsultationRequest.objects.update(due_at=None)
    page = receipt(client, request)
    assert BUTTON not in page
    assert "by then" not in page


def test_a_second_press_on_the_same_day_changes_nothing(client):
    request = due()
    client.post(request.receipt_url)
    client.post(request.receipt_url)
    assert asked(request) == (True, 1, 1)


def test_after_a_press_the_receipt_says_so_and_when_the_button_returns(client):
    request = due()
    client.post(request.receipt_url)
    page = receipt(client, request)
    returns = timezone.localtime(may_ask_from(request))
    assert BUTTON not in page
    assert "Your request is at the top of our list now." in page
    assert f"If you’re still waiting on {returns:%A}, {returns:%B} {returns.day} , come back to this page" in page


def test_the_button_stays_away_after_staff_have_acted_on_the_same_day(client):
    request = due()
    client.post(request.receipt_url)
    ConsultationRequest.objects.update(asked_again_at=None, status="tried")
    page = receipt(client, request)
    assert BUTTON not in page
    assert "Our staff have seen it." in page
    client.post(request.receipt_url)
    assert asked(request) == (False, 1, 1)


def test_on_a_later_business_day_the_button_is_back(client):
    request = due()
    client.post(request.receipt_url)
    Notification.objects.update(created_at=timezone.now() - timedelta(days=7), slot="a week ago")
    assert BUTTON in receipt(client, request)
    client.post(request.receipt_url)
    assert asked(request) == (True, 2, 2)


@pytest.mark.parametrize(
    ("pressed", "returns"),
    [
        ("2026-11-16 16:50", "2026-11-17"),  # Monday
        ("2026-11-16 07:00", "2026-11-17"),  # before opening
        ("2026-11-16 19:00", "2026-11-18"),  # after closing, so staff see it on Tuesday
        ("2026-11-20 16:50", "2026-11-23"),  # Friday
        ("2026-11-21 12:00", "2026-11-24"),  # Saturday
        ("2026-11-25 12:00", "2026-11-27"),  # the day before Thanksgiving
    ],
)
def test_the_button_returns_on_the_next_business_day(set_facts, pressed, returns):
    set_facts(hours=["9 am - 5 pm"] * 5 + ["", ""])
    request = due()
    at = timezone.make_aware(datetime.fromisoformat(pressed))
    Notification.objects.create(kind="asked-again", consultation=request, slot="made up", created_at=at)
    assert timezone.localtime(may_ask_from(request)).isoformat()[:16] == f"{returns}T00:00"


@pytest.mark.parametrize("status", ["new", "suspected", "tried", "reached"])
def test_the_button_is_offered_while_the_request_is_open(client, status):
    request = due(status=status)
    assert BUTTON in receipt(client, request)
    client.post(request.receipt_url)
    assert asked(request) == (True, 1, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "booked"},
        {"status": "closed"},
        {"status": "spam"},
        {"status": "tried", "withdrawn_at": timezone.now()},
    ],
)
def test_the_button_is_not_offered_after_that(client, fields):
    request = due(**fields)
    assert BUTTON not in receipt(client, request)
    client.post(request.receipt_url)
    assert asked(request) == (False, 0, 0)


def test_an_erased_request_offers_no_button(client):
    request = due()
    erase(request)
    assert BUTTON not in receipt(client, request)
    client.post(request.receipt_url)
    assert asked(request)[0] is False


def test_a_press_from_elsewhere_is_refused():
    request = due()
    assert Client(enforce_csrf_checks=True).post(request.receipt_url).status_code == 403
    assert asked(request) == (False, 0, 0)
