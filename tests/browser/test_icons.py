"""Tests that the PNG and ICO icons match favicon.svg, from which they are drawn."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

from pages.social_cards import DRAWING
from tools.icons import DRAWINGS, FAVICON_SIZES, FOLDER, TOUCH_SIZE, draw_drawings, draw_icons

pytestmark = pytest.mark.looks


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def difference(first: Image.Image, second: Image.Image) -> float:
    """Return the mean difference (0 to 255) between two images, in the RGBA channel that differs most."""
    return max(ImageStat.Stat(ImageChops.difference(first.convert("RGBA"), second.convert("RGBA"))).mean)


def test_the_icons_match_the_logo_they_are_drawn_from(page: Page):
    for name, content in draw_icons(page).items():
        drawn, kept = opened(content), opened((FOLDER / name).read_bytes())
        assert kept.size == drawn.size
        # Anti-aliasing differs between browsers.
        assert difference(drawn, kept) < 3, f"{name} does not match favicon.svg: run make icons"


def test_the_cards_drawings_match_the_drawings_of_the_pages(page: Page):
    drawings = draw_drawings(page)
    assert {path.name for path in DRAWINGS.glob("*")} == set(drawings)
    for name, content in drawings.items():
        drawn, kept = opened(content), opened((DRAWINGS / name).read_bytes())
        assert kept.size == drawn.size == DRAWING
        assert difference(drawn, kept) < 3, f"{name} does not match its SVG: run make icons"


def test_the_comparison_notices_a_changed_icon(page: Page):
    icon = opened((FOLDER / "apple-touch-icon.png").read_bytes())
    assert difference(icon, icon.rotate(90)) > 3


def test_browsers_and_phones_find_icons_in_the_sizes_they_need(page: Page):
    page.goto("/")
    touch = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    picture = opened(page.request.get(touch).body())
    assert picture.size == (TOUCH_SIZE, TOUCH_SIZE)
    assert picture.mode == "RGB"  # iOS shows transparent pixels as black
    answer = page.request.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/x-icon"
    icon = opened(answer.body())
    assert icon.info["sizes"] == {(size, size) for size in FAVICON_SIZES}
