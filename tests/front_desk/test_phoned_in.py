"""Tests of the form that staff fill out on a caller's behalf."""

import re

import pytest

from consultations.forms import ConsultationForm
from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk.forms import PhonedInForm
from tests.helpers.factories import ANSWERS as CALL
from tests.helpers.request_page import LIST, page_of, system_notes

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_a_phone_request_is_stored_with_its_source_and_logged(desk, dana):
    answer = desk.post(LIST + "add/", CALL)
    asked = ConsultationRequest.objects.get()
    assert answer.headers["Location"] == page_of(asked)
    assert (asked.source, asked.status, asked.full_name) == ("phone", Status.NEW, "Alex Example")
    assert asked.due_at is not None
    assert system_notes(asked) == ["Wrote down the call."]
    assert AccessLogEntry.objects.get().action == "add"
    assert "Asked by phone" in desk.get(page_of(asked)).content.decode()
    assert list(desk.post(LIST + "find/", {"find": CALL["phone"]}).headers["Location"]) == list(page_of(asked))


def test_a_phone_request_with_an_error_keeps_its_answers(desk):
    answer = desk.post(LIST + "add/", CALL | {"consent": "", "phone": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Ask whether we may contact them" in html
    assert 'value="Alex Example"' in html
    assert not ConsultationRequest.objects.exists()


def test_a_phone_request_for_a_minor_is_not_stored(desk):
    assert "nothing is stored" in desk.post(LIST + "add/", CALL | {"age_ok": "no"}).content.decode()
    assert not ConsultationRequest.objects.exists()


def test_a_phone_request_sent_twice_is_stored_once(desk):
    page = desk.get(LIST + "add/").content.decode()
    key = re.search(r'name="submission_key" value="([^"]+)"', page)[1]
    assert [desk.post(LIST + "add/", CALL | {"submission_key": key}).status_code for _ in range(2)] == [302, 302]
    assert ConsultationRequest.objects.count() == 1


def test_the_phone_form_uses_no_first_or_second_person():
    for bound in PhonedInForm().visible_fields():
        choices = [words for _, words in getattr(bound.field, "choices", [])]
        wording = " ".join([bound.label, bound.help_text, bound.field.error_messages["required"], *choices])
        patients = re.findall(r"\b(?:I|me|my|myself|you|your|yourself)\b", wording, re.IGNORECASE)
        assert patients == [], f"reword {bound.name} for staff, in PhonedInForm or in labels.STAFF_WORDS"


def test_the_phone_form_asks_every_question_except_the_receipt():
    asked = {bound.name for bound in PhonedInForm().visible_fields()}
    assert asked == {name for _, names in ConsultationForm.SECTIONS for name in names} - {"receipt_wanted"}


def test_a_phone_question_without_wording_uses_the_verbose_name(monkeypatch):
    monkeypatch.delitem(PhonedInForm.ASKED, "topic")
    monkeypatch.delitem(PhonedInForm.ASKED, "full_name")
    form = PhonedInForm()
    assert (form["topic"].label, form["full_name"].label) == ("Topic (optional)", "Full name")
