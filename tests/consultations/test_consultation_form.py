"""Tests of the public form: its questions, validation and error messages."""

import itertools
import re
import string
from html import unescape

import pytest
from django.conf import settings
from django.forms import CharField
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from consultations.forms import CONSENT_VERSION, CONSENT_WORDINGS, FOR_CLINICIANS, ConsultationForm
from consultations.models import ConsultationRequest, Notification
from tests.helpers.factories import EVERY_ANSWER, REFERRAL, Posted, sent_form

FORM = "/consultation/"
Topic = ConsultationRequest.Topic


def only_request() -> ConsultationRequest:
    return ConsultationRequest.objects.get()


def test_a_valid_form_stores_a_request_and_its_email_and_redirects(db, client):
    answer = client.post(FORM, sent_form(note="Please ring twice"))
    request = only_request()
    assert (answer.status_code, answer["Location"]) == (302, request.receipt_url)
    assert (request.full_name, request.phone, request.note) == ("Alex Example", "(618) 555-0100", "Please ring twice")
    assert (request.contact_by, request.voicemail_ok, request.best_time) == ("call", True, "morning")
    assert request.consent_version == CONSENT_VERSION
    assert request.status == "new"
    assert Notification.objects.get().consultation == request


def test_the_receipt_shows_the_reference_and_four_digits_of_what_was_typed(db, client):
    client.post(FORM, sent_form(full_name="Zebra Quagga", note="Okapi", email="zebra@example.com"))
    page = client.get(only_request().receipt_url).content.decode()
    assert only_request().reference in page
    assert 'href="tel:988"' in page
    assert "the number ending in\N{NO-BREAK SPACE}0100" in page
    assert not re.search(r"555\W*0100", page)
    for word in ("Zebra", "Quagga", "Okapi"):
        # Search for complete words, because the token in a link may contain the letters by chance.
        assert not re.search(rf"\b{word}\b", page, re.IGNORECASE)


def test_the_form_is_below_the_crisis_lines_without_browser_validation(db, client):
    page = client.get(FORM).content.decode()
    assert page.index('href="tel:988"') < page.index("<form")
    assert "novalidate" in page
    assert " required" not in page
    # The only scripts are structured data, which browsers don't run.
    assert page.count("<script") == page.count('<script type="application/ld+json">')
    assert "maxlength" not in page


def test_no_form_changes_the_fields_that_all_forms_share(db, client):
    def fields() -> str:
        return repr([(vars(field), vars(field.widget)) for field in ConsultationForm.base_fields.values()])

    client.get(FORM)  # the first form formats a hint
    before = fields()
    client.post(FORM, sent_form(full_name="", needs=["no such need"], note="x" * 2000))
    client.post(FORM, REFERRAL)
    Client(enforce_csrf_checks=True).post(FORM, EVERY_ANSWER)
    assert ConsultationForm().fields is not ConsultationForm.base_fields
    assert fields() == before


def test_exactly_the_optional_questions_are_marked_optional():
    conditional = {"phone", "email", "voicemail_ok", "patient_agreed"}  # their hints say when they are needed
    for section in ConsultationForm().sections:
        for name, field in ((question.name, question.field) for question in section.questions):
            heading = f"{section.title}: {getattr(field, 'legend', field.label)}"
            if name in conditional:
                assert strip_tags(field.help_text).startswith("Needed "), f"say in the hint of {name} when it is needed"
            else:
                times = "nowhere" if field.required else "once, in its section's title or in its own label"
                assert heading.count("(optional)") == (not field.required), (
                    f"{name} is {'required' if field.required else 'optional'}, so say “(optional)” {times}: {heading!r}"
                )


@pytest.mark.parametrize(("name", "token"), [("full_name", "name"), ("phone", "tel"), ("email", "email")])
def test_browsers_can_autofill_name_phone_and_email(name, token):
    assert f'autocomplete="{token}"' in str(ConsultationForm()[name])


def test_the_consent_box_is_unchecked_and_shows_the_latest_wording(db, client):
    page = client.get(FORM).content.decode()
    assert "<input" in page
    assert not re.search(r"<input[^>]* checked", page)
    assert CONSENT_WORDINGS[CONSENT_VERSION] in page


def test_each_new_form_has_its_own_submission_key(db, client):
    pages = [client.get(FORM).content.decode() for _ in range(2)]
    keys = {re.search(r'<button[^>]* name="submission_key" value="([0-9a-f-]{36})"', page)[1] for page in pages}
    assert len(keys) == 2


def test_the_form_is_cached_for_back_alone_and_sets_only_the_csrf_cookie(db, client):
    answer = client.get(FORM)
    assert answer["Cache-Control"] == "private, no-cache"
    assert set(answer.cookies) == {"csrftoken"}
    assert set(client.get("/consultation/under-18/").cookies) == {"csrftoken"} - set(answer.cookies)


# --- Validation


def problems(answers: Posted) -> dict[str, str]:
    """Return the form's error messages, keyed by field name."""
    return {re.sub("^id_|_0$", "", field): words for field, words in ConsultationForm(posted(answers)).problems}


def posted(answers: Posted) -> QueryDict:
    """Return the answers as Django receives them from a browser."""
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_an_error_reads_the_same_in_the_summary_and_beside_its_field(db, client):
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


def test_a_form_with_an_error_keeps_what_was_typed(db, client):
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
        ({"topic": [], "best_time": "", "note": ""}, set()),
        ({"topic": ["anxious", "ptsd"]}, set()),
        ({"topic": "anxiety"}, set()),  # "Anxiety or PTSD", on a form that was opened before the two were apart
        ({"contact_by": "", "phone": ""}, {"contact_by"}),
        ({"contact_by": "pigeon", "topic": "weather"}, {"contact_by", "topic"}),
        ({"full_name": "x" * 101, "note": "x" * 1001}, {"full_name", "note"}),
        ({"full_name": "x" * 100, "note": "x\r\n" * 500}, set()),
        ({"full_name": "   "}, {"full_name"}),
        ({"full_name": "\u200b\u3164"}, {"full_name"}),
        ({"full_name": "\x00\x1b\ud800"}, {"full_name"}),
        ({"full_name": "."}, {"full_name"}),
        ({"full_name": "-?_'"}, {"full_name"}),
        ({"full_name": "\U0001f600"}, set()),
        ({"full_name": "李"}, set()),
        ({"email": "root@localhost"}, {"email"}),
        ({"email": "nobody"}, {"email"}),
        ({"email": "x" * 250 + "@example.com"}, {"email"}),
        (REFERRAL, set()),
        (REFERRAL | {"patient_agreed": ""}, {"patient_agreed"}),
        (REFERRAL | {"practice": "", "direct_line": ""}, set()),
        (REFERRAL | {"phone": ""}, set()),
        (REFERRAL | {"phone": "", "direct_line": ""}, {"phone"}),
        (REFERRAL | {"phone": "", "contact_by": "text"}, {"phone"}),
        (REFERRAL | {"phone": "", "direct_line": "12"}, {"direct_line"}),
        (REFERRAL | {"practice": "x" * 101, "direct_line": "x" * 101}, {"practice", "direct_line"}),
        ({"practice": "x" * 101, "direct_line": "12", "patient_agreed": "on"}, set()),
        ({"direct_line": "618 555 0155", "phone": ""}, {"phone"}),
        ({"asking_for": "", "practice": "x" * 101}, {"asking_for"}),
        ({"needs": []}, set()),
        ({"needs": ["spanish", "a pony"]}, {"needs"}),
        ({"full_name": "رشيد \U0001f98a O'Brien <b>\"'; DROP TABLE x; --"}, set()),
    ],
)
def test_the_form_reports_missing_and_invalid_answers_and_no_others(answers, complaints):
    assert set(problems(sent_form(**answers))) == complaints


CONTROL_CHARACTERS = "".join(map(chr, [*range(9), *range(0x0E, 0x20), 0x7F, 0xD800, 0xDFFF]))


def test_a_bad_number_beside_a_wish_for_email_may_be_deleted():
    email = {"contact_by": "email", "email": "pat@example.com"}
    asks = "Correct your phone number or delete it, because you chose email"
    assert problems(sent_form(**email, phone="618 555 012")) == {"phone": asks}
    assert problems(sent_form(**email, phone="")) == {}
    assert problems(sent_form(contact_by="text", phone="618 555 012"))["phone"] != asks


@pytest.mark.parametrize("name", ["full_name", "practice", "direct_line", "phone", "email", "note"])
def test_pasted_control_characters_are_dropped(name):
    typed = EVERY_ANSWER[name]
    for answer in (CONTROL_CHARACTERS + typed, typed[:3] + CONTROL_CHARACTERS + typed[3:], typed + CONTROL_CHARACTERS):
        form = ConsultationForm(posted(EVERY_ANSWER | {name: answer}))
        assert form.problems == []
        assert form.content[name] == typed


def test_every_kind_of_line_break_becomes_the_same_one():
    form = ConsultationForm(posted(sent_form(note="a\r\nb\rc\x0bd\x0ce\tf", phone="618\x0b555\x0c0100")))
    assert form.problems == []
    assert form.content["note"] == "a\nb\nc\nd\ne\tf"


def test_each_phone_number_has_its_own_error_message():
    faults = problems(sent_form(**REFERRAL | {"phone": "618 555 012", "direct_line": "618 555 O155"}))
    assert faults["phone"].startswith("Check the phone number: it has 9 digits")
    assert faults["direct_line"].startswith("Check your direct line: replace the letter O")
    missing = problems(sent_form(**REFERRAL | {"phone": "12", "direct_line": "12"}))
    assert missing["phone"].startswith("Enter a phone number with its area code")
    assert missing["direct_line"].startswith("Enter your direct line with its area code")


@pytest.mark.parametrize(
    "phone",
    ["618 555 0100", "(618) 555-0100", "+1 (618) 555.0100 ext 12", "6185550100x12", "+44 20 7946 0958", "618/555-0100"]
    + ["\u202d+1 (618) 555‑0100\u202c", "6185550100,,45#", "(618) 555-0133 ext. 45 or (618) 555-0144 ext. 46"],
)
def test_a_phone_number_is_stored_as_it_was_typed(phone):
    form = ConsultationForm(posted(sent_form(phone=phone)))
    assert form.is_valid()
    assert form.content["phone"] == phone


@pytest.mark.parametrize("phone", ["555-0100", "555-0136 x45", "call me", "618 555 01OO", "1" * 16])
def test_an_invalid_phone_number_is_rejected(phone):
    assert set(problems(sent_form(phone=phone))) == {"phone"}


@pytest.mark.parametrize(
    "email", ["mailto:pat@example.com", "Pat <pat@example.com>", "pat@example.com,", "pat@example.com\u200b"]
)
def test_an_email_address_is_stored_as_it_was_typed(email):
    form = ConsultationForm(posted(sent_form(email=email)))
    assert form.is_valid()
    assert form.content["email"] == email


# --- Referrals and needs


def test_a_referral_stores_who_the_clinician_is(db, client):
    client.post(FORM, sent_form(**REFERRAL))
    request = only_request()
    assert (request.practice, request.direct_line) == (REFERRAL["practice"], REFERRAL["direct_line"])
    assert request.patient_agreed is True


@pytest.mark.parametrize("asking_for", ["myself", "someone-else"])
def test_answers_for_clinicians_are_dropped_from_other_requests(db, client, asking_for):
    client.post(FORM, sent_form(**REFERRAL | {"asking_for": asking_for}))
    request = only_request()
    assert (request.practice, request.direct_line, request.patient_agreed) == ("", "", None)


def test_exactly_the_questions_for_clinicians_say_so_and_are_hidden():
    form, rules = ConsultationForm(), (settings.BASE_DIR / "static/css/forms.css").read_text()
    of_clinicians = {name for name in form.fields if f'class="{FOR_CLINICIANS}"' in str(form[name])}
    assert of_clinicians == set(REFERRAL) - {"asking_for"}
    assert {
        name for name, field in form.fields.items() if "referring a patient" in str(field.help_text)
    } == of_clinicians
    hiding = next(
        rule for rule in rules.split("}") if "clinicians" in rule and rule.endswith("{\n    display: none;\n  ")
    ).partition("*/")[2]
    selector = f'form:not(:has([value="{ConsultationRequest.AskingFor.PATIENT}"]:checked)) .field:not(.field--error)'
    assert f"{selector}:has(.{FOR_CLINICIANS})," in hiding


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("full_name", "Please shorten your name to 100 characters"),
        ("phone", "Please shorten your phone number to 80 characters"),
        ("email", "Please shorten your email address to 254 characters"),
        ("practice", "Please shorten the name of your practice to 100 characters"),
        ("direct_line", "Please shorten your direct line to 80 characters"),
        ("language", "Please shorten the language to 60 characters"),
        ("note", "Please shorten your note to 1,000 characters"),
    ],
)
def test_an_answer_that_is_too_long_is_asked_to_be_shortened(name, words):
    assert problems(sent_form(**EVERY_ANSWER | {name: "x" * 1001})) == {name: words}


def test_every_question_with_a_limit_has_a_message_in_plain_words():
    limited = {name for name, field in ConsultationForm.base_fields.items() if getattr(field, "max_length", None)}
    assert {"full_name", "note"} <= limited
    for name in limited:
        message = ConsultationForm()[name].field.error_messages.get("max_length", "")
        assert re.match(r"Please shorten .+ to [\d,]+ characters$", message), (
            f"give {name} an error message for max_length, such as “Please shorten your note to 1,000 characters”"
        )


def test_the_consent_is_asked_for_with_the_days_after_which_answers_are_erased(db, client, settings):
    settings.RETENTION_DAYS = 77
    page = client.get(FORM).content.decode()
    asked = page.partition("Before you send it")[2]
    assert "We erase your answers 77 days after your request is closed." in re.sub("<[^>]+>", "", asked)
    assert "<legend>May we keep your answers and contact you?</legend>" in asked


def test_with_errors_the_form_leaves_out_its_introduction(db, client):
    introduction = "Tell us how to reach you."
    assert introduction in client.get(FORM).content.decode()
    page = client.post(FORM, sent_form(full_name="")).content.decode()
    assert introduction not in page
    assert 'href="sms:988">Text 988</a>' in page
    assert re.search(r'<details>\s*<summary><span><span lang="es">Español</span>, chat', page)


def test_the_form_asks_nothing_about_a_clinicians_patient_but_the_age():
    labels = {field.name: field.label.lower() for field in ConsultationForm().visible_fields()}
    assert re.findall(r">([^<]+)<", labels.pop("age_ok")) == [
        "are you 18 or older?",
        *("is ", "the person who would be treated", "your patient", " 18 or older?"),
    ]
    asked = " ".join(labels.values())
    assert "my patient agreed" in asked
    assert asked.count("patient") == 1


def test_a_missing_agreement_says_what_to_do():
    missing = problems(sent_form(**REFERRAL | {"patient_agreed": ""}))["patient_agreed"]
    assert missing == "Confirm that your patient agreed to this referral"


def test_needs_are_stored_in_one_order_however_they_were_sent(db, client):
    client.post(FORM, sent_form(needs=["step-free", "spanish", "spanish"]))
    assert only_request().needs == "spanish,step-free"
    assert only_request().shown("needs")[1] == "Spanish, with an interpreter, Step-free access"


def test_several_topics_are_stored_and_shown_again(db, client):
    client.post(FORM, sent_form(topic=["ptsd", "pain"]))
    assert only_request().shown("topic")[1] == "Chronic pain, PTSD"
    form = ConsultationForm.to_change(only_request())
    assert re.findall(r'value="(\w+)"[^>]* checked', str(form["topic"])) == ["pain", "ptsd"]


def test_anxiety_and_ptsd_are_offered_apart_only():
    offered = re.findall(r'name="topic" value="(\w+)"', str(ConsultationForm()["topic"]))
    assert set(Topic.values) - set(offered) == {Topic.ANXIETY_OR_PTSD}


def test_a_form_with_an_error_keeps_every_answer_of_a_clinician(db, client):
    page = unescape(client.post(FORM, sent_form(**EVERY_ANSWER | {"full_name": ""})).content.decode())
    assert_keeps_every_answer(page)


def assert_keeps_every_answer(page: str) -> None:
    for name in ("practice", "direct_line", "email", "phone"):
        assert f'value="{EVERY_ANSWER[name]}"' in page
    chosen = re.findall(r'name="needs" value="([\w-]+)"[^>]* checked', page)
    assert chosen == EVERY_ANSWER["needs"]
    assert len(chosen) == 2
    for name in ("patient_agreed", "receipt_wanted", "consent"):
        assert re.search(rf'name="{name}"[^>]* checked', page), name


def test_a_form_that_was_not_sent_keeps_every_answer_of_a_clinician():
    form = ConsultationForm.as_typed(posted(sent_form(**EVERY_ANSWER)))
    assert form["interpreter"].value() == ["language"]
    assert_keeps_every_answer(unescape("".join(str(form[name]) for name in form.fields)))


def test_what_people_type_is_shown_in_its_own_direction():
    form = ConsultationForm()
    typed = [name for name, field in form.fields.items() if isinstance(field, CharField)]
    assert {"full_name", "practice", "note", "phone", "email"} < set(typed)
    assert [name for name in typed if 'dir="auto"' not in str(form[name])] == []


@pytest.mark.parametrize("others", [{}, {"full_name": "", "consent": "", "phone": "12"}])
def test_a_form_for_a_minor_is_not_stored_and_a_page_explains_why(db, client, others):
    answer = client.post(FORM, sent_form(age_ok="no", **others), follow=True)
    assert answer.redirect_chain == [(reverse("consultations:under_18"), 302)]
    assert "Nothing that you wrote was stored" in answer.content.decode()
    assert not ConsultationRequest.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(db, client, method):
    assert getattr(client, method)(FORM).status_code == 405


def test_a_request_body_over_the_limit_is_refused(db, client):
    assert client.post(FORM, sent_form(note="x" * 300_000)).status_code == 413


@pytest.mark.parametrize("page", ["received", "withdraw"])
@pytest.mark.parametrize("token", ["x", "K7MB4P9X", "K7MB4P9X:forged", "%00", "\U0001f98a"])
def test_an_unsigned_receipt_or_withdrawal_url_returns_404(db, client, page, token):
    assert client.get(f"/consultation/{page}/{token}/").status_code == 404


def test_a_receipt_token_does_not_open_the_withdrawal_page(db, client):
    client.post(FORM, sent_form())
    withdraw = only_request().receipt_url.replace("received", "withdraw")
    assert client.get(withdraw).status_code == 404


# --- Arbitrary text

texts = st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(string.printable)))


several = hypothesis_settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
addresses = (f"2001:db8:{number:x}::1" for number in itertools.count())


def send_from_anywhere(answers: Posted) -> int:
    """Post the form from a new IP address, to avoid the rate limit, and return the status code."""
    return Client(REMOTE_ADDR=next(addresses)).post(FORM, answers).status_code


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(ConsultationForm.base_fields, texts)))
@several
def test_no_text_in_any_field_crashes_the_form(db, answers):
    assert send_from_anywhere(sent_form(**answers)) in (302, 422)


def pasted(text: str) -> str:
    """Return a text as it is stored."""
    text = text.replace("\r\n", "\n")
    breaks = text.translate(dict.fromkeys(map(ord, "\r\x0b\x0c"), "\n"))
    return "".join(character for character in breaks if character not in CONTROL_CHARACTERS).strip()


@given(full_name=texts, note=texts, email=st.emails(domains=st.just("example.com")))
@several
def test_an_accepted_answer_reads_back_unchanged(db, full_name, note, email):
    typed = sent_form(full_name=full_name, note=note, email=email)
    assume(send_from_anywhere(typed) == 302)
    request = ConsultationRequest.objects.get(submission_key=typed["submission_key"])
    assert request.full_name == pasted(full_name)
    assert request.note == pasted(note)
    assert request.email == email
