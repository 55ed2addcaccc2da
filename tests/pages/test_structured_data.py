"""Tests that structured data matches what the page shows and is safe inside its <script>."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse

from pages.articles import ARTICLES
from pages.references import BIBLIOGRAPHY
from pages.structured_data import PublicPage, structured_data
from pages.templatetags.head import json_ld
from tests.helpers.structured_data import DataBlocks, blocks_of_every_page, data_of_every_page

FACTS = {
    "street": "1 Example Street",
    "postal_code": "62901",
    "phone": "(618) 555-0100",
    "hours": ["9 am - 5 pm"] * 5 + ["9:30 am - 12 pm", ""],
}


def part(data: dict, *kinds: str) -> dict:
    found = [item for item in data["@graph"] if item["@type"] in kinds]
    assert len(found) == 1, kinds
    return found[0]


def names_in(data: object) -> set[str]:
    """Return every property and type that the data uses, at any depth."""
    if isinstance(data, list):
        return set().union(*map(names_in, data))
    if isinstance(data, dict):
        return {*data, data.get("@type", "")}.union(*map(names_in, data.values()))
    return set()


def test_every_page_describes_site_clinic_page_and_breadcrumbs(client, db):
    pages = data_of_every_page(client)
    for path, data in pages.items():
        part(data, "WebSite")
        part(data, "MedicalClinic")
        page = part(data, "WebPage", "MedicalWebPage", "AboutPage", "ContactPage")
        assert page["url"].endswith(path)
        assert any(item["@type"] == "BreadcrumbList" for item in data["@graph"]) == (path != "/")


def test_every_id_that_structured_data_refers_to_is_defined(client, db):
    for path, data in data_of_every_page(client).items():
        defined = {item["@id"] for item in data["@graph"]}
        named = set(re.findall(r'\{"@id": "([^"]+)"\}', json.dumps(data)))
        assert named <= defined, path


def test_structured_data_has_no_ratings_prices_or_unset_questions(client, db):
    used = set().union(*map(names_in, data_of_every_page(client).values()))
    assert {"MedicalWebPage", "BreadcrumbList", "lastReviewed"} <= used
    assert {
        name for name in used if re.search("rating|review$|faq|question|answer|offer|price", name, re.IGNORECASE)
    } == set()


def test_structured_data_has_only_clinic_facts_that_the_page_shows(client, db, set_facts):
    set_facts(**FACTS)
    for path, page in blocks_of_every_page(client).items():
        clinic = part(json.loads(page.blocks[0]), "MedicalClinic")
        shown = " ".join(page.words.split())
        for fact in (clinic["name"], *clinic["address"].values()):
            assert fact in shown or fact in ("PostalAddress", "US"), f"{path}: {fact}"
        assert clinic["telephone"] == "(618) 555-0100"
        assert "(618) 555-0100" in shown
        shows_hours = path in (reverse("pages:about"), reverse("pages:visit_us"))
        assert ("openingHours" in clinic) == ("hasMap" in clinic) == shows_hours


def test_the_about_page_shows_and_marks_up_every_fact_that_is_set(client, db, set_facts):
    set_facts(**FACTS)
    page = client.get(reverse("pages:about")).content.decode()
    assert "1 Example Street<br>" in page
    assert "Carbondale, Illinois 62901" in page
    assert '<a href="tel:+16185550100">(618) 555-0100</a>' in page
    assert 'Monday to Friday: <span class="whole">9 am to 5 pm</span>' in page
    assert 'Saturday: <span class="whole">9:30 am to 12 pm</span>' in page
    assert 'href="https://www.google.com/maps/search/?' in page
    assert "<iframe" not in page
    clinic = part(json.loads(DataBlocks(page).blocks[0]), "MedicalClinic")
    assert clinic["telephone"] == "(618) 555-0100"
    assert clinic["openingHours"] == ["Mo-Fr 09:00-17:00", "Sa 09:30-12:00"]
    assert clinic["address"]["streetAddress"] == "1 Example Street"
    assert clinic["hasMap"].startswith("https://www.google.com/maps/")


def test_the_about_page_shows_no_fact_that_is_not_set(client, db, set_facts):
    page = client.get(reverse("pages:about")).content.decode()
    for word in ("tel:+", "<address>", "google.com/maps", "a.m.", "reviewed by", "62901"):
        assert word not in page
    clinic = part(json.loads(DataBlocks(page).blocks[0]), "MedicalClinic")
    assert set(clinic) == {"@type", "@id", "url", "name", "address"}
    assert set(clinic["address"]) == {"@type", "addressLocality", "addressRegion", "addressCountry"}


def test_the_about_page_states_our_interest_and_the_ride_rule(client, db):
    words = " ".join(DataBlocks(client.get(reverse("pages:about")).content.decode()).words.split())
    assert "We’re paid for this treatment." in words
    assert "An adult must take you" in words
    assert "at least 24 hours" in words


# --- Articles


@pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)
def test_structured_data_has_an_articles_dates_and_exactly_its_sources(client, db, article):
    answer = client.get(article.get_absolute_url()).content.decode()
    page = part(json.loads(DataBlocks(answer).blocks[0]), "MedicalWebPage")
    assert page["datePublished"] == article.published.isoformat()
    assert page["lastReviewed"] == article.reviewed.isoformat()
    assert page["name"] == article.title
    cited = "".join(re.findall(r'<li id="source-\d+">.*?</li>', answer, re.DOTALL))
    links = {html.unescape(link) for link in re.findall(r'href="(http[^"]+)"', cited)}
    assert set(page.get("citation", [])) == links
    assert links <= {reference.link for reference in BIBLIOGRAPHY.values()}


def test_structured_data_names_a_reviewer_only_if_the_review_is_recorded(set_facts):
    article = ARTICLES["safety"]
    page = PublicPage("/", "title", "description", article)
    assert "reviewedBy" not in part(structured_data(page), "MedicalWebPage")
    review = {"name": "Example Person", "day": article.reviewed.isoformat()}
    set_facts(article_reviews={"safety": review})
    reviewer = part(structured_data(page), "MedicalWebPage")["reviewedBy"]
    assert reviewer == {"@type": "Person", "name": "Example Person", "jobTitle": "MD"}
    set_facts(article_reviews={"history": review})
    assert "reviewedBy" not in part(structured_data(page), "MedicalWebPage")
    set_facts(article_reviews={"safety": review | {"day": (article.reviewed - timedelta(days=1)).isoformat()}})
    assert "reviewedBy" not in part(structured_data(page), "MedicalWebPage")
    set_facts(article_reviews={"safety": review}, people=[])
    assert "reviewedBy" not in part(structured_data(page), "MedicalWebPage")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("MD", "Physician"),
        ("M.D., board certified", "Physician"),
        ("DO", "Physician"),
        ("Licensed physician and surgeon", "Physician"),
        ("Physician assistant", "Person"),
        ("Physician Associate, PA-C", "Person"),
        ("MDiv", "Person"),
        ("Registered nurse", "Person"),
    ],
)
def test_structured_data_calls_only_a_licensed_physician_a_physician(set_facts, title, kind):
    set_facts(people=[{"name": "Example Person", "title": title, "responsible": True}])
    person = structured_data(PublicPage(reverse("pages:team"), "title", "description"))["@graph"][3]
    assert (person["@type"], person["@id"][-9:]) == (kind, "#person-1")


def test_only_pages_that_list_the_people_mark_them_up(client, db):
    marked = [path for path, data in data_of_every_page(client).items() if {"Physician", "Person"} & names_in(data)]
    assert sorted(marked) == [reverse("pages:about"), reverse("pages:team")]


def test_structured_data_names_the_condition_and_its_breadcrumbs():
    article = ARTICLES["chronic-pain"]
    data = structured_data(PublicPage(article.get_absolute_url(), article.title, article.description, article))
    about = [thing["name"] for thing in part(data, "MedicalWebPage")["about"]]
    steps = [step["name"] for step in part(data, "BreadcrumbList")["itemListElement"]]
    assert about == ["Ketamine infusion therapy", "Chronic pain"]
    assert steps == ["Home", "Ketamine therapy", "Conditions", "Ketamine for chronic pain"]


def test_no_text_can_close_the_structured_data_script():
    request = RequestFactory().get("/about/")
    said = {"request": request, "page_title": "&lt;/script&gt;&lt;!-- R&amp;D", "page_description": "&quot;x&quot;"}
    block = json_ld(said)
    assert not set("<>&") & set(block)
    assert part(json.loads(block), "AboutPage")["name"] == "</script><!-- R&D"
