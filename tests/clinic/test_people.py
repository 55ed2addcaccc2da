"""Tests of the clinic's people as facts, and of which review of an article may be shown."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinic.facts import FactErrors, cleaned, differences
from clinic.people import merged
from clinic.snapshot import Clinic

ANN = {"name": "Example Ann", "title": "MD", "responsible": True}
BEA = {"name": "Example Bea", "title": "Registered nurse"}
CHECKED = date(2026, 11, 22)


def clinic(day: date = CHECKED, *people: dict) -> Clinic:
    reviews = {"safety": {"name": "Example Ann", "day": day.isoformat()}}
    return Clinic.from_facts(cleaned({"people": list(people), "article_reviews": reviews}))


def test_people_keep_their_order_and_are_stored_in_one_format():
    stored = cleaned({"people": [BEA, ANN | {"text": " One \n line "}]})["people"]
    assert [row["name"] for row in stored] == ["Example Bea", "Example Ann"]
    assert stored[1]["text"] == "One line"
    assert {"name", "title", "role", "training", "text", "license_url", "responsible"} == set(stored[0])
    assert cleaned({"people": stored})["people"] == stored
    assert cleaned({"people": []}) == {}


@pytest.mark.parametrize(
    ("people", "complaint"),
    [
        ([ANN | {"name": " "}], "Enter a name"),
        ([ANN | {"name": "\u200b"}], "Enter a name"),
        ([ANN | {"name": "x" * 101}], "100 characters"),
        ([ANN | {"training": "x" * 201}], "200 characters"),
        ([ANN | {"text": "x" * 601}], "600 characters or fewer; this has 601"),
        ([ANN | {"title": ""}], "responsible licensee's title"),
        ([BEA], "Mark one person as the responsible licensee"),
        ([ANN, BEA | {"responsible": True}], "Mark one person as the responsible licensee"),
        ([ANN, BEA, BEA | {"name": "example  béa"}], "is here twice"),
        ([ANN] * 31, "at most 30"),
    ],
)
def test_invalid_people_are_rejected_with_the_reason(people, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned({"people": people})


@pytest.mark.parametrize(
    "url", ["https://idfpr.illinois.gov/licenselookup/", "https://online-dfpr.micropact.com/lookup/licenselookup.aspx"]
)
def test_a_link_to_the_states_license_lookup_is_kept_unchanged(url):
    assert cleaned({"people": [ANN | {"license_url": url}]})["people"][0]["license_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "http://idfpr.illinois.gov/licenselookup/",
        "https://idfpr.illinois.gov.example/",
        "https://idfpr.illinois.gov@clinic.example/",
        "https://clinic.example/idfpr.illinois.gov/",
        "https://idfpr.illinois.gov/a\\..\\b",
        "https://idfpr.illinois.gov",
        "//idfpr.illinois.gov/",
        "javascript:alert(1)",
        "https://[",
    ],
)
def test_a_license_link_that_leads_elsewhere_is_rejected(url):
    with pytest.raises(FactErrors, match="the state's license lookup"):
        cleaned({"people": [ANN | {"license_url": url}]})


# --- Which review is shown


def test_a_review_is_shown_from_the_day_of_the_articles_last_change():
    for days, shown in ((-1, False), (0, True), (1, True)):
        review = clinic(CHECKED + timedelta(days=days), ANN).review_of("safety", CHECKED)
        assert (review is not None) == shown, days
    assert review.person.name_and_title == "Example Ann, MD"


def test_an_article_edited_after_the_review_shows_no_reviewer():
    reviewed = clinic(CHECKED, ANN)
    assert reviewed.review_of("safety", CHECKED)
    assert reviewed.review_of("safety", CHECKED + timedelta(days=1)) is None


def test_a_review_is_of_one_article_only():
    assert clinic(CHECKED, ANN).review_of("history", CHECKED) is None


def test_a_review_by_someone_who_was_removed_or_renamed_is_not_shown():
    assert clinic(CHECKED).review_of("safety", CHECKED) is None
    assert clinic(CHECKED, BEA | {"responsible": True}).review_of("safety", CHECKED) is None
    assert clinic(CHECKED, ANN | {"name": "Example Anna"}).review_of("safety", CHECKED) is None


def test_a_retired_reviewer_in_an_old_edition_is_loaded_and_reviews_nothing():
    old = Clinic.from_facts({"phone": "(618) 555-0100", "reviewer": "Example Ann", "reviewer_title": "MD"}, 4)
    assert (old.phone, old.people, old.responsible_licensee) == ("(618) 555-0100", (), None)
    assert old.review_of("safety", CHECKED) is None


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ({"name": "Example Ann", "day": ""}, "Enter the day"),
        ({"name": "Example Ann", "day": "soon"}, "Enter the day"),
        ({"name": "", "day": "2026-11-22"}, "Enter a name"),
        ({"name": "Example Ann", "day": f"{timezone.localdate() + timedelta(days=2)}"}, "in the future"),
    ],
)
def test_an_invalid_review_is_rejected_with_the_reason(record, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned({"article_reviews": {"safety": record}})


# --- Two edits, and changes in words


def test_two_edits_of_the_people_are_merged_person_by_person():
    cal = {"name": "Example Cal"}
    renamed = BEA | {"name": "Example Beatrice"}
    assert merged([ANN, BEA], [ANN, BEA, cal], [ANN | {"role": "x"}, BEA]) == [ANN | {"role": "x"}, BEA, cal]
    assert merged([ANN, BEA], [ANN | {"role": "x"}, BEA], [BEA, ANN]) == [BEA, ANN | {"role": "x"}]
    assert merged([ANN, BEA], [ANN], [ANN, BEA]) == [ANN]
    assert merged([ANN, BEA], [ANN, BEA], [ANN]) == [ANN]
    assert merged([ANN, BEA], [ANN, renamed], [ANN, BEA]) == [ANN, renamed]
    assert merged([ANN], [ANN | {"role": "theirs"}], [ANN | {"role": "mine"}]) == [ANN | {"role": "mine"}]


def test_the_history_describes_people_and_reviews_change_by_change():
    before = cleaned({"people": [ANN, BEA]})
    review = {"safety": {"name": "Example Ann", "day": "2026-11-22"}}
    cal = {"name": "Example Cal", "role": "Answers the phone"}
    after = cleaned({"people": [BEA | {"role": "Nurse"}, ANN, cal], "article_reviews": review})
    assert differences(before, after) == [
        "People: Example Cal (role Answers the phone) added",
        "People: Example Bea: role Nurse, was not set",
        "People: in the order Example Bea, Example Ann, Example Cal",
        "Reviews of articles: safety: reviewed by Example Ann on November 22, 2026, was no review",
    ]
    assert differences(before, {}) == ["People: Example Ann removed", "People: Example Bea removed"]
    assert differences({}, cleaned({"people": [ANN]})) == [
        "People: Example Ann (license title MD; responsible licensee yes) added"
    ]
