"""Tests that the notices hosted here are shown when they are set, each text in its language, and absent until then."""

import re
from html.parser import HTMLParser

import pytest

from clinic.notices import NOTICES
from tests.site.test_site import public_paths

pytestmark = pytest.mark.django_db
UNSET = {kind.fact: {} for kind in NOTICES.values()}


def notice(**texts: str) -> dict:
    return {"effective": "2026-07-01", "texts": [{"language": code, "text": text} for code, text in texts.items()]}


def main_part(client, slug: str) -> str:
    return re.search(r"<main.*</main>", client.get(f"/notices/{slug}/").content.decode(), re.DOTALL)[0]


@pytest.mark.parametrize("slug", NOTICES)
def test_a_notice_that_is_not_set_has_no_page_and_nothing_names_it(client, set_facts, slug):
    set_facts(**UNSET)
    assert client.get(f"/notices/{slug}/").status_code == 404
    assert "notices" not in client.get("/speculation-rules.json").content.decode()
    for path in public_paths(client):
        assert not path.startswith("/notices/")
        assert "/notices/" not in client.get(path).content.decode(), path


@pytest.mark.parametrize("slug", NOTICES)
def test_a_notice_is_linked_from_every_page_and_in_the_sitemap_once_set(client, set_facts, slug):
    kind = NOTICES[slug]
    set_facts(**UNSET | {kind.fact: notice(en="Example words"), kind.url_fact: "https://example.com/elsewhere"})
    paths = public_paths(client)
    assert [path for path in paths if path.startswith("/notices/")] == [f"/notices/{slug}/"]
    for path in paths:
        page = client.get(path).content.decode()
        assert f'<a href="/notices/{slug}/">{kind.title}</a>' in page, path
        assert "https://example.com/elsewhere" not in page, path
    assert client.get("/privacy/").content.decode().count(f'href="/notices/{slug}/"') == 2


def test_a_notice_taken_down_gives_way_to_the_document_elsewhere(client, set_facts):
    set_facts(**UNSET, privacy_practices_url="https://example.com/elsewhere")
    assert 'href="https://example.com/elsewhere"' in client.get("/").content.decode()


def test_a_text_in_one_language_has_its_date_and_language_and_no_list(client, set_facts):
    set_facts(notice_languages=notice(ar="# مثال\n\nكلمات"))
    page = main_part(client, "languages")
    assert 'Effective <time datetime="2026-07-01">July 1, 2026</time>' in page
    assert '<div lang="ar" dir="rtl"><h2>مثال</h2>' in page
    assert "<nav" not in page


def test_each_of_several_texts_is_under_its_language_and_listed(client, set_facts):
    set_facts(notice_languages=notice(en="# One\n\n## Two", es="Uno", ur="ایک"))
    page = main_part(client, "languages")
    assert re.findall('<section lang="([^"]+)" dir="([^"]+)"', page) == [("en", "ltr"), ("es", "ltr"), ("ur", "rtl")]
    assert re.findall('<a href="#text-([^"]+)" lang="([^"]+)">([^<]+)', page) == [
        ("en", "en", "English"),
        ("es", "es", "Español"),
        ("ur", "ur", "اردو"),
    ]
    assert re.findall(r"<h(\d)[^>]*>([^<]+)", page) == [
        ("1", "Language help"),
        ("2", "English"),
        ("3", "One"),
        ("4", "Two"),
        ("2", "Español"),
        ("2", "اردو"),
        ("2", "Where and when"),
    ]


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if tag not in ("hr", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_a_manager_typed_closes_every_element_it_opens(client, set_facts):
    set_facts(notice_languages=notice(en="1 < 2\n\n> a quote\n\n---\n\n1. one\n   - two\n\n**bold"))
    assert _Tags(main_part(client, "languages")).open == []
