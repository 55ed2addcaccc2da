"""Tests of erased and withdrawn requests at the desk."""

import pytest

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of, press

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_a_manager_can_erase_a_request(manager):
    asked = consultation(full_name="Zebedee Example", note="Side door.")
    press(manager, asked, note="Nice voice.", attempt="no-answer")
    assert "can't be undone" in manager.get(f"{LIST}{asked.pk}/erase/").content.decode()
    assert ConsultationRequest.objects.get().full_name == "Zebedee Example"
    assert manager.post(f"{LIST}{asked.pk}/erase/").headers["Location"] == page_of(asked)
    html = manager.get(page_of(asked)).content.decode()
    assert "were erased" in html
    assert "Erased on the patient&#x27;s request." in html
    for words in ("Zebedee", "Side door", "Nice voice", 'id="work-form"'):
        assert words not in html
    assert AccessLogEntry.objects.filter(action="erase", consultation=asked).exists()


def test_the_front_desk_cannot_erase_a_request(desk):
    asked = consultation()
    assert desk.get(f"{LIST}{asked.pk}/erase/").status_code == 403
    assert desk.post(f"{LIST}{asked.pk}/erase/").status_code == 403
    asked.refresh_from_db()
    assert asked.erased_at is None


def test_staff_see_that_a_patient_withdrew(desk):
    begun, fresh = consultation(status=Status.IN_TOUCH), consultation()
    for asked in (begun, fresh):
        retention.withdraw(asked)
    assert "Withdrawn by the patient" in desk.get(page_of(begun)).content.decode()
    assert "the patient withdrew this request" in desk.get(page_of(fresh)).content.decode()
    listed = desk.get(LIST + "?queue=all").content.decode()
    assert "Withdrawn, erased" in listed
    [row] = [row for row in listed.split("<tr>") if begun.reference in row]
    assert '<span class="badge badge--closed">Withdrawn</span>' in row
