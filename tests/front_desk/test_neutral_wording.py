"""Tests of the wording for voicemails, texts and emails, and of the links that it prefills."""

from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic import snapshot
from consultations.models import ConsultationRequest
from front_desk import labels, neutral_wording
from front_desk.neutral_wording import HELP, prefilled, wording
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of

pytestmark = pytest.mark.django_db

# Words that would tell someone else what the request is about, or that it is for a clinic.
TELLING = ("ketamine", "infusion", "iv ", "treatment", "therapy", "depress", "anxiety", "ptsd", "pain", "mood")
TELLING = (*TELLING, "mental", "patient", "consultation", "appointment", "clinician", "doctor", "alex", "example two")
Topic = ConsultationRequest.Topic


def every_request() -> list[ConsultationRequest]:
    facts = product(
        ("call", "text", "email"),
        (True, False, None),
        (True, False),
        ("myself", "someone-else", "patient"),
        ["", *Topic.values],
        ("", "spanish,relay", "text-only"),
    )
    return [
        ConsultationRequest(
            full_name="Alex Example Two",
            contact_by=way,
            voicemail_ok=voicemail_ok,
            urgent=urgent,
            asking_for=asking_for,
            topic=topic,
            needs=needs,
            note="Ketamine infusion for my depression",
            practice="Example Pain Practice",
            phone="(618) 555-0100",
            email="alex@example.com",
        )
        for way, voicemail_ok, urgent, asking_for, topic, needs in facts
    ]


@pytest.mark.parametrize("phone", ["", "(618) 555-0100"])
@pytest.mark.parametrize("name", ["", "Dana", "{your first name}"])
@pytest.mark.parametrize("refused", [True, False])
def test_no_wording_says_what_a_request_is_about(set_facts, phone, name, refused):
    set_facts(phone=phone)
    clinic = snapshot.Clinic.name
    for asked in every_request():
        words = wording(asked, name, refused=refused)
        for text in (*words, neutral_wording.SUBJECT):
            plain = text.lower().replace(clinic.lower(), "")
            assert [word for word in (*TELLING, "clinic") if word in plain] == []
            assert asked.reference not in words.voicemail + words.text
        may_name = asked.voicemail_ok is True and not refused
        assert (clinic in words.voicemail, clinic in words.text) == (may_name, may_name)
        assert (clinic in words.email) == (not refused)
        assert all((HELP in text) == asked.urgent for text in words)
        assert all((phone in text) and (name in text) for text in words)
        assert all("  " not in text and " ." not in text for text in words)


def test_the_wording_reads_like_this(set_facts):
    set_facts(phone="(618) 555-0100")
    asked = ConsultationRequest(voicemail_ok=True, reference="K7MB4P9X")
    assert wording(asked, "Dana", refused=True).voicemail == (
        "Hello, this is Dana. I am getting back to you. Please call me at (618) 555-0100. Thank you."
    )
    assert wording(asked, "", refused=True).text == (
        "Hello. I am getting back to you. Please call me at (618) 555-0100."
    )
    assert wording(asked, "Dana", refused=False).email == (
        "Hello, this is Dana from The Albany Clinic. I am getting back to you. "
        "Please call me at (618) 555-0100, or answer this email.\r\n\r\nYour reference is K7MB4P9X.\r\n\r\nDana"
    )


@pytest.mark.parametrize("name", ["Dana", "D&A? #1 100% =é\r\nBcc: a@example.com"])
@pytest.mark.parametrize("address", ["a@example.com", "a?bcc=b&c%0d%0ad#e@example.com", "a+b@example.com"])
def test_a_message_link_has_the_wording_and_no_other_header(address, name):
    asked = consultation(contact_by="text", email=address)
    words = wording(asked, name, refused=False)
    links = {link.way: prefilled(link, words).uri for link in labels.contact_links(asked)}
    email = urlsplit(links["email"])
    assert parse_qs(email.query, strict_parsing=True) == {"subject": ["Your message to us"], "body": [words.email]}
    assert (email.scheme, email.fragment) == ("mailto", "")
    assert not set("?&#") & set(email.path)
    text = urlsplit(links["text"])
    assert (text.scheme, text.path) == ("sms", "+16185550100")
    assert parse_qs(text.query, strict_parsing=True) == {"body": [words.text]}
    for uri in links.values():
        assert uri.isascii()
        assert "+" not in uri.partition("?")[2]  # some programs don't read it as a space


def test_the_page_shows_the_wording_with_the_first_name_of_who_is_signed_in(desk, dana):
    asked = consultation(contact_by="text", email="a@example.com")
    html = desk.get(page_of(asked)).content.decode()
    assert "Hello, this is {your first name} from The Albany Clinic." in html
    assert "%7Byour" not in html
    dana.first_name = "Dana"
    dana.save()
    html = desk.get(page_of(asked)).content.decode()
    assert "Hello, this is Dana from The Albany Clinic." in html
    assert "sms:+16185550100?body=Hello%2C%20this%20is%20Dana" in html
    assert "mailto:a@example.com?subject=Your%20message%20to%20us&amp;body=Hello" in html


def test_the_wording_follows_the_stricter_of_two_answers_about_voicemail(desk):
    asked, _ = consultation(email="a@example.com"), consultation(voicemail_ok=False)
    html = desk.get(page_of(asked)).content.decode()
    said = html.partition("<dt>Voicemail</dt>")[2].partition("</dl>")[0]
    assert "Hello, this is {your first name}." in said
    assert "Albany" not in said


def test_a_message_to_someone_who_may_be_in_danger_says_where_to_get_help(desk):
    asked = consultation(contact_by="text", urgent=True, email="a@example.com")
    html = desk.get(page_of(asked)).content.decode()
    links = [part.partition('"')[0] for part in html.split('href="')[1:] if part.startswith(("sms:", "mailto:"))]
    assert len(links) == 4
    assert all("call%20or%20text%20988" in link and "call%20911" in link for link in links)
