"""The icons beside the SVG mark."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

from tools.icons import FAVICON_SIZES, FOLDER, TOUCH_SIZE, draw_icons

pytestmark = pytest.mark.looks


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def difference(first: Image.Image, second: Image.Image) -> float:
    """How far two pictures of one size are apart, from 0 to 255, the mean over all pixels and colors."""
    return max(ImageStat.Stat(ImageChops.difference(first.convert("RGBA"), second.convert("RGBA"))).mean)


def test_the_icons_are_those_that_the_mark_gives(page: Page):
    for name, content in draw_icons(page).items():
        drawn, kept = opened(content), opened((FOLDER / name).read_bytes())
        assert kept.size == drawn.size
        # Another browser may smooth an edge in another way.
        assert difference(drawn, kept) < 3, f"{name} is not the mark as it is now: make icons"


def test_a_changed_mark_would_be_seen(page: Page):
    icon = opened((FOLDER / "apple-touch-icon.png").read_bytes())
    assert difference(icon, icon.rotate(90)) > 3


def test_a_browser_and_a_phone_find_icons_of_the_sizes_that_they_want(page: Page):
    page.goto("/")
    touch = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    picture = opened(page.request.get(touch).body())
    assert picture.size == (TOUCH_SIZE, TOUCH_SIZE)
    assert picture.mode == "RGB"  # Apple paints black where nothing is
    answer = page.request.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/x-icon"
    icon = opened(answer.body())
    assert icon.info["sizes"] == {(size, size) for size in FAVICON_SIZES}
