"""Tests of corrections in a request's history, and of the warning about failed emails."""

import pytest
from django.utils import timezone

from consultations.models import Correction, Notification
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of

pytestmark = pytest.mark.django_db


def test_the_history_shows_a_correction_with_the_earlier_answer(desk):
    asked = consultation()
    Correction.objects.create(consultation=asked, before="Phone: 618 555 0142")
    html = desk.get(page_of(asked)).content.decode()
    assert "Corrected by the patient" in html
    assert "618 555 0142" in html


def test_every_staff_page_warns_about_a_failed_email(desk):
    assert "could not be sent" not in desk.get(LIST).content.decode()
    Notification.objects.create(kind="digest", slot="x", failed_at=timezone.now())
    for path in ("/staff/", LIST, page_of(consultation()), LIST + "add/", "/staff/second-factor/"):
        assert "1 mail could not be sent" in desk.get(path).content.decode()
