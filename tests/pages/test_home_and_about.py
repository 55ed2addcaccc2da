"""Tests of what the home page and the About page tell a new visitor."""

import re
from datetime import timedelta
from urllib.parse import urldefrag

import pytest
from django.utils import timezone

from pages.articles import ROOT
from pages.evidence import EVIDENCE
from tests.helpers.photographs import stored_row
from tests.pages.test_articles import reading_grade


def main_part(client, path: str) -> str:
    return re.search("<main.*</main>", client.get(path).content.decode(), re.DOTALL)[0]


def section(page: str, heading: str) -> str:
    """Return the home page's section that is labelled by the heading with this id."""
    start = page.index(f'aria-labelledby="{heading}"')
    return page[start : page.find('aria-labelledby="', start + 1)]


@pytest.mark.parametrize("path", ["/", "/about/"])
def test_the_page_reads_at_grade_5_to_8(client, db, path):
    assert 5 <= reading_grade(main_part(client, path)) <= 8


def test_each_medical_statement_on_home_links_to_a_page_with_sources(client, db):
    page = main_part(client, "/")
    parts = [section(page, "visit"), section(page, "uses"), section(page, "limits")]
    items = [item for part in parts for item in re.findall(r"<(?:li|tr)>(.*?)</(?:li|tr)>", part, re.DOTALL)]
    items += re.findall(r'<div class="callout.*?</div>', page, re.DOTALL)
    assert len(items) > 15
    for item in items:
        targets = {urldefrag(link).url for link in re.findall(rf'href="(/{ROOT}[^"]+)"', item)}
        assert targets, item
        assert [path for path in targets if 'id="sources"' not in client.get(path).content.decode()] == []


@pytest.mark.parametrize("condition", EVIDENCE)
def test_home_shows_the_grade_and_the_number_of_people_of_each_condition(client, db, condition):
    row = next(
        row for row in re.findall(r"<tr>(.*?)</tr>", main_part(client, "/"), re.DOTALL) if f"/{condition}/" in row
    )
    evidence = EVIDENCE[condition]
    assert f"<b>{evidence.grade}</b>" in row
    largest = max(trial.people for trial in evidence.compared)
    assert f" trials with a comparison, the largest with {largest} people" in re.sub(r"<[^>]+>", "", row)


def test_home_shows_what_seven_trials_of_depression_found(client, db):
    [result] = EVIDENCE["depression"].pooled
    assert (
        f"With ketamine, {result.ketamine} of 100 were much better after a day, and with placebo {result.compared} "
        "(seven trials, 185 people)."
    ) in re.sub(r"<[^>]+>", "", main_part(client, "/"))


def test_a_trial_without_a_comparison_is_not_the_largest_one():
    evidence = EVIDENCE["chronic-pain"]
    assert max(trial.people for trial in evidence.compared) < max(trial.people for trial in evidence.trials)


def test_home_says_when_we_get_in_touch_only_if_we_can_promise_it(client, db, set_facts):
    assert "within one business day" in main_part(client, "/")
    today = timezone.localdate()
    set_facts(closures=[{"first": today.isoformat(), "last": (today + timedelta(days=90)).isoformat()}])
    assert "as soon as we’re open again" in main_part(client, "/")
    assert "within one business day" not in main_part(client, "/")


def test_home_links_to_the_pages_for_family_and_for_clinicians(client, db):
    page = main_part(client, "/")
    for path in ("family-and-friends/", "for-clinicians/"):
        assert f'href="/{ROOT}{path}"' in page


def test_home_says_below_its_buttons_where_when_and_under_whom_once_that_is_known(client, db, set_facts):
    def below_the_buttons() -> str:
        said = main_part(client, "/").partition('class="button button--quiet"')[2].partition("This use")[0]
        return (
            " ".join(re.sub(r"<[^>]+>", " ", said.partition("</a>")[2]).split()).replace(" ,", ",").replace(" .", ".")
        )

    set_facts(people=[])
    assert below_the_buttons() == ""
    week = ["9 am - 5 pm"] * 5 + ["", ""]
    set_facts(hours=week)
    assert below_the_buttons() == "We’re open Monday to Friday, 9 am to 5 pm."
    set_facts(street="1 Example Street", hours=[""] * 7)
    assert below_the_buttons() == "We’re at 1 Example Street."
    set_facts(hours=week, people=[{"name": "Example Person", "title": "MD", "responsible": True}])
    assert below_the_buttons() == (
        "Example Person, MD Responsible licensee We’re at 1 Example Street, and open Monday to Friday, 9 am to 5 pm."
    )
    set_facts(hours=["9 am - 5 pm", "9 am - 1 pm", "", "9 am - 5 pm", "", "", ""], street="", people=[])
    assert below_the_buttons() == "See when we’re open."


def hero(client) -> str:
    page = main_part(client, "/").replace("\n", "")
    return page.partition('<section class="hero')[2].partition("</section>")[0]


def test_the_hero_names_the_licensee_with_their_photograph_and_links_to_the_team(client, db, set_facts):
    row = stored_row("person", "Bea at a desk")
    other = {"name": "Example Ann", "title": "Nurse", "role": "Stays with you"}
    licensee = {"name": "Example Bea", "title": "MD", "role": "Sees you first", "responsible": True}
    set_facts(people=[other, licensee], people_pictures={"Example Bea": row, "Example Ann": stored_row("person")})
    card = hero(client).partition('<div class="hero__who">')[2].partition("</div>")[0]
    assert '<p><a href="/team/"><strong>Example Bea, MD</strong></a><br>Sees you first</p>' in card
    url = f"/pictures/{row['picture']}"
    assert f'srcset="{url}.480.webp 480w, {url}.webp 960w" sizes="240px"' in card
    assert f'src="{url}.jpg" width="240" height="300" alt="Bea at a desk"></picture>' in card  # not lazy
    assert "Example Ann" not in hero(client)


def test_the_hero_without_a_photograph_has_a_line_of_text_and_no_empty_space(client, db, set_facts):
    set_facts(people=[{"name": "Example Bea", "title": "MD", "responsible": True}])
    assert "<strong>Example Bea, MD</strong></a><br>Responsible licensee</p>" in hero(client)
    assert "<img" not in hero(client)


def test_geese_fly_where_no_portrait_is(client, db, set_facts):
    people = [{"name": "Example Bea", "title": "MD", "responsible": True}]
    for pictures, flying in (({}, 5), ({"Example Bea": stored_row("person")}, 0)):
        set_facts(people=people, people_pictures=pictures)
        geese = re.search(r'<g class="landscape__sun landscape__high".*?</g>', hero(client))
        assert (geese[0].count("q9-9") + geese[0].count("q8-8") if geese else 0) == flying


def test_the_hero_without_people_has_neither_a_card_nor_a_link_to_the_team(client, db, set_facts):
    set_facts(people=[], people_pictures={"Example Bea": stored_row("person")})
    assert not any(part in hero(client) for part in ("<strong>", "<img", "/team/"))


def test_home_shows_the_photograph_of_the_door_instead_of_its_drawing(client, db, set_facts):
    drawn = '<svg class="drawing" viewBox="0 0 120 84"'
    drawings = main_part(client, "/").count(drawn)
    row = stored_row("door", "A “green” door")
    set_facts(door_picture=row)
    page = main_part(client, "/")
    assert page.count(drawn) == drawings - 1
    (image,) = re.findall(r"<picture>.*?</picture>", page.partition('id="ask"')[2])
    url = f"/pictures/{row['picture']}"
    assert f'srcset="{url}.480.webp 480w, {url}.webp 960w" sizes="576px"' in image
    assert f'src="{url}.jpg" width="576" height="384" alt="A “green” door" loading="lazy"' in image


def test_the_first_words_of_home_say_that_the_use_is_off_label_and_lead_to_what_that_means(client, db):
    page = main_part(client, "/")
    first = " ".join(re.sub(r"<[^>]+>", "", hero(client)).split())
    assert "This use is off-label and doesn’t help everyone." in first
    assert 'href="#off-label"' in hero(client)
    assert page.count('id="off-label"') == 1


def test_a_fault_can_be_reported_in_each_way_the_facts_allow(client, db, set_facts):
    def ways() -> list[str]:
        return re.findall(r"<li><strong>([^<]+):</strong>", main_part(client, "/accessibility/"))

    assert ways() == ["In person", "On this site"]
    set_facts(phone="(618) 555-0100", street="1 Example Street")
    assert ways() == ["By phone", "By mail", "In person", "On this site"]
    page = main_part(client, "/accessibility/")
    assert 'href="tel:+16185550100"' in page
    assert "write to The Albany Clinic, 1 Example Street, Carbondale, Illinois" in page


def test_about_opens_with_us_then_our_promises_then_how_we_are_paid(client, db):
    headings = re.findall(r'<h2 id="([^"]+)"', main_part(client, "/about/"))
    assert [each for each in headings if each != "people"][:3] == ["who-we-are", "promises", "owner"]


def test_about_tells_the_address_once_and_when_to_call_only_if_there_is_a_number(client, db, set_facts):
    def box_beside() -> str:
        return main_part(client, "/about/").partition('<aside class="glance"')[2].partition("</aside>")[0]

    set_facts(street="1 Example Street")
    assert "Where and when" in box_beside()
    set_facts(street="1 Example Street", phone="(618) 555-0100")
    assert "When to call" in box_beside()
    assert main_part(client, "/about/").count("1 Example Street") == 1


def test_each_promise_on_about_that_rests_on_medicine_cites_a_source(client, db):
    promises = main_part(client, "/about/").partition('id="promises"')[2].partition("<h2")[0]
    items = re.findall(r"<li>.*?</li>", promises, re.DOTALL)
    assert len(items) == 3
    assert [item for item in items if 'class="cite"' not in item] == []


def test_home_draws_one_meter_because_every_use_has_the_same_grade(client, db):
    page = section(main_part(client, "/"), "uses")
    assert len(re.findall(r'<p class="evidence-meter"><svg', page)) == 1
    assert len({evidence.certainty for evidence in EVIDENCE.values()}) == 1
    assert "the lowest of four steps" in page
    assert {evidence.certainty.value for evidence in EVIDENCE.values()} == {1}
