"""Tests of what a request's page shows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consultations.models import ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of, press

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_the_page_says_whether_a_voicemail_may_name_the_clinic(desk):
    may = desk.get(page_of(consultation(voicemail_ok=True))).content.decode()
    may_not = desk.get(page_of(consultation(voicemail_ok=False))).content.decode()
    assert "Voicemail may name the clinic." in may
    assert "Do not name the clinic on a voicemail." not in may
    assert "Do not name the clinic on a voicemail." in may_not


def test_phone_and_email_are_links_and_the_title_contains_no_name(desk):
    asked = consultation(full_name="Zebedee Example", phone="(618) 555-0177 ext 3", email="zeb@example.com")
    html = desk.get(page_of(asked)).content.decode()
    assert 'href="tel:+16185550177;ext=3"' in html
    assert 'href="sms:+16185550177"' in html
    assert 'href="mailto:zeb@example.com"' in html
    assert re.search(r"<title>\s*(.*?)\s*</title>", html, re.DOTALL)[1].startswith(asked.reference)


def test_two_numbers_are_shown_as_typed_and_the_first_is_dialed(desk):
    html = desk.get(page_of(consultation(phone="618-555-0133 / 0134"))).content.decode()
    assert 'href="tel:+16185550133"' in html
    assert "618-555-0133 / 0134" in html


def test_an_email_link_cannot_add_a_recipient(desk):
    asked = consultation(email="pat?cc=eve%40example.org&subject=x@example.com")
    html = desk.get(page_of(asked)).content.decode()
    assert 'href="mailto:pat%3Fcc%3Deve%2540example.org%26subject%3Dx@example.com"' in html


def test_a_request_from_before_these_checks_is_still_shown(desk):
    asked = consultation(full_name="\u200b", phone="555-0136 x45", email="root@localhost")
    html = desk.get(page_of(asked)).content.decode()
    assert "No name that can be shown" in html
    assert 'href="tel:5550136"' in html
    assert 'href="mailto:root@localhost"' in html


def test_a_name_cannot_change_the_direction_of_the_heading(desk):
    html = desk.get(page_of(consultation(full_name="\u202eAlex Example"))).content.decode()
    assert "<bdi>Alex Example</bdi>" in html


def test_earlier_requests_with_the_same_phone_or_email_are_listed(desk):
    asked = consultation(phone="618 555 0123", email="a@example.com")
    by_phone = consultation(phone="(618) 555-0123", status=Status.CLOSED)
    by_email = consultation(phone="", email="A@example.com")
    other = consultation(phone="", email="")
    html = desk.get(page_of(asked)).content.decode().partition("asked before")[2].partition("</ul>")[0]
    assert set(re.findall(r">(\w{8})</a>", html)) == {by_phone.reference, by_email.reference} - {other.reference}


def test_previous_and_next_step_through_open_requests_by_due_time(desk):
    now = timezone.now()
    first, second, third = (consultation(due_at=now + timedelta(hours=hours)) for hours in (1, 2, 3))
    consultation(due_at=now + timedelta(minutes=90), status=Status.CLOSED)
    consultation(due_at=now + timedelta(minutes=150), status=Status.SUSPECTED)
    html = desk.get(page_of(second)).content.decode()
    assert f"Previous open: {first.reference}" in html
    assert f"Next open: {third.reference}" in html
    assert "Previous open" not in desk.get(page_of(first)).content.decode()


def test_an_undecryptable_request_is_shown_and_left_unchanged(desk):
    asked = consultation()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consultations_consultationrequest SET full_name = 'v1.gone.AAAA', phone = 'v1.gone.BBBB'"
        )
    html = desk.get(page_of(asked)).content.decode()
    assert "cannot be read with the present keys" in html
    press(desk, asked, note="Odd.", move="tried")
    with connection.cursor() as cursor:
        cursor.execute("SELECT full_name, phone FROM consultations_consultationrequest")
        assert cursor.fetchone() == ("v1.gone.AAAA", "v1.gone.BBBB")
