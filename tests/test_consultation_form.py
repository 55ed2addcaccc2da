"""The form: what it asks, what it takes, and how it says what to mend."""

import itertools
import re
import string
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from consultations.forms import CONSENT_VERSION, CONSENT_WORDINGS, ConsultationForm
from consultations.models import ConsultationRequest, Notification
from tests.made_up import sent_form

FORM = "/consultation/"


def only_request() -> ConsultationRequest:
    return ConsultationRequest.objects.get()


def test_a_request_is_stored_with_the_mail_about_it_and_leads_to_its_receipt(db, client):
    answer = client.post(FORM, sent_form(note="Please ring twice"))
    request = only_request()
    assert (answer.status_code, answer["Location"]) == (302, request.receipt_url)
    assert (request.full_name, request.phone, request.note) == ("Alex Example", "(618) 555-0100", "Please ring twice")
    assert (request.contact_by, request.voicemail_ok, request.best_time) == ("call", True, "morning")
    assert request.consent_version == CONSENT_VERSION
    assert not request.suspected_spam
    assert Notification.objects.get().request == request


def test_the_receipt_shows_the_reference_and_the_crisis_lines_and_nothing_that_was_typed(db, client):
    client.post(FORM, sent_form(full_name="Zebra Quagga", note="Okapi", email="zebra@example.com"))
    page = client.get(only_request().receipt_url).content.decode()
    assert only_request().reference in page
    assert 'href="tel:988"' in page
    assert "(618)" not in page
    for word in ("Zebra", "Quagga", "Okapi"):
        assert not re.search(rf"\b{word}\b", page, re.IGNORECASE)  # a signature may hold five letters by chance


def test_the_form_stands_behind_the_crisis_lines_and_asks_for_no_browser_checks(db, client):
    page = client.get(FORM).content.decode()
    assert page.index('href="tel:988"') < page.index("<form")
    assert "novalidate" in page
    assert " required" not in page
    # What search engines read is data, which no browser runs.
    assert page.count("<script") == page.count('<script type="application/ld+json">')
    assert "maxlength" not in page


def test_only_optional_questions_are_marked_and_each_of_them_is():
    form = ConsultationForm()
    conditional = {"phone", "email", "voicemail_ok"}  # their hints say when they are needed
    for name, field in form.fields.items():
        if name in conditional:
            assert field.help_text.startswith("Needed ")
        elif field.label and name != "kettle":
            assert ("(optional)" in field.label) is not field.required, name


@pytest.mark.parametrize(("name", "token"), [("full_name", "name"), ("phone", "tel"), ("email", "email")])
def test_a_browser_may_fill_in_what_it_knows(name, token):
    assert f'autocomplete="{token}"' in str(ConsultationForm()[name])


def test_the_consent_is_not_ticked_for_anybody_and_its_last_wording_is_shown(db, client):
    page = client.get(FORM).content.decode()
    assert "checked" not in page
    assert CONSENT_WORDINGS[CONSENT_VERSION] in page


def test_each_fresh_form_brings_a_key_of_its_own_with_its_button(db, client):
    pages = [client.get(FORM).content.decode() for _ in range(2)]
    keys = {re.search(r'<button[^>]* name="submission_key" value="([0-9a-f-]{36})"', page)[1] for page in pages}
    assert len(keys) == 2


def test_a_fresh_form_is_not_kept_by_any_cache_and_brings_the_only_cookie(db, client):
    answer = client.get(FORM)
    assert "no-store" in answer["Cache-Control"]
    assert set(answer.cookies) == {"csrftoken"}
    assert set(client.get("/consultation/under-18/").cookies) == {"csrftoken"} - set(answer.cookies)


# --- Mistakes


def problems(answers: dict[str, str]) -> dict[str, str]:
    """What the form complains of, by the field that the summary links to."""
    return {re.sub("^id_|_0$", "", field): words for field, words in ConsultationForm(answers).problems}


def test_each_mistake_is_said_above_and_beside_its_field_in_the_same_words(db, client):
    answer = client.post(FORM, sent_form(full_name="", asking_for="", phone="12", consent=""))
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert page.split("<title>")[1].startswith("Error: ")
    summary = re.findall(r'<a href="#(id_\w+)">([^<]+)</a></li>', page)
    assert [field for field, _ in summary] == ["id_asking_for_0", "id_full_name", "id_phone", "id_consent"]
    for field, words in summary:
        assert f'id="{field}"' in page
        assert f'{field.removesuffix("_0")}_error">{words}</p>' in page
    assert re.search(r'<div class="error-summary" tabindex="-1" autofocus>\s*<div role="alert">', page)
    assert page.index("error-summary") < page.index("<h1")


def test_what_was_typed_is_still_there_after_a_mistake(db, client):
    page = client.post(FORM, sent_form(full_name="", note="Okapi <3", email="zebra@example.com")).content.decode()
    assert "Okapi &lt;3" in page
    assert 'value="zebra@example.com"' in page
    assert re.search(r'value="call"[^>]* checked', page)
    assert not ConsultationRequest.objects.exists()


@pytest.mark.parametrize(
    ("answers", "complaints"),
    [
        ({"contact_by": "call", "phone": "", "voicemail_ok": ""}, {"phone", "voicemail_ok"}),
        ({"contact_by": "text", "phone": "", "voicemail_ok": ""}, {"phone"}),
        ({"contact_by": "email", "phone": "", "voicemail_ok": ""}, {"email"}),
        ({"contact_by": "email", "phone": "", "voicemail_ok": "", "email": "a@example.com"}, set()),
        ({"receipt_wanted": "on"}, {"email"}),
        ({"topic": "", "best_time": "", "note": ""}, set()),
        ({"contact_by": "", "phone": ""}, {"contact_by"}),
        ({"contact_by": "pigeon", "topic": "weather"}, {"contact_by", "topic"}),
        ({"full_name": "x" * 101, "note": "x" * 1001}, {"full_name", "note"}),
        ({"full_name": "x" * 100, "note": "x\r\n" * 500}, set()),
        ({"full_name": "a\x00b", "note": "a\x07b", "phone": "618\x00 555 0100"}, {"full_name", "note", "phone"}),
        ({"full_name": "   "}, {"full_name"}),
        ({"email": "nobody"}, {"email"}),
        ({"email": "x" * 250 + "@example.com"}, {"email"}),
        ({"full_name": "رشيد \U0001f98a O'Brien <b>\"'; DROP TABLE x; --"}, set()),
    ],
)
def test_the_form_complains_of_what_is_missing_or_cannot_be_and_of_nothing_else(answers, complaints):
    assert set(problems(sent_form(**answers))) == complaints


@pytest.mark.parametrize(
    "phone",
    ["618 555 0100", "(618) 555-0100", "+1 (618) 555.0100 ext 12", "6185550100x12", "+44 20 7946 0958", "618/555-0100"],
)
def test_a_phone_number_is_taken_however_it_is_written_and_kept_so(phone):
    form = ConsultationForm(sent_form(phone=phone))
    assert form.is_valid()
    assert form.content["phone"] == phone


@pytest.mark.parametrize("phone", ["555-0100", "call me", "618 555 01OO", "1" * 16])
def test_what_nobody_could_call_is_not_taken_as_a_phone_number(phone):
    assert set(problems(sent_form(phone=phone))) == {"phone"}


@pytest.mark.parametrize("others", [{}, {"full_name": "", "consent": "", "phone": "12"}])
def test_for_somebody_under_18_nothing_is_stored_and_a_page_explains(db, client, others):
    answer = client.post(FORM, sent_form(age_ok="no", **others), follow=True)
    assert answer.redirect_chain == [(reverse("consultations:under_18"), 302)]
    assert "Nothing that you wrote was stored" in answer.content.decode()
    assert not ConsultationRequest.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(db, client, method):
    assert getattr(client, method)(FORM).status_code == 405


def test_a_body_over_the_limit_is_refused(db, client):
    assert client.post(FORM, sent_form(note="x" * 300_000)).status_code == 413


@pytest.mark.parametrize("page", ["received", "withdraw"])
@pytest.mark.parametrize("token", ["x", "K7MB4P9X", "K7MB4P9X:forged", "%00", "\U0001f98a"])
def test_an_address_that_we_did_not_sign_leads_nowhere(db, client, page, token):
    assert client.get(f"/consultation/{page}/{token}/").status_code == 404


def test_the_key_to_a_receipt_does_not_withdraw(db, client):
    client.post(FORM, sent_form())
    withdraw = only_request().receipt_url.replace("received", "withdraw")
    assert client.get(withdraw).status_code == 404


# --- Whatever anybody types

texts = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(string.printable)))


several = hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
addresses = (f"2001:db8:{number:x}::1" for number in itertools.count())


def send_from_anywhere(answers: dict[str, str]) -> int:
    """Each from an address of its own, so that the limiter lets it through."""
    return Client(REMOTE_ADDR=next(addresses)).post(FORM, answers).status_code


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(ConsultationForm.base_fields, texts)))
@several
def test_no_text_in_any_field_makes_the_form_fail(db, answers):
    assert send_from_anywhere(sent_form(**answers)) in (302, 422)


@given(full_name=texts, note=texts, email=st.emails(domains=st.just("example.com")))
@several
def test_what_the_form_takes_reads_back_equal(db, full_name, note, email):
    typed = sent_form(full_name=full_name, note=note, email=email)
    assume(send_from_anywhere(typed) == 302)
    request = ConsultationRequest.objects.get(submission_key=typed["submission_key"])
    assert request.full_name == full_name.replace("\r\n", "\n").replace("\r", "\n").strip()
    assert request.note == note.replace("\r\n", "\n").replace("\r", "\n").strip()
    assert request.email == email
