"""Tests of the search: by part of a name, phone number or email address, or by the start of a reference."""

import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import Status
from front_desk import search
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST, find, page_of

pytestmark = pytest.mark.django_db


def found(desk, words: str) -> set[str]:
    """Return the references in the list of matches."""
    answer = find(desk, words)
    assert answer.status_code == 200
    return set(re.findall(r"<code>(\w{8})</code>", answer.content.decode()))


@pytest.mark.parametrize(
    "typed_in",
    [
        "618-555-0123",
        "+1 618 555 0123 ext. 4",
        "tel:6185550123",
        "SOME.ONE@EXAMPLE.COM ",
        "k7mb4p9x",
        "K7MB-4P9X",
        "K7MB 4P9X.",
    ],
)
def test_a_whole_reference_phone_or_email_opens_the_only_match(desk, typed_in):
    asked = consultation(phone="(618) 555-0123", email="some.one@example.com", reference="K7MB4P9X")
    consultation(phone="(618) 555-0199")
    assert find(desk, typed_in).headers["Location"] == page_of(asked)


@pytest.mark.parametrize(
    "typed_in",
    [
        "jose",
        "JOSÉ",
        "Nunez",
        "nuñez, josé",
        "an josé",
        "0123",
        "555-01",
        "(618) 555",
        "+1 618 555",
        "some.o",
        "one@exam",
    ],
)
def test_any_part_of_a_name_phone_or_email_finds_the_request(desk, typed_in):
    asked = consultation(full_name="José Ángel Juan Núñez", phone="(618) 555-0123", email="some.one@example.com")
    consultation(full_name="Alex Example", phone="(573) 444-0999", email="alex@example.org")
    assert found(desk, typed_in) == {asked.reference}


@pytest.mark.parametrize(
    ("stored", "typed_in"),
    [
        *[
            ("María O’Connor-López", each)
            for each in (
                "oconnor lopez",
                "O'Connor-Lopez",
                "connor",
                "lopez maria",
                "lop  mar",
                "oconnorlopez",
                "López, María",
            )
        ],
        ("Maria  Oconnor", "o'connor"),
        ("Jean–Luc Example", "jean luc"),
        ("Jean Luc Example", "jean-luc"),
        ("St. John Example", "st john"),
        ("St John Example", "St. John"),
    ],
)
def test_signs_accents_spaces_and_the_order_of_words_do_not_matter_in_a_name(desk, stored, typed_in):
    asked = consultation(full_name=stored)
    consultation(full_name="Alex Other")
    answer = find(desk, typed_in).content.decode()
    assert re.findall(r"<code>(\w{8})</code>", answer) == [asked.reference]
    assert "Similar names" not in answer


@pytest.mark.parametrize("typed_in", ["conor", "marai", "oconor lopes", "Mariah Connor", "lopezz"])
def test_a_misspelled_name_is_answered_with_similar_names(desk, typed_in):
    asked = consultation(full_name="Maria O'Connor-Lopez")
    consultation(full_name="Alex Example")
    html = find(desk, typed_in).content.decode()
    assert "No matches." in html
    assert re.findall(r"<code>(\w{8})</code>", html.partition("<h2>Similar names</h2>")[2]) == [asked.reference]
    assert AccessLogEntry.objects.get().references == asked.reference


def test_the_five_most_similar_names_are_shown(desk):
    nearest = consultation(full_name="Catherine Sample")
    for _ in range(6):
        consultation(full_name="Kathrine Sampel")
    shown = found(desk, "catherinne sample")
    assert nearest.reference in shown
    assert len(shown) == 5


def test_neither_a_number_nor_an_email_address_has_similar_names(desk):
    consultation(full_name="Example 5550177", email="some.one@example.com", phone="(618) 555-0123")
    for typed_in in ("555 0178", "some.one@example.con"):
        assert "Similar names" not in find(desk, typed_in).content.decode()


@pytest.mark.parametrize("typed_in", ["K7MB", "k7mb", "Ref. K7MB-4", "K7MB4P9"])
def test_the_first_four_characters_of_a_reference_find_the_request(desk, typed_in):
    asked = consultation(reference="K7MB4P9X")
    consultation(reference="K7MC4P9X")
    assert found(desk, typed_in) == {asked.reference}


def test_the_start_of_a_reference_may_also_be_part_of_a_number(desk):
    asked = [consultation(reference="5553K7MB"), consultation(phone="618 555 3100"), consultation()]
    assert found(desk, "5553") == {one.reference for one in asked[:2]}


def test_a_referring_clinician_is_found_by_their_direct_line(desk):
    asked = consultation(asking_for="patient", phone="", direct_line="(618) 555-0188")
    consultation()
    assert found(desk, "0188") == {asked.reference}


@pytest.mark.parametrize("typed_in", ["01", "-", "zzz", "0000", "K7M", "7MB4P9X", "@@"])
def test_no_match_shows_no_list_and_says_what_can_be_searched(desk, typed_in):
    consultation(phone="(618) 555-0123", email="", reference="K7MB4P9X")
    html = find(desk, typed_in).content.decode()
    assert "No matches." in html
    assert "at least three digits of a phone number" in html
    assert "result_list" not in html


@pytest.mark.parametrize("typed_in", ["", "  "])
def test_an_empty_search_is_told_what_to_type(desk, typed_in):
    consultation()
    html = find(desk, typed_in).content.decode()
    assert "Type a name, a phone number or a reference." in html
    assert "No matches" not in html
    assert "result_list" not in html


def test_several_matches_are_listed_newest_first(desk):
    two = [consultation(phone="618 555 0123", status=status) for status in (Status.NEW, Status.CLOSED)]
    consultation(phone="618 555 0199")
    html = find(desk, "6185550123").content.decode()
    assert re.findall(r"<code>(\w{8})</code>", html) == [asked.reference for asked in reversed(two)]


def test_more_matches_than_fit_are_cut_off_and_said(desk):
    fill(search.MOST_FOUND + 5)
    html = find(desk, "example person").content.decode()
    assert html.count("<code>") == search.MOST_FOUND
    assert "There are more" in html


def test_an_erased_request_is_found_by_its_reference_only(desk):
    asked = consultation(full_name="Zebedee Example", status=Status.CLOSED)
    retention.erase(asked)
    assert found(desk, "zebedee") == set()
    assert find(desk, asked.reference).headers["Location"] == page_of(asked)


def test_a_search_reads_the_rows_of_erased_requests_neither_by_scan_nor_by_sort():
    fill(1000, status=Status.CLOSED, erased_at=timezone.now())
    consultation()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE consultations_consultationrequest")  # so that the planner knows how few are kept
    kept = ConsultationRequest.objects.filter(erased_at=None).order_by("-created_at").values("full_name")
    plan = kept.explain()
    assert "desk_search" in plan
    assert "TEMP B-TREE" not in plan  # SQLite's name of a sort


@pytest.mark.parametrize("typed_in", ["Zebedee Nobody", "zeb@example.com", "618 555 0177", "<b>zeb</b>", "Zebedee Exa"])
def test_what_was_typed_is_only_in_the_box(desk, caplog, typed_in):
    asked = consultation(full_name="Zebedee Example")
    consultation(full_name="Zebedee Example", phone="", email="other@example.com")
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        answer = find(desk, typed_in)
    html = answer.content.decode()
    escaped = typed_in.replace("<", "&lt;").replace(">", "&gt;")
    assert f'name="find" type="text" dir="auto" value="{escaped}"' in html
    outside = html.replace(escaped, "", 1).partition('id="result_list"')[0]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    stored = f"{sessions} {list(AccessLogEntry.objects.values())} {queries.captured_queries}"
    logged = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    for words in (typed_in, escaped):
        assert words not in outside + stored + logged + str(answer.headers) + answer.request["QUERY_STRING"]
    assert asked.reference not in answer.request["PATH_INFO"]


def test_a_search_is_logged_with_the_requests_it_shows(desk):
    asked = consultation(full_name="Zebedee Example")
    find(desk, "zebedee")
    entry = AccessLogEntry.objects.get()
    assert (entry.action, entry.references, entry.detail) == ("search", asked.reference, "")


def test_a_search_must_be_a_post(desk):
    consultation()
    assert desk.get(LIST + "find/?find=618+555+0100").headers["Location"] == LIST
    assert not AccessLogEntry.objects.filter(action="search").exists()
