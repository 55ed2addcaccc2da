"""Read the structured data from the HTML of the site's pages, as a search engine does."""

import json
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.test import Client

LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


class DataBlocks(HTMLParser):
    """Parses a page into the text of its JSON-LD blocks and the visible words of its body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.words = ""
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self._open = "data" if dict(attrs).get("type") == "application/ld+json" else tag
        self.blocks += [""] * (self._open == "data")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "data":
            self.blocks[-1] += data
        elif self._open not in ("style", "title"):
            self.words += data


def blocks_of_every_page(client: Client) -> dict[str, DataBlocks]:
    sitemap = ElementTree.fromstring(client.get("/sitemap.xml").content)
    paths = [urlsplit(location.text).path for location in sitemap.iter(LOCATION)]
    return {path: DataBlocks(client.get(path).content.decode()) for path in paths}


def data_of_every_page(client: Client) -> dict[str, dict]:
    """Return the structured data of each page in the sitemap, keyed by path. Check that each page has one block."""
    pages = blocks_of_every_page(client)
    assert {path: page.blocks for path, page in pages.items() if len(page.blocks) != 1} == {}
    return {path: json.loads(page.blocks[0]) for path, page in pages.items()}
