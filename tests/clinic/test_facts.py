"""Tests that the clinic's facts are validated, normalized, and described in words for the history."""

from io import BytesIO

import pytest

from clinic import facts
from clinic.facts import FACTS, FactErrors, cleaned, differences, e164, review_url
from clinic.models import Picture
from clinic.picture_files import store
from clinic.snapshot import Clinic
from tests.helpers.photographs import photograph

WEEK = ["9 am - 5 pm"] * 5 + ["", ""]


@pytest.mark.parametrize(
    "written", ["(618) 555-0100", "618-555-0100", "618.555.0100", "1 618 555 0100", "+1 618 555 0100", "+16185550100"]
)
def test_a_phone_number_dials_the_same_however_it_is_written(written):
    assert e164(written) == "+16185550100"
    assert Clinic(phone=written).phone_uri == "tel:+16185550100"
    assert cleaned({"phone": written}) == {"phone": written}


def test_a_pasted_fact_is_stored_without_invisible_characters():
    pasted = {"phone": "\u202d618\u2011555\u20110100\u202c", "urgent_email": "<urgent@example.com>\u200b"}
    assert cleaned(pasted) == {"phone": "618-555-0100", "urgent_email": "urgent@example.com"}


def test_a_foreign_number_keeps_its_country_code():
    assert e164("+44 20 7946 0100") == "+442079460100"


@pytest.mark.parametrize(
    "written",
    ["555-0100", "618 555 010", "618 555 01000", "118 555 0100", "618 155 0100", "618 555 0100 ext 2", "call us", "+1"],
)
def test_a_number_that_cannot_be_dialed_is_rejected(written):
    with pytest.raises(FactErrors, match="can be dialed"):
        cleaned({"phone": written})


def test_without_a_phone_number_there_is_no_phone_link():
    assert cleaned({"phone": " "}) == {}
    assert Clinic().phone_uri == ""


def test_a_map_link_needs_a_street():
    assert Clinic(postal_code="62901").map_url == ""
    url = Clinic(street="1 Example Street", postal_code="62901").map_url
    assert url.startswith("https://www.google.com/maps/search/?api=1&query=The%20Albany%20Clinic%2C%201%20Example%20")
    assert url.endswith("Illinois%2062901")


def test_hours_are_stored_in_one_format():
    assert cleaned({"hours": WEEK})["hours"] == ["09:00-17:00"] * 5 + ["", ""]
    assert cleaned({"hours": [""] * 7}) == {}


@pytest.mark.parametrize(
    ("closure", "complaint"),
    [
        ({"first": ""}, "Enter the first day"),
        ({"first": "tomorrow"}, "Enter the first day"),
        ({"first": "2026-12-24", "last": "2026-12-23"}, "before the first"),
        ({"first": "2026-12-24", "last": "2028-01-28"}, "at most 180 days"),
        ({"first": "2026-12-24", "starts": "13:00"}, "both times"),
        ({"first": "2026-12-24", "starts": "13:00", "ends": "12:00"}, "ends before it starts"),
        ({"first": "2026-12-24", "reason": "x" * 101}, "100 characters"),
    ],
)
def test_an_invalid_closure_is_rejected_with_the_reason(closure, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned({"closures": [closure]})


@pytest.mark.parametrize(
    ("announcement", "complaint"),
    [
        ({"text": "x" * 201, "until": "2030-01-01T12:00"}, "200 characters"),
        ({"text": "Closed"}, "Enter the day and time"),
        ({"text": "Closed", "until": "soon"}, "Enter the end"),
        ({"text": "Closed", "until": "2020-01-01T12:00"}, "This time is in the past."),
        ({"text": "Ice", "since": "2030-01-02T00:00", "until": "2030-01-01T12:00"}, "The end is before the start."),
        ({"text": "Ice", "since": "soon", "until": "2030-01-01T12:00"}, "Enter the start as a day and a time."),
        ({"text": "Ice", "since": "2029-01-01T00:00Z", "until": "2030-01-01T12:00"}, "without a time zone"),
    ],
)
def test_an_invalid_announcement_is_rejected_with_the_reason(announcement, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned({"announcement": announcement})


def test_a_decision_about_a_day_that_is_not_a_holiday_is_rejected():
    with pytest.raises(FactErrors, match="not a federal holiday"):
        cleaned({"holidays": {"2026-11-25": "closed"}})


@pytest.mark.parametrize(
    "url",
    [
        "https://g.page/r/example/review",
        "https://search.google.com/local/writereview?placeid=ChIJexampleexample",
        "https://maps.app.goo.gl/example",
        "https://www.google.com/maps/place/example",
    ],
)
def test_googles_own_review_links_are_kept_unchanged(url):
    assert review_url(url) == url


def test_a_place_id_becomes_the_link_that_opens_the_review_form():
    assert review_url("ChIJ-example_example").endswith("/local/writereview?placeid=ChIJ-example_example")
    assert review_url("") == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://g.page/r/example/review",
        "https://g.page.example/r/review",
        "https://g.page@clinic.example/review",
        "https://g.page:8443/r/review",
        "//g.page/r/example/review",
        "g.page/r/example/review",
        "javascript:alert(1)",
        "https://www.google.com/url?q=https://clinic.example/",
        "https://www.google.com/maps/../url?q=https://clinic.example/",
        "https://www.google.com/maps/%2e%2e/url?q=https://clinic.example/",
        "https://www.google.com/maps/..\\url?q=https://clinic.example/",
        "https://g.page/r/exa\nmple/review",
        "https://g.page/r/exämple/review",
        "ChIJ",
        "ChIJ example example",
        "ChIJexample&q=example",
    ],
)
def test_a_review_link_that_could_lead_elsewhere_is_rejected(url):
    with pytest.raises(FactErrors, match="Google's own review link"):
        cleaned({"review_url": url})


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("postal_code", "6290", "ZIP code"),
        ("urgent_email", "someone", "email address"),
        ("manager_email", "root@localhost", "email address"),
        ("language_help_url", "http://clinic.example/", "https://"),
        ("street", "x" * 101, "100 characters"),
        ("street", "1 Example Street ☃", "can't print “☃”"),
        ("parking", "x" * 301, "300 characters or fewer; this has 301"),
    ],
)
def test_other_invalid_facts_are_rejected_with_the_reason(key, value, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned({key: value})


def test_an_unknown_fact_is_rejected_by_name():
    with pytest.raises(ValueError, match="no fact called 'fax'"):
        cleaned({"fax": "618"})


@pytest.mark.django_db
def test_every_fact_is_part_of_the_snapshot():
    door, room, person = (
        {"picture": store(BytesIO(photograph()), kind).key, "alt": "Example"} for kind in Picture.SHAPES
    )
    whole = {
        "hours": WEEK,
        "closures": [{"first": "2026-12-24"}],
        "holidays": {"2026-12-25": "closed"},
        "announcement": {"text": "New door", "until": "2090-01-01T12:00"},
        "closed_today": "2026-12-24",
        "review_url": "https://g.page/r/example/review",
        "phone": "(618) 555-0100",
        "urgent_email": "urgent@example.com",
        "reply_email": "desk@example.com",
        "manager_email": "manager@example.com",
        "prices": {"as_of": "2024-05-01", "rows": [{"what": "Infusion", "amount": "450"}]},
        "answer_night_number": "(618) 555-0101",
        "people": [{"name": "Example Person", "title": "MD", "responsible": True}],
        "article_reviews": {"safety": {"name": "Example Person", "day": "2026-11-22"}},
        "door_picture": door,
        "room_picture": room,
        "people_pictures": {"Example Person": person},
    } | {key: "https://clinic.example/" for key in facts.FACTS if key.endswith("_url") and key != "review_url"}
    example = {"effective": "2026-07-01", "texts": [{"language": "en", "text": "Example"}]}
    whole |= {key: example for key in facts.FACTS if key.startswith("notice_")}
    whole |= {key: "62901" for key in facts.FACTS if key not in whole}
    clinic = Clinic.from_facts(cleaned(whole), 3)
    assert {key for key in facts.FACTS if not clinic.facts.get(key)} == set()
    empty = Clinic()
    shown = [name for name in vars(clinic) if name not in ("facts", "edition")]
    assert [name for name in shown if getattr(clinic, name) == getattr(empty, name)] == []


def test_changes_between_editions_are_described_in_words():
    before = cleaned({"phone": "(618) 555-0100", "street": "1 Example Street"})
    after = cleaned({"phone": "(618) 555-0101", "closures": [{"first": "2026-12-24", "reason": "Christmas Eve"}]})
    assert differences(before, after) == [
        "Phone: (618) 555-0101, was (618) 555-0100",
        "Street address: not set, was 1 Example Street",
        "Closures: December 24, 2026 (Christmas Eve), was not set",
    ]
    assert differences(after, after) == []


def test_a_pasted_street_is_stored_in_signs_that_the_card_can_print():
    assert cleaned({"street": "1\u00a0St. Mary\u2019s Street \u2013 Suite B"}) == {
        "street": "1 St. Mary's Street - Suite B"
    }


def test_directions_become_one_paragraph():
    assert cleaned({"transit": " Example bus\r\n\r\nto the  corner "}) == {"transit": "Example bus to the corner"}


WRONG = [
    None,
    5,
    True,
    "x",
    "",
    [],
    {},
    [None],
    [5],
    ["x"],
    [[]],
    [{}],
    {"x": 5},
    {"x": {}},
    {"x": None},
    {"x": [None]},
]
NESTED = [{part: wrong} for part in ("rows", "texts", "text", "picture", "first", "name") for wrong in WRONG]


@pytest.mark.parametrize("key", FACTS)
def test_a_fact_of_any_wrong_type_is_refused_in_a_sentence(db, key):
    refused = 0
    for value in [*WRONG, *NESTED, *([each] for each in NESTED)]:
        try:
            cleaned({key: value})
        except ValueError as error:  # another type of exception would be a traceback
            refused += str(error).startswith(FACTS[key].label)
    assert refused >= 100
