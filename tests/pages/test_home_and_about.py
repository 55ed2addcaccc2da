"""Tests of what the home page and the About page tell a new visitor."""

import re
from datetime import timedelta
from urllib.parse import urldefrag

import pytest
from django.utils import timezone

from pages.articles import ROOT
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
    items = [item for item in items if "ladder__scale" not in item]
    items += re.findall(r'<div class="callout.*?</div>', page, re.DOTALL)
    assert len(items) > 15
    for item in items:
        targets = {urldefrag(link).url for link in re.findall(rf'href="(/{ROOT}[^"]+)"', item)}
        assert targets, item
        assert [path for path in targets if 'id="sources"' not in client.get(path).content.decode()] == []


def test_home_says_when_we_get_in_touch_only_if_we_can_promise_it(client, db, set_facts):
    assert "within one business day" in main_part(client, "/")
    today = timezone.localdate()
    set_facts(closures=[{"first": today.isoformat(), "last": (today + timedelta(days=90)).isoformat()}])
    assert "as soon as we're open again" in main_part(client, "/")
    assert "within one business day" not in main_part(client, "/")


def test_about_opens_with_us_then_our_promises_then_how_we_are_paid(client, db):
    headings = re.findall(r'<h2 id="([^"]+)"', main_part(client, "/about/"))
    assert [each for each in headings if each != "people"][:3] == ["who-we-are", "promises", "owner"]


def test_each_promise_on_about_that_rests_on_medicine_cites_a_source(client, db):
    promises = main_part(client, "/about/").partition('id="promises"')[2].partition("<h2")[0]
    items = re.findall(r"<li>.*?</li>", promises, re.DOTALL)
    assert len(items) == 3
    assert [item for item in items if 'class="cite"' not in item] == []
