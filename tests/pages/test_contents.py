"""Tests that long pages outside the articles list their headings above the text."""

import re

import pytest

LISTED = re.compile(r'<nav class="contents" aria-label="On this page">(.*?)</nav>(.*)</main>', re.DOTALL)


@pytest.mark.parametrize("path", ["/about/", "/accessibility/", "/cost/", "/privacy/", "/visit-us/"])
def test_a_long_page_lists_the_headings_below_its_introduction(client, db, path):
    page = client.get(path).content.decode()
    listed, below = LISTED.search(page).groups()
    text = below.partition("<aside")[0]
    headings = re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', text)
    assert len(headings) > 3
    with_sources = [("sources", "Sources")] * ('id="sources"' in below)
    assert re.findall(r'<a href="#([^"]+)">(.*?)</a>', listed) == headings + with_sources
    assert page.index('<p class="lede">') < page.index('<nav class="contents"')
    assert text.count("<h2") == len(headings)
