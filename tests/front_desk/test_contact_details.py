"""Tests of the page where staff correct the contact details of a request."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, fields_of, find, page_of, press

pytestmark = pytest.mark.django_db


def contact_page(asked: ConsultationRequest) -> str:
    return f"{LIST}{asked.pk}/contact/"


def fields(desk, asked: ConsultationRequest, **changes: str) -> dict[str, str]:
    return fields_of(desk.get(contact_page(asked)).content.decode(), "contact-form") | changes


def test_the_form_shows_the_stored_answers(desk):
    asked = consultation(email="a@example.com", voicemail_ok=False)
    shown = fields(desk, asked)
    assert {name: shown[name] for name in ("full_name", "phone", "email", "contact_by", "voicemail_ok")} == {
        "full_name": "Alex Example",
        "phone": "(618) 555-0100",
        "email": "a@example.com",
        "contact_by": "call",
        "voicemail_ok": "no",
    }
    assert contact_page(asked) in desk.get(page_of(asked)).content.decode()


def test_a_corrected_number_is_dialed_found_and_in_the_history_with_who(desk, dana):
    asked = consultation()
    answer = desk.post(contact_page(asked), fields(desk, asked, phone="618 555 0133", voicemail_ok="no"))
    assert answer.headers["Location"] == page_of(asked)
    html = desk.get(page_of(asked)).content.decode()
    assert 'href="tel:+16185550133"' in html
    assert "Saved. Corrected: phone, voicemail." in html
    assert "Corrected by dana: phone, voicemail. Before:" in html
    assert "(618) 555-0100" in html
    assert ">Changed<" not in html
    assert find(desk, "(618) 555-0133").headers["Location"] == page_of(asked)
    correction = asked.corrections.get()
    assert (correction.author, correction.changed) == (dana, "phone,voicemail_ok")
    asked.refresh_from_db()
    assert (asked.version, asked.corrected_at, asked.patient_changed_at) == (1, None, None)
    entry = AccessLogEntry.objects.get(action="change")
    assert (entry.consultation, entry.detail) == (asked, "contact details")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"phone": "555"}, "area code"),
        ({"phone": ""}, "Enter their phone number"),
        ({"voicemail_ok": ""}, "Ask whether a voicemail may name the clinic"),
        ({"contact_by": "email"}, "Enter their email address"),
        ({"full_name": ""}, "Enter their full name"),
    ],
)
def test_a_correction_is_checked_like_the_public_form(desk, changes, problem):
    asked = consultation()
    answer = desk.post(contact_page(asked), fields(desk, asked) | changes)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not asked.corrections.exists()


def test_a_correction_without_a_change_stores_nothing(desk):
    asked = consultation(note="Knock twice.", topic="pain")
    answer = desk.post(contact_page(asked), fields(desk, asked), follow=True)
    assert "Nothing changed." in answer.content.decode()
    assert not asked.corrections.exists()
    asked.refresh_from_db()
    assert (asked.version, asked.note, asked.topic) == (0, "Knock twice.", "pain")


def test_a_clinicians_direct_line_can_be_corrected_and_only_theirs(desk):
    clinician = consultation(asking_for="patient", direct_line="618 555 0155", practice="Example Practice")
    desk.post(contact_page(clinician), fields(desk, clinician, direct_line="618 555 0166"))
    clinician.refresh_from_db()
    assert (clinician.direct_line, clinician.practice) == ("618 555 0166", "Example Practice")
    assert "direct_line" not in fields(desk, consultation())


def test_a_stale_correction_is_refused_and_shows_both_versions(desk):
    asked = consultation()
    stale = fields(desk, asked, phone="618 555 0133")
    press(desk, asked, attempt="no-answer")
    ConsultationRequest.objects.filter(pk=asked.pk).update(full_name="Newer Example")
    answer = desk.post(contact_page(asked), stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "You changed this in another tab just now: No answer." in html
    assert "Newer Example" in html
    again = fields_of(html, "contact-form")
    assert again["phone"] == "618 555 0133"
    desk.post(contact_page(asked), again | {"full_name": "Newer Example"})
    asked.refresh_from_db()
    assert asked.phone == "618 555 0133"


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_the_details_of_a_withdrawn_or_erased_request_cannot_be_corrected(desk, end):
    asked = consultation(status="tried")
    sent = fields(desk, asked, phone="618 555 0133")
    getattr(retention, end)(asked)
    assert desk.post(contact_page(asked), sent).status_code == 302
    assert not asked.corrections.exists()


def test_a_correction_survives_an_expired_session(desk):
    asked = consultation()
    sent = fields(desk, asked, phone="618 555 0133")
    Session.objects.update(expire_date=timezone.now())
    assert 'name="kept"' in desk.post(contact_page(asked), sent).content.decode()
