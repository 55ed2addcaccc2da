"""Tests of finding a request by reference, phone number or email address."""

import re

import pytest

from consultations.models import AccessLogEntry, ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, find, page_of

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


@pytest.mark.parametrize(
    "typed_in",
    [
        "618-555-0123",
        "+1 618 555 0123 ext. 4",
        "\u202d618\u2011555\u20110123,4",
        "SOME.ONE@EXAMPLE.COM ",
        "<some.one@example.com\u200b>",
        "reference",
        "reference in groups",
    ],
)
def test_a_reference_phone_or_email_opens_the_only_match(desk, typed_in):
    asked = consultation(phone="(618) 555-0123", email="some.one@example.com")
    spelled = {
        "reference": asked.reference.lower(),
        "reference in groups": f"{asked.reference[:4]}–{asked.reference[4:]}.",
    }
    answer = find(desk, spelled.get(typed_in, typed_in))
    assert answer.headers["Location"] == page_of(asked)


def test_several_matches_are_listed_by_reference_only(desk):
    two = [consultation(phone="618 555 0123", status=status) for status in (Status.NEW, Status.CLOSED)]
    consultation(phone="618 555 0199")
    answer = find(desk, "6185550123")
    assert re.fullmatch(rf"{LIST}\?reference__in=[A-Z0-9]{{8}},[A-Z0-9]{{8}}", answer.headers["Location"])
    html = desk.get(answer.headers["Location"]).content.decode()
    assert set(re.findall(r'change/[^"]*">(\w{8})', html)) == {asked.reference for asked in two}


def test_search_terms_are_in_no_url_page_log_or_access_log(desk, caplog):
    for words in ("Zebedee Example", "zeb@example.com", "618 555 0177"):
        answer = find(desk, words)
        shown = desk.get(answer.headers["Location"]).content.decode()
        kept = answer.headers["Location"] + shown + caplog.text + str(list(AccessLogEntry.objects.values()))
        assert words not in kept
        assert "Nobody was found" in shown


def test_an_empty_search_finds_nothing(desk):
    consultation(phone="", email="", contact_by="call")
    assert find(desk, "  ").headers["Location"] == LIST


def test_a_search_must_be_a_post(desk):
    assert desk.get(LIST + "find/?find=618+555+0123").status_code == 405
