"""Tests of the built site's social cards, structured data, feed, sitemap and robots.txt."""

import json
import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page

PATHS = ["/", "/about/", "/ketamine-infusion-therapy/safety/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_links_a_cacheable_social_card_with_a_hash_in_its_name(page: Page, site, path):
    page.goto(path)
    address = page.locator('meta[property="og:image"]').get_attribute("content")
    assert re.fullmatch(rf"{site.url}/static/cards/[a-z-]+\.[0-9a-f]{{12}}\.png", address)
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert Image.open(BytesIO(answer.body())).size == (1200, 630)
    assert len(answer.body()) < 60_000


@pytest.mark.parametrize("path", PATHS)
def test_structured_data_is_the_only_script_and_the_console_is_empty(page: Page, path):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path)
    scripts = page.locator("script")
    assert scripts.count() == 1
    assert scripts.get_attribute("type") == "application/ld+json"
    assert json.loads(scripts.text_content())["@context"] == "https://schema.org"
    assert said == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/feed.atom", "application/atom+xml"), ("/sitemap.xml", "application/xml"), ("/robots.txt", "text/plain")],
)
def test_feed_sitemap_and_robots_txt_are_served_with_their_type_and_host(page: Page, site, path, kind):
    answer = page.request.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)
    assert site.url in answer.text()
