"""Tests of corrections in a request's history, and of the warning about failed emails."""

import pytest
from django.utils import timezone

from consultations.models import Correction, Notification
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of

pytestmark = pytest.mark.django_db


def test_the_history_shows_a_correction_with_the_earlier_answer(desk):
    asked = consultation()
    Correction.objects.create(consultation=asked, before="Phone: 618 555 0142", changed="phone,voicemail_ok")
    html = desk.get(page_of(asked)).content.decode()
    assert "Corrected by the patient: phone, voicemail. Before:" in html
    assert "618 555 0142" in html


def test_an_older_correction_without_names_is_shown_too(desk):
    asked = consultation()
    Correction.objects.create(consultation=asked, before="Phone: 618 555 0142")
    assert "Corrected by the patient. Before:" in desk.get(page_of(asked)).content.decode()


def test_the_history_says_when_the_patient_withdrew_or_asked_again(desk):
    asked = consultation(status="tried", withdrawn_at=timezone.now(), asked_again_at=timezone.now())
    html = desk.get(page_of(asked)).content.decode()
    assert 'history__what">Withdrawn by the patient<' in html
    assert 'history__what">The patient asked again<' in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "receipt", "refused": True}, "Receipt to the patient: The mail server refused the patient&#x27;s"),
        (
            {"kind": "new", "refused": True, "last_error": "SMTPRecipientsRefused 550"},
            "New request: The mail server refused the address.",
        ),
        ({"kind": "new", "attempts": 8}, "Given up after 8 attempts."),
    ],
)
def test_a_failed_email_says_in_words_what_went_wrong(desk, fields, words):
    asked = consultation()
    failed = {"slot": "x", "failed_at": timezone.now(), "last_error": "SMTPRecipientsRefused"}
    Notification.objects.create(consultation=asked, **failed | fields)
    html = desk.get(page_of(asked)).content.decode()
    assert words in html
    assert "SMTP" not in html


def test_every_staff_page_warns_about_a_failed_email(desk):
    assert "failed to send" not in desk.get(LIST).content.decode()
    Notification.objects.create(kind="digest", slot="x", failed_at=timezone.now())
    for path in ("/staff/", LIST, page_of(consultation()), LIST + "add/", "/staff/second-factor/"):
        assert "1 email failed to send" in desk.get(path, follow=True).content.decode()
