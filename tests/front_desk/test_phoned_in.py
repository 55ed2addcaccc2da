"""Tests of the form that staff fill out on a caller's behalf."""

import re

import pytest

from consultations.forms import ConsultationForm
from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk.forms import PhonedInForm
from tests.helpers.factories import ANSWERS as CALL
from tests.helpers.factories import REFERRAL, consultation
from tests.helpers.request_page import LIST, page_of, system_notes

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_a_phone_request_is_stored_with_its_source_and_logged(desk, dana):
    answer = desk.post(LIST + "add/", CALL)
    asked = ConsultationRequest.objects.get()
    assert answer.headers["Location"] == page_of(asked)
    assert (asked.source, asked.status, asked.full_name) == ("phone", Status.NEW, "Alex Example")
    assert asked.due_at is not None
    assert system_notes(asked) == ["Logged the phone request."]
    assert AccessLogEntry.objects.get().action == "add"
    page = desk.get(page_of(asked)).content.decode()
    assert "Submitted by phone" in page
    assert "Saved." in page
    assert list(desk.post(LIST + "find/", {"find": CALL["phone"]}).headers["Location"]) == list(page_of(asked))


def test_a_call_taken_now_is_an_attempt_in_touch_and_claimed(desk, dana):
    desk.post(LIST + "add/", CALL | {"spoke": "on", "staff_note": "Prefers Tuesdays."})
    asked = ConsultationRequest.objects.get()
    assert (asked.status, asked.assigned_to) == (Status.IN_TOUCH, dana)
    assert asked.first_contact_at is not None
    assert asked.follow_up_on is not None
    assert [attempt.outcome for attempt in asked.contact_attempts.all()] == ["spoke"]
    assert asked.notes.get(kind="staff").text == "Prefers Tuesdays."


def test_a_note_on_a_phone_request_alone_leaves_it_new(desk):
    desk.post(LIST + "add/", CALL | {"staff_note": "Prefers Tuesdays."})
    asked = ConsultationRequest.objects.get()
    assert (asked.status, asked.assigned_to) == (Status.NEW, None)
    assert asked.notes.get(kind="staff").text == "Prefers Tuesdays."


@pytest.mark.parametrize("same", [{"phone": "+1 618.555.0100"}, {"phone": "", "email": "ALEX@example.com"}])
def test_the_same_contact_as_an_open_request_warns_and_a_second_press_stores(desk, same):
    asked = consultation(full_name="Robin Example", **same)
    call = CALL | {"email": "alex@example.com"}
    warned = desk.post(LIST + "add/", call)
    html = warned.content.decode()
    assert warned.status_code == 422
    assert page_of(asked) in html
    assert "has an open request" in html
    assert re.search(r">(\w{8})</a>, <bdi>([^<]+)</bdi>, new", html).groups() == (asked.reference, "Robin Example")
    assert AccessLogEntry.objects.get(action="search").references == asked.reference
    assert 'value="Alex Example"' in html
    assert ConsultationRequest.objects.count() == 1
    warned_of = re.search(r'name="warned_of" value="(\w+)"', html)[1]
    assert desk.post(LIST + "add/", call | {"warned_of": warned_of}).status_code == 302
    assert ConsultationRequest.objects.count() == 2


def test_the_same_contact_as_a_closed_request_does_not_warn(desk):
    consultation(status=Status.CLOSED)
    assert desk.post(LIST + "add/", CALL).status_code == 302


@pytest.mark.parametrize("field", ["note", "staff_note"])
def test_a_phone_request_that_reads_like_a_crisis_is_urgent(desk, field):
    desk.post(LIST + "add/", CALL | {field: "They said they want to end their life"})
    asked = ConsultationRequest.objects.get()
    assert asked.urgent
    assert "Told a clinician" in desk.get(page_of(asked)).content.decode()


def test_a_referral_by_phone_stores_the_practice_and_the_direct_line(desk):
    desk.post(LIST + "add/", CALL | REFERRAL)
    asked = ConsultationRequest.objects.get()
    assert (asked.practice, asked.direct_line) == (REFERRAL["practice"], REFERRAL["direct_line"])
    assert asked.patient_agreed is True


def test_a_phone_request_with_an_error_keeps_its_answers(desk):
    answer = desk.post(LIST + "add/", CALL | {"consent": "", "phone": "", "staff_note": "Kept."})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Ask whether we may contact them" in html
    assert 'value="Alex Example"' in html
    assert "Kept.</textarea>" in html
    assert not ConsultationRequest.objects.exists()


def test_a_phone_request_for_a_minor_is_not_stored(desk):
    assert "nothing is stored" in desk.post(LIST + "add/", CALL | {"age_ok": "no"}).content.decode()
    assert not ConsultationRequest.objects.exists()


def test_a_phone_request_sent_twice_is_stored_once(desk):
    page = desk.get(LIST + "add/", follow=True).content.decode()
    key = re.search(r'name="submission_key" value="([^"]+)"', page)[1]
    sent = CALL | {"submission_key": key, "spoke": "on"}
    assert [desk.post(LIST + "add/", sent).status_code for _ in range(2)] == [302, 302]
    asked = ConsultationRequest.objects.get()
    assert asked.contact_attempts.count() == 1


PATIENTS_WORDS = re.compile(r"\b(?:I|me|my|myself|you|your|yourself)\b", re.IGNORECASE)


def test_the_phone_form_uses_no_first_or_second_person():
    for bound in PhonedInForm().visible_fields():
        if bound.name in PhonedInForm.declared_by_staff:
            continue
        choices = [words for _, words in getattr(bound.field.widget, "choices", [])]
        wording = " ".join([bound.label, bound.help_text, bound.field.error_messages["required"], *choices])
        assert PATIENTS_WORDS.findall(wording) == [], f"reword {bound.name} for staff, in StaffForm or STAFF_WORDS"


@pytest.mark.parametrize(
    "answers",
    [{"phone": ""}, {"voicemail_ok": ""}, {"contact_by": "email"}, REFERRAL | {"patient_agreed": ""}, {"age_ok": "no"}],
)
def test_the_errors_of_the_phone_form_use_no_first_or_second_person(answers):
    errors = PhonedInForm(CALL | answers).errors
    assert errors
    words = " ".join(message for messages in errors.values() for message in messages)
    assert PATIENTS_WORDS.findall(words) == []


def test_the_phone_form_asks_every_question_except_the_receipt():
    asked = {bound.html_name for bound in PhonedInForm().visible_fields()} - set(PhonedInForm.declared_by_staff)
    questions = {field.html_name for section in ConsultationForm().sections for field in section.questions}
    questions -= {"receipt_wanted"}
    assert not asked - questions, f"put {asked - questions} into SECTIONS in consultations/forms.py"
    assert not questions - asked, f"the phone form lacks {questions - asked}: show it there too"


def test_a_phone_question_without_wording_uses_the_verbose_name(monkeypatch):
    monkeypatch.delitem(PhonedInForm.ASKED, "topic")
    monkeypatch.delitem(PhonedInForm.ASKED, "full_name")
    form = PhonedInForm()
    assert (form["topic"].label, form["full_name"].label) == ("Topic (optional)", "Full name")


def test_a_second_save_of_the_phone_form_corrects_the_request(desk, dana):
    sent = CALL | {"submission_key": "6f0e1f4e-0000-4000-8000-000000000001", "staff_note": "Kept once."}
    first = desk.post(LIST + "add/", sent)
    again = desk.post(LIST + "add/", sent | {"phone": "(618) 555-0199"}, follow=True)
    asked = ConsultationRequest.objects.get()
    assert again.redirect_chain[0][0] == first.headers["Location"]
    assert asked.phone == "(618) 555-0199"
    assert (asked.corrections.get().author, asked.corrections.get().changed) == (dana, "phone")
    assert "Saved. Corrected: phone." in again.content.decode()
    assert system_notes(asked) == ["Logged the phone request."]
    assert asked.notes.filter(kind="staff").count() == 1


def test_the_next_caller_on_the_same_phone_form_is_a_new_request(desk):
    sent = CALL | {"submission_key": "6f0e1f4e-0000-4000-8000-000000000002"}
    desk.post(LIST + "add/", sent)
    desk.post(LIST + "add/", sent | {"full_name": "Robin Example", "phone": "(618) 555-0199"})
    assert [asked.full_name for asked in ConsultationRequest.objects.order_by("pk")] == [
        "Alex Example",
        "Robin Example",
    ]
