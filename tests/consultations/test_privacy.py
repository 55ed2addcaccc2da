"""Tests of the privacy page's claims about retention, stored columns, scripts and cookies."""

import re
from html import unescape

import pytest

from consultations.encryption import encrypted_fields
from consultations.models import ConsultationRequest
from tests.site.test_site import public_paths

# The privacy page's words for each stored column.
ENCRYPTED = {
    "full_name": "your name",
    "phone": "phone number",
    "email": "email address",
    "practice": "your practice",
    "direct_line": "your direct line",
    "needs": "what would make it easier to talk with us",
    "language": "the language you want an interpreter for",
    "topic": "what you would like to talk about",
    "note": "your note",
}
PLAIN = {
    "asking_for": "who you ask for",
    "contact_by": "how and when to contact you",
    "best_time": "how and when to contact you",
    "voicemail_ok": "whether we may leave a voicemail",
    "receipt_wanted": "whether you want a confirmation by email",
    "patient_agreed": "that your patient agreed",
}
# The privacy page's words for what staff and the site add to a request.
ADDED = {
    "urgent": "reads as if you or someone else may be in danger, a program marks your request",
    "clinician_told_at": "each step that they took",
    "contact attempts": "when and how they tried to reach you",
    "steps": "each step that they took",
    "scheduled_at": "the day of your appointment",
    "Correction.changed": "which answers changed",
    "asked_again_at": "If you tell us that no one has reached you, we note when",
}
FINGERPRINTS = {"phone_hash": "phone number", "email_hash": "email address", "address_hash": "internet address"}


def words(client) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", client.get("/privacy/").content.decode())).split())


def test_the_privacy_page_states_the_retention_days_from_settings(client, settings):
    settings.RETENTION_DAYS, settings.SPAM_RETENTION_DAYS, settings.OPEN_TOO_LONG_DAYS = 77, 33, 55
    text = words(client)
    for promise in (
        "erased 77 days after your request is closed",
        "77 days after our staff close your request",
        "33 days after our staff mark a request as spam",
        "open for more than 55 days",
    ):
        assert promise in text


def test_the_privacy_page_names_every_stored_answer(client):
    unnamed = set(ConsultationRequest.CONTENT) - set(ENCRYPTED) - set(PLAIN)
    assert not unnamed, f"name {unnamed} in templates/pages/privacy.html, and here in ENCRYPTED or PLAIN"
    assert set(ENCRYPTED) | set(PLAIN) == set(ConsultationRequest.CONTENT)
    text = words(client)
    for name, sentence in (ENCRYPTED | PLAIN | FINGERPRINTS | ADDED).items():
        assert sentence in text, f"say on templates/pages/privacy.html that we store {name}: {sentence!r}"


def test_the_privacy_page_names_every_encrypted_and_every_hashed_column():
    by_staff = {"closed_words"}
    encrypted, named = {field.name for field in encrypted_fields(ConsultationRequest)}, set(ENCRYPTED) | by_staff
    new = encrypted - named
    assert not new, f"name {new} on the privacy page and in ENCRYPTED, or in `by_staff` if the patient never wrote it"
    assert not named - encrypted, f"{named - encrypted} is not encrypted: encrypt it, or don't say that it is"
    hashes = {field.name for field in ConsultationRequest._meta.fields if field.name.endswith("_hash")}
    assert hashes == set(FINGERPRINTS)


def test_public_pages_run_no_script_and_only_the_form_sets_a_cookie(db, client):
    cookies = {}
    for path in public_paths(client):
        answer = client.get(path)
        page = answer.content.decode()
        cookies |= dict.fromkeys(answer.cookies, path)
        scripts = re.findall(r"<script(?![^>]*application/ld\+json)[^>]*>", page)
        assert scripts == [], path
        assert re.findall(r'(?:src|srcset|poster)="(?:https?:)?//', page) == [], path
        assert re.findall(r'<link rel="(?:stylesheet|preload|icon)[^>]*href="(?:https?:)?//', page) == [], path
    assert cookies == {"csrftoken": "/consultation/"}


@pytest.mark.parametrize(
    ("fact", "title"),
    [
        ("privacy_practices_url", "Notice of privacy practices"),
        ("nondiscrimination_url", "Notice of nondiscrimination"),
        ("language_help_url", "Language help"),
    ],
)
def test_a_clinic_notice_is_linked_on_every_page_only_if_it_is_set(client, set_facts, fact, title):
    set_facts(notice_privacy_practices={}, notice_languages={})
    link = f'<a href="https://clinic.example/{fact}">{title}</a>'
    assert link not in client.get("/").content.decode()
    set_facts(**{fact: f"https://clinic.example/{fact}"})
    assert link in client.get("/").content.decode()
    assert client.get("/privacy/").content.decode().count(link) == 2
