"""Tests of the social cards, the preview images shown with shared links."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from PIL import Image, ImageChops, ImageFont, ImageStat

from pages import landscape
from pages.articles import ARTICLES
from pages.landscape import EVERGREEN, HILLS, INK, PAPER, SKY, SUN
from pages.social_cards import (
    DRAWING_PLACE,
    DRAWINGS,
    MARGIN,
    SIZE,
    TEXT_WIDTH,
    Card,
    SocialCardFinder,
    _fitted,
    all_cards,
    draw_card,
)
from tests.helpers.live_site import PROJECT


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_a_card_is_1200_by_630_and_under_60_kilobytes(card):
    file = BytesIO()
    picture = draw_card(card)
    picture.save(file, "PNG")
    assert picture.size == SIZE == (1200, 630)
    assert file.tell() < 60_000


def test_a_cards_title_stays_clear_of_the_edges_the_hills_and_the_drawing():
    words = "Words that go on for much longer than those of any article that we have"
    for card in [*all_cards(), Card("long", words), Card("long", words, "room")]:
        empty = draw_card(replace(card, title="")).convert("L")
        ink = ImageChops.subtract(empty, draw_card(card).convert("L")).point(lambda darker: 255 * (darker > 60))
        left, top, right, bottom = ink.getbbox()
        end = DRAWING_PLACE[0] - MARGIN // 3 if card.drawing else SIZE[0] - MARGIN
        assert MARGIN - 5 <= left < right <= end + 5, card
        assert 130 < top < bottom < 390, card


def test_every_articles_card_shows_the_drawing_of_its_page():
    x, y = DRAWING_PLACE
    shown = {}
    for card, article in zip(all_cards()[1:], ARTICLES.values(), strict=True):
        kept = Image.open(DRAWINGS / f"{article.drawing}.png").convert("RGB")
        drawn = draw_card(card).convert("RGB").crop((x, y, x + kept.width, y + kept.height))
        # The corners are round, and the palette moves colors a little.
        assert max(ImageStat.Stat(ImageChops.difference(kept, drawn)).mean) < 3, card
        shown[article.drawing] = drawn.tobytes()
    assert len(set(shown.values())) == len(shown)


def test_a_title_leaves_no_single_word_on_its_last_line():
    size, title = _fitted("What it can and cannot do", TEXT_WIDTH)
    assert title == "What it can\nand cannot do"
    assert size == 88


def test_the_cards_font_has_every_letter_of_every_title():
    font = ImageFont.load_default(60)
    unknown = font.getmask("\uffff").getbbox(), bytes(font.getmask("\uffff"))
    letters = set("".join(card.title for card in all_cards())) - {" "}
    assert {
        letter for letter in letters if (font.getmask(letter).getbbox(), bytes(font.getmask(letter))) == unknown
    } == set()


def test_the_finder_finds_the_cards_of_existing_articles_only():
    path = finders.find("cards/safety.png")
    with Image.open(path) as picture:
        assert picture.size == SIZE
    assert finders.find("cards/no-such-article.png") is None


def test_collectstatic_draws_every_card_once(tmp_path):
    finder = SocialCardFinder()
    finder.storage = FileSystemStorage(tmp_path)
    found = list(finder.list(None))
    assert [path for path, _ in found] == [card.path for card in all_cards()]
    for path, storage in found:
        with Image.open(storage.path(path)) as picture:
            assert picture.size == SIZE


def test_drawn_images_use_the_light_mode_colors_of_the_pages():
    daylight = {}
    css = "".join((PROJECT / f"static/css/{name}.css").read_text() for name in ("tokens", "home"))
    for name, color in re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css):
        daylight.setdefault(name, color)
    hills = [hill.color for hill in HILLS]
    assert [daylight[name] for name in ("evergreen", "paper", "ink", "sun-disc")] == [EVERGREEN, PAPER, INK, SUN]
    assert list(SKY) == [daylight["sky"], daylight["sky-low"]]
    assert hills == [daylight[name] for name in ("hill-far", "hill-middle", "hill-near", "evergreen")]
    written = set(re.findall(r"#[0-9a-f]{6}", Path(landscape.__file__).read_text()))
    assert written == {EVERGREEN, PAPER, INK, SUN, *SKY, *hills}, (
        "landscape.py has a color that this test does not compare"
    )
