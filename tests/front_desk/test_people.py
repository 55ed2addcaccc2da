"""Tests of the desk's pages for the clinic's people and for who reviewed an article."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from clinic.models import Edition
from pages.articles import ARTICLES
from tests.front_desk.test_clinic import opened as opened_clinic
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
CLINIC, PEOPLE, REVIEWS = "/staff/clinic/", "/staff/clinic/people/", "/staff/clinic/reviews/"
SAFETY = ARTICLES["safety"]
ANN = {"name": "Example Ann", "title": "MD", "responsible": "on"}
BEA = {"name": "Example Bea", "title": "Registered nurse"}
TODAY = timezone.localdate()


def opened(client, path: str = PEOPLE) -> dict[str, str]:
    """Return the form's fields with their values, as a browser would send them."""
    return fields(client.get(path).content.decode())


def fields(page: str) -> dict[str, str]:
    values = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        is_checkbox = attributes.get("type") == "checkbox"
        if is_checkbox and " checked" not in tag:
            continue
        if "name" in attributes and attributes["name"] != "csrfmiddlewaretoken":
            values[attributes["name"]] = attributes.get("value", "on" if is_checkbox else "")
    values |= {
        name: html.unescape(text) for name, text in re.findall(r'<textarea name="([\w-]+)"[^>]*>\n([^<]*)<', page)
    }
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = html.unescape(chosen[1]) if chosen else ""
    return values


def row(number: int, **parts: str) -> dict[str, str]:
    return {f"people-{number}-{part}": value for part, value in parts.items()}


def add(client, *people: dict[str, str]) -> None:
    for person in people:
        form = opened(client)
        form |= row(int(form["people-TOTAL_FORMS"]) - 1, **person)
        assert client.post(PEOPLE, form).status_code == 302


def names() -> list[str]:
    return [person["name"] for person in Edition.newest().facts.get("people", [])]


def record(client, slug: str = "safety", **typed: str):
    return client.post(f"{REVIEWS}{slug}/", opened(client, f"{REVIEWS}{slug}/") | typed)


def recorded() -> dict:
    return Edition.newest().facts.get("article_reviews", {})


def messages(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


# --- People


def test_a_manager_adds_people_and_the_form_keeps_every_part(manager):
    whole = ANN | {"role": "Doctor", "training": "Example School", "text": "Example & text"}
    whole["license_url"] = "https://idfpr.illinois.gov/licenselookup/"
    add(manager, whole, BEA)
    stored = Edition.newest().facts["people"]
    assert stored[0] == whole | {"responsible": True}
    assert (stored[1]["name"], stored[1]["responsible"]) == ("Example Bea", False)
    assert manager.post(PEOPLE, opened(manager)).status_code == 302
    assert Edition.objects.count() == 2, "saving without a change created an edition"


def test_each_person_is_headed_by_their_name_and_asked_for_once(manager):
    add(manager, ANN, BEA)
    page = manager.get(PEOPLE).content.decode()
    assert re.findall(r"<legend>(.*?)</legend>", page) == ["Example Ann", "Example Bea", "Someone new"]
    assert page.count('name="people-0-title"') == 1
    wrong = manager.post(PEOPLE, opened(manager) | row(0, name="")).content.decode()
    assert re.search(r'<li><a href="#id_people-0-name">[^<]+</a></li>', wrong)


def test_a_person_is_moved_to_exactly_the_typed_place(manager):
    add(manager, ANN, BEA, {"name": "Example Cal"})
    manager.post(PEOPLE, opened(manager) | row(0, position="2"))
    assert names() == ["Example Bea", "Example Ann", "Example Cal"]
    manager.post(PEOPLE, opened(manager) | row(2, position="1"))
    assert names() == ["Example Cal", "Example Bea", "Example Ann"]
    manager.post(PEOPLE, opened(manager) | row(0, position="9"))
    assert names() == ["Example Bea", "Example Ann", "Example Cal"]


def test_a_person_is_removed_by_the_checkbox_or_by_emptying_the_fields(manager):
    add(manager, ANN, BEA, {"name": "Example Cal"})
    manager.post(PEOPLE, opened(manager) | row(1, remove="on"))
    assert names() == ["Example Ann", "Example Cal"]
    manager.post(PEOPLE, opened(manager) | row(1, name=""))
    assert names() == ["Example Ann"]
    manager.post(PEOPLE, opened(manager) | row(0, remove="on"))
    assert "people" not in Edition.newest().facts


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        (row(1, name=" ", title="Typed title"), "Enter a name."),
        (row(1, name="Example Ann"), "is here twice"),
        (row(1, name="Example Bea", responsible="on"), "responsible licensee&#x27;s title"),
        (row(1, name="Example Bea", title="RN", responsible="on"), "Mark one person"),
        (row(1, name="Example Bea", text="x" * 601), "600 characters or fewer"),
        (row(1, name="Example Bea", license_url="https://clinic.example/"), "license lookup (https"),
        (row(1, name="Example Bea", position="first"), "Enter a number like 2."),
        (row(1, name="Example Bea", position="0"), "Enter 1 or more."),
    ],
)
def test_invalid_people_get_an_error_at_the_field_and_stay_in_the_form(manager, typed, complaint):
    add(manager, ANN)
    before = Edition.newest()
    answer = manager.post(PEOPLE, opened(manager) | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'class="field__error"[^>]*>[^<]*{re.escape(complaint)}', page)
    kept = fields(page)
    assert {name: kept[name] for name in typed} == typed
    assert Edition.newest() == before


def test_removing_the_responsible_licensee_alone_asks_for_another(manager):
    add(manager, ANN, BEA)
    answer = manager.post(PEOPLE, opened(manager) | row(0, remove="on"))
    assert answer.status_code == 422
    assert "Mark one person as the responsible licensee." in answer.content.decode()
    assert names() == ["Example Ann", "Example Bea"]


def test_a_broken_form_gets_an_error_and_changes_nothing(manager):
    add(manager, ANN)
    answer = manager.post(PEOPLE, {"edition": "1"})
    assert answer.status_code == 422
    assert "Nothing was saved yet" in answer.content.decode()
    assert names() == ["Example Ann"]


def test_a_conflicting_edit_of_the_people_loses_neither_managers_work(manager):
    add(manager, ANN, BEA)
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    manager.post(PEOPLE, opened(manager) | row(2, name="Example Cal") | row(1, role="Nurse"))
    answer = second.post(PEOPLE, stale | row(0, role="Doctor") | row(2, name="Example Dee"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "mora" in page
    assert "People: Example Cal added" in page
    assert "People: Example Bea: role Nurse, was not set" in page
    assert names() == ["Example Ann", "Example Bea", "Example Cal"]
    assert second.post(PEOPLE, fields(page)).status_code == 302
    people = {person["name"]: person["role"] for person in Edition.newest().facts["people"]}
    assert people == {"Example Ann": "Doctor", "Example Bea": "Nurse", "Example Cal": "", "Example Dee": ""}


def test_a_form_with_an_error_still_meets_the_conflict_afterwards(manager):
    add(manager, ANN)
    stale = opened(manager)
    manager.post(PEOPLE, opened(manager) | row(1, name="Example Cal"))
    page = manager.post(PEOPLE, stale | row(1, name="Example Ann")).content.decode()
    assert manager.post(PEOPLE, fields(page) | row(1, name="Example Dee")).status_code == 409
    assert names() == ["Example Ann", "Example Cal"]


def test_saving_the_other_facts_keeps_people_and_reviews(manager):
    add(manager, ANN)
    record(manager, name="Example Ann", day=f"{TODAY}")
    manager.post(CLINIC, opened_clinic(manager) | {"phone": "(618) 555-0100"})
    assert names() == ["Example Ann"]
    assert recorded() == {"safety": {"name": "Example Ann", "day": f"{TODAY}"}}
    assert Edition.newest().facts["phone"] == "(618) 555-0100"


# --- Reviews of articles


def test_a_manager_records_and_removes_the_review_of_one_article(manager):
    add(manager, ANN)
    assert record(manager, name="Example Ann", day=f"{TODAY}").status_code == 302
    assert recorded() == {"safety": {"name": "Example Ann", "day": f"{TODAY}"}}
    assert "Reviews of articles: safety: reviewed by Example Ann on " in Edition.newest().summary
    page = manager.get(REVIEWS).content.decode()
    assert page.count("Reviewed by Example Ann, MD on ") == 1
    record(manager, name="", day="")
    assert recorded() == {}


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"name": "Example Ann", "day": ""}, "Enter the day of the review."),
        ({"name": "", "day": f"{TODAY}"}, "Choose who reviewed it"),
        ({"name": "Example Ann", "day": f"{TODAY + timedelta(days=1)}"}, "in the future"),
        ({"name": "Example Ann", "day": f"{SAFETY.reviewed - timedelta(days=1)}"}, "after this day"),
        ({"name": "Example Ann", "day": "soon"}, "Enter a date"),
        ({"name": "Example Dee", "day": f"{TODAY}"}, "no longer one of the clinic&#x27;s people"),
    ],
)
def test_an_invalid_review_gets_an_error_and_is_not_recorded(manager, typed, complaint):
    add(manager, ANN)
    answer = record(manager, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    assert fields(page)["day"] == typed["day"]
    assert recorded() == {}


def test_an_article_that_does_not_exist_has_no_review_form(manager):
    assert manager.get(REVIEWS + "no-such-article/").status_code == 404


def test_two_managers_recording_at_once_lose_neither_review(manager):
    add(manager, ANN)
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second, REVIEWS + "history/")
    record(manager, name="Example Ann", day=f"{TODAY}")
    answer = second.post(REVIEWS + "history/", stale | {"name": "Example Ann", "day": f"{TODAY}"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Reviews of articles: safety: reviewed by Example Ann" in page
    assert "history" not in recorded()
    assert second.post(REVIEWS + "history/", fields(page)).status_code == 302
    assert set(recorded()) == {"safety", "history"}


def test_a_review_by_someone_removed_at_the_same_time_is_not_recorded(manager):
    add(manager, ANN, BEA)
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second, REVIEWS + "safety/")
    manager.post(PEOPLE, opened(manager) | row(1, remove="on"))
    answer = second.post(REVIEWS + "safety/", stale | {"name": "Example Bea", "day": f"{TODAY}"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "People: Example Bea removed" in page
    assert "no longer one of the clinic&#x27;s people" in page
    assert recorded() == {}


def test_removing_a_reviewer_says_which_articles_no_longer_show_one(manager):
    add(manager, ANN, BEA)
    record(manager, name="Example Bea", day=f"{TODAY}")
    answer = manager.post(PEOPLE, opened(manager) | row(1, remove="on"))
    assert f"“{SAFETY.title}” no longer shows a reviewer." in messages(answer)
    page = manager.get(REVIEWS).content.decode()
    assert "Not shown: Example Bea is no longer one" in page
    assert "Reviewed by" not in page


def test_an_edit_of_an_article_makes_its_review_not_shown_at_the_desk(manager, monkeypatch):
    add(manager, ANN)
    record(manager, name="Example Ann", day=f"{TODAY}")
    monkeypatch.setitem(ARTICLES, "safety", replace(SAFETY, reviewed=TODAY + timedelta(days=1)))
    page = manager.get(REVIEWS).content.decode()
    assert "Not shown: Example Ann reviewed it before the article last changed." in page
    assert "Reviewed by" not in page


# --- Earlier editions with one reviewer for all articles


def old_edition() -> Edition:
    facts = {"phone": "(618) 555-0100", "reviewer": "Example Old", "reviewer_title": "MD"}
    return Edition.publish(facts, "Reviewer of the articles: Example Old, was not set", after=0)


def test_the_history_says_that_a_retired_reviewer_is_not_shown(manager):
    old_edition()
    add(manager, ANN)
    page = manager.get(CLINIC + "history/").content.decode()
    assert page.count("This edition names one reviewer for all articles. No page shows that name") == 1


def test_an_old_edition_with_a_reviewer_can_be_put_back_and_shows_none(manager, client):
    old_edition()
    add(manager, ANN)
    assert manager.post(CLINIC + "put-back/1/").status_code == 302
    assert Edition.newest().facts == {"phone": "(618) 555-0100"}
    for path in ("/about/", *(article.get_absolute_url() for article in ARTICLES.values())):
        page = client.get(path).content.decode()
        assert "Example Old" not in page
        assert "Reviewed by" not in page
    assert "Not shown" not in manager.get(REVIEWS).content.decode()


def test_the_site_runs_from_an_old_edition_with_a_reviewer(manager, client):
    old_edition()
    assert "Example Old" not in client.get("/about/").content.decode()
    assert manager.post(CLINIC, opened_clinic(manager) | {"street": "1 Example Street"}).status_code == 302
    assert Edition.newest().facts == {"phone": "(618) 555-0100", "street": "1 Example Street"}


# --- Access


@pytest.mark.parametrize("path", [PEOPLE, REVIEWS, REVIEWS + "safety/"])
def test_only_managers_can_open_people_and_reviews(desk, client, path):
    assert desk.get(path).status_code == 403
    assert desk.post(path).status_code in (403, 405)
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("path", [PEOPLE, REVIEWS + "safety/"])
def test_what_was_typed_about_people_survives_an_expired_sign_in(manager, client, path):
    add(manager, ANN)
    answer = client.post(path, opened(manager, path))
    assert answer.status_code == 403
    assert re.search(r'name="kept" value="[^"]{40}', answer.content.decode())
