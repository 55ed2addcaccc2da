"""Draw the PNG and ICO icons from static/img/favicon.svg. `make icons` runs this."""

import os
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.helpers.live_site import PROJECT
from tools.browser_path import find_browser

FOLDER = PROJECT / "static/img"
FAVICON_SIZES = (16, 32, 48)
TOUCH_SIZE = 180
TOUCH_MARK = 148  # leaves a margin, because iOS rounds the corners
PAPER = "#fbf8f2"


def draw_icons(page: Page) -> dict[str, bytes]:
    """Render favicon.svg in `page`, and return the bytes of each icon, keyed by file name."""
    touch = Image.new("RGB", (TOUCH_SIZE, TOUCH_SIZE), PAPER)
    mark = _drawn(page, TOUCH_MARK)
    touch.paste(mark, ((TOUCH_SIZE - TOUCH_MARK) // 2,) * 2, mark)
    marks = [_drawn(page, size) for size in FAVICON_SIZES]
    sizes = [mark.size for mark in marks]
    return {
        "apple-touch-icon.png": _file(touch, "PNG", optimize=True),
        "favicon.ico": _file(marks[-1], "ICO", sizes=sizes, append_images=marks[:-1]),
    }


def _drawn(page: Page, size: int) -> Image.Image:
    """Return the mark on a transparent square of `size` pixels."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{(FOLDER / 'favicon.svg').read_text()}"
    )
    return Image.open(BytesIO(page.screenshot(omit_background=True)))


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


if __name__ == "__main__":
    browser_path = find_browser()
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        for name, content in draw_icons(browser.new_page()).items():
            (FOLDER / name).write_bytes(content)
            print(f"{name}: {len(content)} bytes")
        browser.close()
