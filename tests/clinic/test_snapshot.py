"""Tests that the clinic's facts are parsed strictly and shown in the right form."""

from datetime import time

import pytest

from clinic.snapshot import Clinic, e164, parse_hours, parse_phone, review_url
from tests.site.test_site import run_python


@pytest.mark.parametrize(
    "written", ["(618) 555-0100", "618-555-0100", "618.555.0100", "1 618 555 0100", "+1 618 555 0100", "+16185550100"]
)
def test_every_way_to_write_a_phone_number_dials_the_same(written):
    assert e164(written) == "+16185550100"
    assert Clinic(phone=written).phone_uri == "tel:+16185550100"
    assert parse_phone(written) == written


def test_a_foreign_number_keeps_its_country_code():
    assert e164("+44 20 7946 0100") == "+442079460100"


@pytest.mark.parametrize(
    "written",
    ["555-0100", "618 555 010", "618 555 01000", "118 555 0100", "618 155 0100", "618 555 0100 ext 2", "call us", "+1"],
)
def test_a_number_that_cannot_be_dialed_is_refused(written):
    with pytest.raises(ValueError, match="CLINIC_PHONE"):
        parse_phone(written)


def test_a_missing_phone_number_has_no_link():
    assert parse_phone("") == ""
    assert Clinic().phone_uri == ""


def test_opening_hours_keep_their_schema_org_form():
    text = "Mo-Fr 09:00-17:00; Sa 09:00-12:30"
    hours = parse_hours(text)
    assert [part.schema_org for part in hours] == text.split("; ")
    assert [part.days_in_words for part in hours] == ["Monday to Friday", "Saturday"]
    assert (hours[1].opens, hours[1].closes) == (time(9), time(12, 30))


@pytest.mark.parametrize(
    "text",
    ["weekdays", "Mo-Fr", "Mo-Fr 9-5", "Fr-Mo 09:00-17:00", "Mo 17:00-09:00", "Mo 09:00-25:00", "Xx 09:00-17:00"],
)
def test_impossible_opening_hours_are_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_hours(text)


def test_the_map_link_needs_a_street():
    assert Clinic(postal_code="62901").map_url == ""
    url = Clinic(street="1 Example Street", postal_code="62901").map_url
    assert url.startswith("https://www.google.com/maps/search/?api=1&query=The%20Albany%20Clinic%2C%201%20Example%20")
    assert url.endswith("Illinois%2062901")


# --- The review link. It is printed on paper, so it must lead only to Google's reviews


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
    assert review_url(url, "") == url
    assert review_url(url, "ChIJexampleexample") == url


def test_a_place_id_alone_becomes_a_link_to_the_review_form():
    assert review_url("", "ChIJ-example_example").endswith("/local/writereview?placeid=ChIJ-example_example")
    assert review_url("", "") == ""


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
        " https://g.page/r/example/review",
        "https://g.page/r/exämple/review",
    ],
)
def test_a_review_link_that_could_lead_elsewhere_is_refused(url):
    with pytest.raises(ValueError, match="GOOGLE_REVIEW_URL"):
        review_url(url, "")


@pytest.mark.parametrize("place_id", ["ChIJ", "ChIJ example example", "ChIJexample&q=example", "https://g.page/r/1"])
def test_an_invalid_place_id_is_refused(place_id):
    with pytest.raises(ValueError, match="GOOGLE_PLACE_ID"):
        review_url("", place_id)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_REVIEW_URL", "https://www.google.com/url?q=https://clinic.example/"),
        ("GOOGLE_PLACE_ID", "not a place id"),
        ("CLINIC_PHONE", "555-0100"),
    ],
)
def test_the_site_does_not_start_with_a_wrong_fact_and_names_it(name, value):
    done = run_python("-c", "import albany_site.settings", **{"GOOGLE_REVIEW_URL": "", name: value})
    assert done.returncode != 0
    assert f"A fact about the clinic is not valid: {name}:" in done.stderr
