"""Tests of page metadata, the sitemap, robots.txt, the feed and security.txt."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from django.urls import URLResolver, get_resolver, reverse

from albany_site.security_contact import security_contact
from clinic import NAME
from pages.articles import ARTICLES
from pages.social_cards import all_cards

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


class Head(HTMLParser):
    """Parses a page's title, meta tags and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title, self.said, self._in_title = "", [], False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        self._in_title = tag == "title" and not self.title
        if tag == "meta":
            self.said.append((attributes.get("property") or attributes.get("name"), attributes.get("content")))
        if tag == "link":
            self.said.append((attributes["rel"], attributes["href"]))

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def only(self, name: str) -> str:
        """Return the value of a tag, which must occur exactly once."""
        values = [value for said, value in self.said if said == name]
        assert len(values) == 1, f"{name}: {values}"
        return values[0]


def sitemap(client) -> dict[str, str | None]:
    """Return the dates in the sitemap, keyed by URL."""
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return {url.findtext("s:loc", None, SITEMAP): url.findtext("s:lastmod", None, SITEMAP) for url in root}


@pytest.fixture
def heads(client, db) -> dict[str, Head]:
    return {url: Head(client.get(urlsplit(url).path).content.decode()) for url in sitemap(client)}


def test_every_page_has_a_short_unique_title_and_description(heads):
    titles = {url: head.title for url, head in heads.items()}
    descriptions = {url: head.only("description") for url, head in heads.items()}
    assert {url: title for url, title in titles.items() if not 10 <= len(title) <= 60} == {}
    assert {url: text for url, text in descriptions.items() if not 50 <= len(text) <= 155} == {}
    for texts in (titles, descriptions):
        assert [text for text, times in Counter(texts.values()).items() if times > 1] == []


def test_every_page_names_its_canonical_url_and_the_feed(heads):
    assert {url: head.only("canonical") for url, head in heads.items()} == {url: url for url in heads}
    assert {head.only("alternate") for head in heads.values()} == {reverse("pages:feed")}


def test_every_page_has_a_social_card_that_matches_it(heads, settings):
    cards = {f"{settings.SITE_URL}/static/{card.path}": card for card in all_cards()}
    for url, head in heads.items():
        assert head.title.startswith(head.only("og:title"))
        assert head.only("og:description") == head.only("description")
        assert head.only("og:url") == url
        assert head.only("og:image:alt") == cards[head.only("og:image")].alt
        assert head.only("twitter:card") == "summary_large_image"
    articles = {settings.SITE_URL + article.get_absolute_url(): article.slug for article in ARTICLES.values()}
    assert {url: heads[url].only("og:image") for url in articles} == {
        url: f"{settings.SITE_URL}/static/cards/{slug}.png" for url, slug in articles.items()
    }


def test_the_404_page_has_no_metadata(client, db):
    html = client.get("/no-such-page/").content.decode()
    head = Head(html)
    assert head.only("robots") == "noindex"
    assert not {"canonical", "og:image", "description"} & {name for name, _ in head.said}
    assert "ld+json" not in html


# --- The sitemap and robots.txt


def addresses(patterns: list, prefix: str = "") -> list[str]:
    """Return every path of the site that has no parameters, except the staff pages."""
    paths = []
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver) and entry.namespace != "admin":
            paths += addresses(entry.url_patterns, path)
        elif "<" not in path and not isinstance(entry, URLResolver):
            paths.append("/" + path)
    return paths


def test_the_sitemap_lists_exactly_the_indexable_public_pages(client, db, settings):
    indexable = set()
    for path in addresses(get_resolver().url_patterns):
        answer = client.get(path)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            hidden = "noindex" in answer.headers.get("X-Robots-Tag", "") + answer.content.decode()
            indexable |= set() if hidden else {settings.SITE_URL + path}
    assert len(indexable) > 15
    assert set(sitemap(client)) == indexable


def test_the_sitemap_dates_only_articles_by_their_last_review(client, db, settings):
    dated = {url: day for url, day in sitemap(client).items() if day}
    assert dated == {
        settings.SITE_URL + article.get_absolute_url(): article.reviewed.isoformat() for article in ARTICLES.values()
    }


def test_urls_start_with_site_url_regardless_of_the_host_header(client, db, settings):
    settings.SITE_URL = "https://clinic.example"
    for path in ("/sitemap.xml", "/feed.atom", "/robots.txt", "/about/"):
        body = client.get(path, headers={"host": "testserver"}).content.decode()
        assert "https://clinic.example/" in body
        assert "testserver" not in body
        assert "http://localhost" not in body


def test_robots_txt_names_the_sitemap_and_not_the_staff_pages(client, db, settings):
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in answer.content.decode().splitlines()
    assert settings.STAFF_PATH.strip("/") not in answer.content.decode()


# --- The feed


def test_the_feed_lists_every_article_and_nothing_else(client, db, settings):
    answer = client.get("/feed.atom")
    feed = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["Content-Type"]})
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == NAME
    assert sorted(
        (entry.id, entry.link, entry.title, entry.summary, entry.published[:10]) for entry in feed.entries
    ) == sorted(
        (address, address, article.title, article.description, article.published.isoformat())
        for article in ARTICLES.values()
        for address in [settings.SITE_URL + article.get_absolute_url()]
    )


def test_the_feed_is_dated_by_the_latest_review(client, db):
    feed = feedparser.parse(client.get("/feed.atom").content)
    assert feed.feed.updated[:10] == max(article.reviewed for article in ARTICLES.values()).isoformat()


# --- security.txt


def security_txt(client) -> dict[str, str]:
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def test_security_txt_names_the_contact_and_expires_within_a_year(client, db, settings):
    settings.SECURITY_CONTACT = security_contact("security@clinic.example")
    fields = security_txt(client)
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert fields["Contact"] == "mailto:security@clinic.example"
    assert fields["Canonical"] == settings.SITE_URL + "/.well-known/security.txt"
    assert timedelta(days=150) < left < timedelta(days=365)


def test_without_a_contact_security_txt_names_the_clinics_phone(client, db, set_facts):
    set_facts(phone="(618) 555-0100")
    assert security_txt(client)["Contact"] == "tel:+16185550100"


def test_without_contact_or_phone_there_is_no_security_txt(client, db):
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("text", ["ask us", "http://clinic.example/", "a@b", "mailto:a@clinic.example\nExpires: never"])
def test_an_invalid_security_contact_is_rejected(text):
    with pytest.raises(ValueError, match="neither an email address nor an https link"):
        security_contact(text)
