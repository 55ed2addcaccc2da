"""Tests that deploy/ASVS.md names existing tests, and tests of requirements that no other test covers."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from consultations.models import ConsultationRequest
from tests.helpers.factories import sent_form
from tests.helpers.live_site import PROJECT
from tests.helpers.staff_members import PASSWORD, SIGN_IN, make_member, recovery_code


def rows() -> list[list[str]]:
    lines = (PROJECT / "deploy/ASVS.md").read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]


def test_every_test_named_in_the_asvs_list_exists():
    named = {name for row in rows() for name in re.findall(r"`(test_\w+)`", row[2])}
    found = set()
    for file in (PROJECT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)", file.read_text(), flags=re.MULTILINE))
    assert len(named) > 40
    assert named - found == set()


def test_each_requirement_names_a_test_or_says_why_it_is_not_met():
    assert len(rows()) > 40
    assert [
        row[0] for row in rows() if len(row) != 3 or not re.search(r"`test_|^(Not met|In part): .{20}", row[2])
    ] == []


def test_a_long_sentence_is_a_valid_password_and_a_common_one_is_not():
    validate_password("the river was quiet this morning")
    with pytest.raises(ValidationError, match="too common"):
        validate_password("1q2w3e4r5t6y7u8i9o0p")


def test_the_site_has_no_default_account(db):
    assert not User.objects.exists()


def test_signing_in_starts_a_new_session(db):
    dana, browser = make_member(), Client()
    browser.session.save()
    browser.cookies["sessionid"] = before = browser.session.session_key
    answer = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)}
    assert browser.post(SIGN_IN, answer).status_code == 302
    assert browser.session.session_key != before


def test_a_field_that_is_not_on_the_form_is_not_stored(db, client):
    forged = {"status": "closed", "reference": "AAAAAAAA", "spam_reasons": "none", "id": "7", "assigned_to": "1"}
    assert client.post("/consultation/", sent_form(**forged)).status_code == 302
    stored = ConsultationRequest.objects.get()
    assert (stored.status, stored.spam_reasons, stored.assigned_to) == ("new", "", None)
    assert stored.reference != "AAAAAAAA"
