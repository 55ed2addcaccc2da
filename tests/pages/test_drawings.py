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
    assert suns == (0 if name == "list" else 1)
    assert 'class="sun"' in drawing


def test_no_drawing_is_of_a_thing_that_someone_in_danger_could_take_as_a_hint():
    means = {"beam", "bottle", "bridge", "cliff", "cord", "gun", "knife", "knot", "ledge", "pills", "rafters", "roof"}
    assert set(DRAWINGS) & (means | {"river", "rope", "tower", "tracks", "train"}) == set()


def test_every_sign_on_disk_is_used_and_has_the_one_color_of_its_box():
    signs = {path.stem: path.read_text() for path in (PROJECT / "templates/signs").glob("*.svg")}
    templates = "".join(path.read_text() for path in (PROJECT / "templates").rglob("*.html"))
    assert set(re.findall(r"signs/([a-z-]+)\.svg", templates)) == set(signs)
    for name, sign in signs.items():
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', sign)) == {"currentColor", "var(--surface)"}, name


def test_the_home_page_has_a_full_moon_like_every_other_drawing():
    moon = re.search(r'<g class="landscape__moon">(.*?)</g>', (FOLDER / "landscape.svg").read_text())[1]
    assert re.findall(r"<(\w+)", moon) == ["circle", "circle"]


def test_the_light_on_the_lake_is_under_both_the_sun_and_the_moon():
    landscape = (FOLDER / "landscape.svg").read_text()
    start, length = map(int, re.search(r'stroke="var\(--sun-disc\)"[^>]* d="M(\d+) \d+h(\d+)', landscape).groups())
    middles = {int(x) for x in re.findall(r'<circle cx="(\d+)"', landscape)}
    assert middles == {start + length // 2}


@pytest.mark.parametrize("name", ["door", "footer", "landscape", "porch", "ramp"])
def test_every_house_has_walls_that_are_dark_at_night_and_lit_windows(name):
    drawing = (FOLDER / f"{name}.svg").read_text()
    assert 'fill="var(--ground)"' in drawing
    assert 'class="green"' not in drawing
    assert drawing.count('fill="var(--window)"') == 1


def test_the_page_for_when_the_site_is_away_has_a_drawing_of_its_own(client, db):
    away, missing = (client.get(path).content.decode() for path in ("/away/", "/none/"))
    assert (FOLDER / "phone.svg").read_text().strip() in away
    assert (FOLDER / "signpost.svg").read_text().strip() in missing
    assert away.count('class="drawing"') == missing.count('class="drawing"') == 1


def test_every_article_and_every_page_beside_the_articles_has_a_drawing_of_its_own(client, db):
    paths = ["/privacy/", "/cost/", "/about/", "/team/", "/visit-us/", "/review/", "/accessibility/", "/away/"]
    shown = [re.findall(r'<svg class="drawing".*?</svg>', client.get(path).content.decode()) for path in paths]
    assert [len(drawings) for drawings in shown] == [1] * len(paths)
    everywhere = [drawing for (drawing,) in shown]
    everywhere += [(FOLDER / f"{article.drawing}.svg").read_text().strip() for article in ARTICLES.values()]
    assert len(set(everywhere)) == len(everywhere)


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_articles_drawing_adds_at_most_230_bytes_to_its_page(client, db, slug):
    page = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    drawing = (FOLDER / f"{ARTICLES[slug].drawing}.svg").read_text().strip()
    assert page.count(drawing) == 1
    # The median of many, because brotli divides a page into other blocks, a hundred bytes larger or smaller, for any
    # byte more.
    ends = range(len(page) - 3000, len(page) + 1, 150)
    added = [compressed(page[:end]) - compressed(page[:end].replace(drawing, "")) for end in ends]
    assert median(added) <= 230


def compressed(html: str) -> int:
    return len(brotli.compress(html.encode()))


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_shape_of_a_drawing_takes_its_color_from_the_palette(name):
    shapes = re.findall(r"<(?:path|circle|ellipse|rect)\b[^>]*>", (FOLDER / f"{name}.svg").read_text())
    assert shapes
    assert [shape for shape in shapes if not re.search(r'class="|(?:fill|stroke)="var\(', shape)] == []
