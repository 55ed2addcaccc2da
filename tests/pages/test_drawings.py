"""Tests of the small drawings in templates/drawings/."""

import re
from statistics import median

import brotli
import pytest

from pages.articles import ARTICLES
from tests.helpers.live_site import PROJECT

FOLDER = PROJECT / "templates/drawings"
LANDSCAPES = {"footer", "landscape"}
DRAWINGS = sorted({path.stem for path in FOLDER.glob("*.svg")} - LANDSCAPES)


def test_every_drawing_on_disk_is_used_and_every_article_has_one():
    templates = "".join(path.read_text() for path in (PROJECT / "templates").rglob("*.html"))
    used = {article.drawing for article in ARTICLES.values()} | set(re.findall(r"drawings/([a-z-]+)\.svg", templates))
    assert used == {path.stem for path in FOLDER.glob("*.svg")}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_has_one_sun_or_the_suns_color(name):
    drawing = (FOLDER / f"{name}.svg").read_text()
    suns = len(re.findall(r'<circle class="sun"', drawing))
    assert suns == (0 if name in ("cuff", "list") else 1)
    assert 'class="sun"' in drawing


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_articles_drawing_adds_at_most_230_bytes_to_its_page(client, db, slug):
    page = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    drawing = (FOLDER / f"{ARTICLES[slug].drawing}.svg").read_text().strip()
    assert page.count(drawing) == 1
    # The median, because brotli divides a page into other blocks, a hundred bytes larger or smaller, for any byte more.
    ends = range(len(page) - 800, len(page) + 1, 200)
    added = [compressed(page[:end]) - compressed(page[:end].replace(drawing, "")) for end in ends]
    assert median(added) <= 230


def compressed(html: str) -> int:
    return len(brotli.compress(html.encode()))
