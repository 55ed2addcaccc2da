"""Tests of requests whose text reads like a crisis: how they are marked, announced and answered."""

import re
from html import unescape

import pytest
from django.db import DatabaseError
from django.test import Client

from consultations import intake, rate_limit
from consultations.models import ConsultationRequest, Notification
from front_desk.forms import PhonedInForm
from tests.helpers.factories import REFERRAL, consultation, sent_form

FORM = "/consultation/"
CRISIS = "I do not want to live any more"

pytestmark = pytest.mark.django_db


def only_request() -> ConsultationRequest:
    return ConsultationRequest.objects.get()


def kinds() -> list[str]:
    return list(Notification.objects.values_list("kind", flat=True))


@pytest.mark.parametrize(
    "answers",
    [
        {"note": CRISIS},
        {"full_name": CRISIS},
        REFERRAL | {"practice": CRISIS},
    ],
)
def test_any_typed_text_can_make_a_request_urgent(client, answers):
    client.post(FORM, sent_form(**answers))
    assert (only_request().urgent, only_request().priority) == (True, ConsultationRequest.Priority.URGENT)
    assert kinds() == ["new", "urgent"]


@pytest.mark.parametrize("answers", [{"note": "Please ring twice"}, {"practice": CRISIS}])
def test_an_ordinary_request_is_not_urgent(client, answers):
    client.post(FORM, sent_form(**answers))
    assert (only_request().urgent, only_request().priority) == (False, ConsultationRequest.Priority.NORMAL)
    assert kinds() == ["new"]


def test_urgent_outranks_suspected_spam(client):
    client.post(FORM, sent_form(kettle="on", note=CRISIS))
    assert (only_request().status, only_request().spam_reasons) == ("new", "filled in what no person sees")
    assert kinds() == ["new", "urgent"]


def test_a_correction_can_make_a_request_urgent(client):
    answers = sent_form()
    client.post(FORM, answers)
    client.post(FORM, answers | {"note": CRISIS})
    assert only_request().urgent
    assert kinds() == ["new", "urgent", "corrected"]


def test_taking_the_words_back_leaves_the_mark_until_staff_have_acted(client):
    answers = sent_form(note="Hello")
    for note in ("Hello", CRISIS, "Hello again"):
        client.post(FORM, answers | {"note": note})
    assert (only_request().urgent, only_request().priority) == (True, ConsultationRequest.Priority.URGENT)
    ConsultationRequest.objects.update(clinician_told_at=only_request().created_at)
    client.post(FORM, answers | {"note": "Please ring twice"})
    assert (only_request().urgent, only_request().priority) == (False, ConsultationRequest.Priority.PATIENT_ACTED)


def test_a_request_that_is_urgent_again_is_announced_again(client):
    answers = sent_form(note=CRISIS)
    client.post(FORM, answers)
    ConsultationRequest.objects.update(clinician_told_at=only_request().created_at)
    client.post(FORM, answers | {"note": ""})
    client.post(FORM, answers)
    assert kinds().count("urgent") == 2
    assert only_request().clinician_told_at is None


def test_each_changed_crisis_text_is_announced_and_needs_a_clinician_again(client):
    answers = sent_form(note=CRISIS)
    client.post(FORM, answers)
    ConsultationRequest.objects.update(clinician_told_at=only_request().created_at)
    client.post(FORM, answers | {"note": "I have the pills in my hand and I am going to kill myself"})
    assert kinds() == ["new", "urgent", "urgent", "corrected"]
    assert only_request().clinician_told_at is None


def test_a_new_phone_number_beside_the_same_crisis_text_is_a_correction(client):
    answers = sent_form(note=CRISIS)
    client.post(FORM, answers)
    ConsultationRequest.objects.update(clinician_told_at=only_request().created_at)
    client.post(FORM, answers | {"phone": "(618) 555-0123"})
    assert kinds() == ["new", "urgent", "corrected"]
    assert (only_request().urgent, bool(only_request().clinician_told_at)) == (True, True)


def test_a_suspected_request_that_becomes_urgent_is_treated_as_new(client):
    answers = sent_form(kettle="on", email="alex@example.com", receipt_wanted="on")
    client.post(FORM, answers)
    client.post(FORM, answers | {"note": CRISIS})
    assert only_request().status == "new"
    assert kinds() == ["digest", "urgent", "new", "receipt"]


def test_a_phone_request_is_judged_as_well():
    form = PhonedInForm(sent_form(note="She says she wants to die"))
    assert form.is_valid()
    asked, _ = form.save()
    assert asked.urgent
    assert kinds() == ["urgent"]
    form.save()
    assert kinds() == ["urgent"]


def receipt(client, consultation: ConsultationRequest) -> str:
    return unescape(client.get(consultation.receipt_url).content.decode()).split("<main")[1]


def test_the_receipt_of_an_urgent_request_opens_with_988_and_911(client, clock, weekdays):
    clock.move_to("2026-11-27 17:00")  # Friday, when the clinic closes
    page = receipt(client, consultation(urgent=True))
    opening = page[: page.index("We have your request</h2>")]
    for link in ("tel:988", "sms:988", "tel:911"):
        assert f'href="{link}"' in opening
    assert "at any hour of the day or night" in opening
    assert "no one reads requests at night" in " ".join(re.sub(r"<[^>]+>", " ", opening).split())
    assert page.count("<h1") == 1


def test_an_urgent_receipt_does_not_speak_of_the_night_while_we_are_open(client, clock, weekdays):
    clock.move_to("2026-11-27 16:59")
    assert "night, or on days" not in receipt(client, consultation(urgent=True))
    assert "not at night" not in receipt(client, consultation(urgent=True))


def test_the_help_begins_with_a_line_in_spanish(client):
    page = receipt(client, consultation(urgent=True))
    line = page.index('<li lang="es">')
    assert line < page.index("You don’t have to get through this alone")
    assert 'Llame al <a href="tel:988">988</a> y oprima 2.' in page[line:]


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-27 16:59", "We’re open now, and we’ll call you as soon as we can."),  # Friday
        ("2026-11-27 17:00", "We’ll call you as soon as we’re open, on Monday morning."),
        ("2026-11-26 12:00", "We’ll call you as soon as we’re open, on Friday morning."),  # Thanksgiving
        ("2026-12-01 02:00", "We’ll call you as soon as we’re open, this morning."),
    ],
)
def test_an_urgent_receipt_says_when_we_call_and_not_to_wait(client, clock, weekdays, now, words):
    clock.move_to(now)
    page = receipt(client, consultation(urgent=True, created_at=clock.now))
    assert f'{words} You don’t have to wait for us: call <a href="tel:988">988</a>.' in page
    assert "You’ve done your part" not in page
    assert "the way you chose" not in page


def test_an_urgent_receipt_names_no_time_while_the_hours_are_unknown(client, set_facts):
    set_facts(hours=[""] * 7)
    assert "We’ll call you as soon as we’re open. You don’t" in receipt(client, consultation(urgent=True))


@pytest.mark.parametrize("answers", [{"contact_by": "email", "phone": ""}, {"needs": "text-only"}])
def test_an_urgent_receipt_promises_no_call_that_cannot_be_made(client, answers):
    page = receipt(client, consultation(urgent=True, **answers))
    assert "we’ll call" not in page.lower()
    assert "contact you as soon as we" in page


def test_an_urgent_receipt_says_when_staff_have_begun(client):
    page = receipt(client, consultation(urgent=True, status="tried"))
    assert "Our staff have begun to work on your request. You don’t have to wait" in page


def test_an_ordinary_receipt_opens_with_the_request(client):
    page = receipt(client, consultation())
    assert page.index("We have your request</h1>") < page.index("tel:988")
    assert page.count("<h1") == 1


def test_the_receipt_of_a_withdrawn_urgent_request_promises_no_contact(client):
    page = receipt(client, consultation(urgent=True, status="tried", withdrawn_at="2026-11-20T18:00Z"))
    assert page.index("tel:988") < page.index("Your request is withdrawn")
    assert "we’ll contact you" not in page
    assert page.count("<h1") == 1


# --- Help on pages other than the receipt

HELP = "Please don’t wait for us</h1>"


def main_of(answer) -> str:
    return unescape(answer.content.decode()).split("<main")[1]


@pytest.mark.parametrize("mistake", [{"phone": "12"}, {"consent": ""}, {"note": f"{CRISIS}. {'x' * 1000}"}])
def test_a_form_in_crisis_with_a_mistake_shows_help_before_the_mistake(client, mistake):
    answer = client.post(FORM, sent_form(note=CRISIS) | mistake)
    page = main_of(answer)
    assert answer.status_code == 422
    assert page.index(HELP) < page.index("There is a problem")
    assert page.count("<h1") == 1
    assert "autofocus" not in page
    assert "We have your request" not in page


def test_a_mistake_without_a_crisis_shows_no_urgent_help(client):
    assert HELP not in main_of(client.post(FORM, sent_form(phone="12")))


@pytest.mark.parametrize("note", [CRISIS, "My son says he wants to die"])
def test_the_page_for_minors_shows_help_first_to_someone_in_crisis(client, note):
    answer = client.post(FORM, sent_form(age_ok="no", note=note))
    page = main_of(answer)
    assert page.index(HELP) < page.index("This form is for adults")
    assert page.count("<h1") == 1
    assert not ConsultationRequest.objects.exists()


def test_a_clinician_with_a_young_patient_is_not_sent_to_a_doctor(client):
    page = main_of(client.post(FORM, sent_form(age_ok="no", **REFERRAL)))
    assert "can’t take a referral for a younger patient" in page
    assert "own doctor" not in page


def test_a_stale_form_in_crisis_shows_help_first():
    answer = Client(enforce_csrf_checks=True).post(FORM, sent_form(note=CRISIS))
    page = main_of(answer)
    assert answer.status_code == 403
    assert page.index(HELP) < page.index("Please send it once more")


def test_a_crisis_is_stored_after_other_requests_are_refused(client, monkeypatch):
    monkeypatch.setattr(rate_limit, "REFUSED_ABOVE", 1)
    monkeypatch.setattr(rate_limit, "URGENT_REFUSED_ABOVE", 2)
    client.post(FORM, sent_form())
    assert client.post(FORM, sent_form()).status_code == 429
    assert client.post(FORM, sent_form(note=CRISIS)).status_code == 302
    refused = client.post(FORM, sent_form(note=CRISIS))
    assert refused.status_code == 429
    assert HELP in main_of(refused)
    assert "wait an hour" not in main_of(refused)


def test_help_is_also_shown_if_the_request_could_not_be_stored(client, monkeypatch):
    def fail(*_) -> None:
        raise DatabaseError

    monkeypatch.setattr(intake, "receive", fail)
    answer = client.post(FORM, sent_form(note=CRISIS))
    assert answer.status_code == 503
    assert HELP in main_of(answer)
